"""Every answer of every route has the headers for safety; what is too long or too deep is refused."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from abckg.web.security import SAFETY

HTML = "text/html"
WORDS = {
    "slug": "coins",
    "record_type": "hub",
    "extension": "ttl",
    "name": "hub/coins",
    "part": "x",
    "filename": "abc.css",
}
PAGES = ["/", "/records", "/records?class=Hub", "/page/hub/coins", "/sparql", "/sparql?query=ASK{}", "/ontology"]
PAGES += ["/queries", "/queries/hubs?run=1", "/search?q=x", "/nothing", "/sparql?query=ASK"]
XML = "CONSTRUCT { <x:a> <http://www.w3.org/1999/xhtmlscript> 'alert(1)' } WHERE { }"
OTHERS = [
    "/sparql?query=SELECT*{?s%20?p%20?o}",
    "/sparql?query=ASK{}&format=csv",
    f"/sparql?format=rdfxml&query={quote(XML)}",
    "/sparql?query=CLEAR%20ALL",
    "/api/queries/hubs?format=csv",
]


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Return method and address of every route, its variables filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: WORDS[match[1]], rule.rule)
        found += [(method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


def has_all(headers: object) -> bool:
    return dict(SAFETY) == {name: headers.get(name) for name in SAFETY}  # type: ignore[attr-defined]


@pytest.mark.parametrize("accept", ["*/*", HTML])
def test_every_route_has_the_headers_whatever_it_answers(app: Flask, client: FlaskClient, accept: str) -> None:
    lacking = []
    for method, path in [*addresses(app), *(("GET", path) for path in (*PAGES, *OTHERS))]:
        for verb in (method, "HEAD", "OPTIONS", "BREW"):
            with client.open(path, method=verb, headers={"Accept": accept}) as response:
                lacking += [] if has_all(response.headers) else [(verb, path, response.status_code)]

    assert lacking == []


def test_answer_that_is_not_modified_or_repeated_has_the_headers(client: FlaskClient) -> None:
    path = "/sparql?query=SELECT*{?s%20?p%20?o}%20LIMIT%201"
    first = client.get(path)
    again = client.get(path)
    unchanged = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert [response.status_code for response in (first, again, unchanged)] == [200, 200, 304]
    assert all(has_all(response.headers) for response in (first, again, unchanged))


def test_policy_lets_nothing_in_but_files_of_the_server() -> None:
    policy = dict(part.split(" ", 1) for part in SAFETY["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert set(policy.values()) <= {"'none'", "'self'"}


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_nothing_that_the_policy_forbids(client: FlaskClient, path: str) -> None:
    text = client.get(path, headers={"Accept": HTML}).get_data(as_text=True)

    assert "<main" in text
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
    loaded = re.findall(r"<(?:script|link|img|iframe|object|embed)\b[^>]*?\s(?:src|href|data)=\"([^\"]*)\"", text)
    assert [address for address in loaded if "://" in address and "w3id.org" not in address] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("ASK { " + "{" * 60 + "}" * 60 + " }", 200),
        ("ASK { " + "{" * 64 + "}" * 64 + " }", 403),
        ("ASK { FILTER(" + "!" * 1100 + "true) }", 403),
        ("ASK { } #" + "x" * 2000, 413),
    ],
)
def test_query_that_is_too_deep_or_too_long_is_refused(client: FlaskClient, query: str, status: int) -> None:
    assert client.post("/sparql", data=query, content_type="application/sparql-query").status_code == status


def test_address_that_is_too_long_is_refused_on_every_route(app: Flask, client: FlaskClient) -> None:
    statuses = {client.open(f"{path}?{'x' * 1600}", method=method).status_code for method, path in addresses(app)}

    assert statuses == {414}
