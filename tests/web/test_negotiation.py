"""The choice of a media type."""

from __future__ import annotations

import pytest

from abckg.web.negotiation import best_media_type, prefers_html

OFFERS = ("text/turtle", "application/n-triples", "text/html")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("*", "text/turtle"),
        (BROWSER, "text/html"),
        ("text/html;q=0.5, application/n-triples;q=0.6", "application/n-triples"),
        ("text/*;q=0.3, text/html;q=0.2, application/*;q=0.1", "text/turtle"),
        ("text/turtle;q=0, */*", "application/n-triples"),
        ("text/turtle;q=0, application/n-triples;q=0.0, */*;q=0.1", "text/html"),
        ("application/n-triples; charset=utf-8", "application/n-triples"),
        ("TEXT/HTML", "text/html"),
        ("text/html;q=nonsense, text/turtle;q=0.1", "text/turtle"),
        ("image/png", None),
        ("text/turtle;q=0", None),
        ("nonsense", None),
    ],
)
def test_best_media_type_follows_quality_then_specificity_then_the_servers_order(accept: str, best: str) -> None:
    assert best_media_type(accept, OFFERS) == best


@pytest.mark.parametrize(("accept", "expected"), [(BROWSER, True), ("*/*", False), ("application/json", False)])
def test_page_is_only_for_those_who_would_rather_have_it(accept: str, *, expected: bool) -> None:
    assert prefers_html(accept, "application/problem+json") is expected
