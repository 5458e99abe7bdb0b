"""The page of the rules: where the address of a finding leads."""

from __future__ import annotations

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


def test_page_says_nothing_where_no_rules_are_at_hand() -> None:
    client = create_app(tiny.store(), Settings(), Catalogue([])).test_client()

    assert client.get("/rules").status_code == 200
