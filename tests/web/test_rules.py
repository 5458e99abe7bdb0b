"""The page of the rules: where the address of a finding leads."""

from __future__ import annotations

from html import unescape

import pytest

import tiny
from abckg.queries import Catalogue
from abckg.rulebook import rules_of
from abckg.settings import Settings
from abckg.web.application import create_app
from conftest import ROOT


@pytest.mark.parametrize(("language", "words"), [("ja", "検査の規則"), ("en", "What abckg validate may report")])
def test_every_rule_has_its_place_on_the_page(language: str, words: str) -> None:
    known = rules_of(ROOT)
    client = create_app(tiny.store(), Settings(), Catalogue([]), rules=lambda: known).test_client()

    page = client.get(f"/rules?lang={language}").text

    assert words in page
    assert [rule.name for rule in known if f'id="{rule.name}"' not in page] == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_example_stands_on_the_page_wrong_and_right(language: str) -> None:
    known = rules_of(ROOT)
    client = create_app(tiny.store(), Settings(), Catalogue([]), rules=lambda: known).test_client()

    page = unescape(client.get(f"/rules?lang={language}").text)

    examples = [example for rule in known for example in rule.examples]
    assert page.count('<div class="pair">') == len(examples)
    for example in examples:
        for lines, tag in ((example.wrong, "del"), (example.right, "ins")):
            changed = [line.text for line in lines if line.kind == "changed" and line.text]
            assert [text for text in changed if f"<{tag}>{text}\n</{tag}>" not in page] == []


def test_page_says_nothing_where_no_rules_are_at_hand() -> None:
    client = create_app(tiny.store(), Settings(), Catalogue([])).test_client()

    assert client.get("/rules").status_code == 200
