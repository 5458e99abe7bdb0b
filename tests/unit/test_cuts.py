"""A query that is cut has the rows that come first: on random numbers, and where the cut leaves too few."""

from __future__ import annotations

import random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abckg.rewriting.rewriter import Rewriter
from abckg.rewriting.statistics import Statistics, collect
from abckg.store import EmbeddedStore

PREFIX = "PREFIX n: <http://n/>\n"
TEXT = "SELECT ?x ?v { ?x n:size ?v } ORDER BY DESC(?v) LIMIT 5"


@pytest.fixture(scope="module")
def graph() -> ox.Store:
    """Return a graph with numbers of many and of few values, and words among some of them."""
    choice = random.Random(5)  # noqa: S311 - the same numbers each time
    lines = []
    for number in range(4000):
        size = choice.choice([choice.randint(-5, 90), round(choice.random() * 10 ** choice.randint(0, 4), 2)])
        lines.append(f"n:x{number} n:size {size} ; n:year {choice.randint(1990, 2020)} ; n:mixed {number}")
        if number % 3 == 0:
            lines.append(f"n:x{number} n:label 'x{number}'")
    lines += ["n:x1 n:mixed 'word'", "n:top n:size 1000000", "n:top n:year 2020"]
    store = ox.Store()
    store.load(f"@prefix n: <http://n/> . {' . '.join(lines)} .".encode(), format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def statistics(graph: ox.Store) -> Statistics:
    return collect(graph)


def ranked(store: EmbeddedStore, text: str) -> list[str]:
    """Return the values sorted by, in the order of the rows."""
    answer = store.query(PREFIX + text)
    column = answer.variables.index("v")
    return [str(row[column]) for row in answer.rows()]


@settings(max_examples=60, deadline=None)
@given(
    predicate=st.sampled_from(["size", "year", "mixed"]),
    order=st.sampled_from(["?v", "DESC(?v)", "ASC(?v) ?x", "DESC(?v) STR(?x)"]),
    more=st.sampled_from(["", "; n:label ?label", "; n:year ?year", "OPTIONAL { ?x n:label ?label }", "; n:none ?z"]),
    limit=st.integers(1, 40),
    offset=st.sampled_from(["", "OFFSET 3", "OFFSET 900"]),
)
def test_the_first_rows_are_those_of_the_original(
    predicate: str, order: str, more: str, limit: int, offset: str, graph: ox.Store, statistics: Statistics
) -> None:
    text = f"SELECT * {{ ?x n:{predicate} ?v {more} }} ORDER BY {order} LIMIT {limit} {offset}"

    cut, original = EmbeddedStore(graph, "1", lambda: statistics), EmbeddedStore(graph, "1")

    assert ranked(cut, text) == ranked(original, text)


def test_numbers_are_cut(statistics: Statistics) -> None:
    rewritten = Rewriter(lambda: statistics).rewrite(PREFIX + TEXT)

    assert "FILTER(?v >= " in rewritten.text
    assert rewritten.rows == 5


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("n:size", "n:mixed"),
        TEXT.replace("SELECT", "SELECT DISTINCT"),
        TEXT.replace("?v }", "?v FILTER(?x != n:x1) }"),
        TEXT.replace("?v }", "?v MINUS { ?x n:year 2000 } }"),
        TEXT.replace("?v }", "?v ; n:year 2000 }"),
        TEXT.replace("DESC(?v)", "DESC(-?v)"),
        TEXT.replace("LIMIT 5", "LIMIT 5000"),
        TEXT.replace("LIMIT 5", ""),
        "SELECT (MAX(?v) AS ?m) { ?x n:size ?v } GROUP BY ?x ORDER BY ?v LIMIT 5",
    ],
)
def test_what_may_have_fewer_rows_or_another_order_is_not_cut(text: str, statistics: Statistics) -> None:
    assert Rewriter(lambda: statistics).rewrite(PREFIX + text).rows == 0


def test_an_answer_with_too_few_rows_is_asked_again_in_full(graph: ox.Store, statistics: Statistics) -> None:
    other = ox.Store()
    other.update(f"{PREFIX}INSERT DATA {{ n:a n:size 1 . n:b n:size 2 . n:c n:size 3 . n:d n:size 99999 }}")

    answer = ranked(EmbeddedStore(other, "1", lambda: statistics), TEXT)

    assert len(answer) == 4
