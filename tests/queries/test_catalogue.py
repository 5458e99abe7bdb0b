"""The published queries: complete headers, prefixes as everywhere, answers as expected, nothing looked up elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abckg.namespaces import load_prefixes
from abckg.queries import HEADER_KEYS, Query, load_catalogue, read_header
from abckg.safety import is_volatile
from abckg.store import EmbeddedStore

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load_catalogue(ROOT)
PREFIXES = load_prefixes(ROOT)


@pytest.fixture(params=CATALOGUE, ids=str)
def query(request: pytest.FixtureRequest) -> Query:
    return CATALOGUE[request.param]


def test_query_meets_its_expectation(query: Query, store: EmbeddedStore) -> None:
    rows = len(list(store.query(query.bind()).rows()))

    assert rows == query.expect if isinstance(query.expect, int) else (rows > 0) == (query.expect == "nonempty")


def test_header_has_the_question_in_both_languages_and_only_known_keys(query: Query) -> None:
    path = ROOT / "data/queries" / f"{query.slug}.rq"

    assert set(read_header(path, path.read_text(encoding="utf-8"))) <= HEADER_KEYS
    assert query.summary
    assert query.summary_ja
    assert query.tags
    assert re.fullmatch(r"[a-z][a-z-]*", query.slug)


def test_prefixes_are_those_of_the_list_in_order_and_all_used(query: Query) -> None:
    declared = re.findall(r"^PREFIX ([\w-]+): <([^>]*)>$", query.text, re.MULTILINE)
    body = query.text[query.text.rindex("PREFIX") :] if declared else query.text

    assert declared == sorted(declared)
    assert all(PREFIXES.get(label) == namespace for label, namespace in declared)
    assert [label for label, _ in declared[:-1] if f"{label}:" not in body] == []


def test_answer_is_the_same_every_time(query: Query) -> None:
    assert not is_volatile(query.text)
    assert "SELECT *" not in query.text
    assert "ORDER BY" in query.text or query.expect == 1


def test_ten_queries_are_featured() -> None:
    assert sum("featured" in query.tags for query in CATALOGUE.values()) == 10
