"""Each rule of rewriting on an example, what looks like it and stays, and the statistics that answer counts."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.errors import QuerySyntaxError
from abckg.rewriting.patterns import Query
from abckg.rewriting.reader import read_patterns
from abckg.rewriting.rewriter import Rewriter
from abckg.rewriting.statistics import PredicateCounts, Statistics, collect, read_statistics, write_statistics
from abckg.store import DatasetSelection, EmbeddedStore

PREFIX = "PREFIX n: <http://n/>\n"
TURTLE = """\
@prefix n: <http://n/> .
n:a a n:C ; n:in n:x ; n:year 1 .
n:b a n:C ; n:in n:y ; n:year 2 .
n:c a n:D ; n:year 2 .
n:x n:partOf n:y .
"""

REWRITTEN = [
    (
        "SELECT ?o WHERE { ?o n:in/n:partOf* n:y }",
        "SELECT ?o WHERE { _:abckg0 n:partOf* n:y . ?o n:in _:abckg0 . }",
    ),
    (
        "SELECT ?o { ?o a n:C ; n:in/n:partOf+ n:y FILTER(?o != n:z) }",
        "SELECT ?o { _:abckg0 n:partOf+ n:y . ?o a n:C . ?o n:in _:abckg0 . FILTER(?o != n:z) }",
    ),
    (
        "SELECT * { ?m n:p ?o . FILTER(?o = n:a) }",
        "SELECT * { VALUES ?o { n:a } ?m n:p ?o . FILTER(?o = n:a) }",
    ),
    (
        "ASK { ?m n:p ?o FILTER(BOUND(?m) && ?o IN (n:a, <http://n/a>, n:b)) }",
        "ASK { VALUES ?o { <http://n/a> n:b } ?m n:p ?o . FILTER(BOUND(?m) && ?o IN (n:a, <http://n/a>, n:b)) }",
    ),
    (
        "ASK { OPTIONAL { ?m n:p ?o FILTER(sameTerm(?o, n:a) || n:b = ?o) } }",
        "ASK { OPTIONAL { VALUES ?o { n:a n:b } ?m n:p ?o . FILTER(sameTerm(?o, n:a) || n:b = ?o) } }",
    ),
    (
        "SELECT ?o { ?o a n:C FILTER NOT EXISTS { ?s a n:D . ?s n:q ?o } }",
        "SELECT ?o { ?o a n:C FILTER NOT EXISTS { ?s n:q ?o . FILTER EXISTS { ?s a n:D . } } }",
    ),
]

UNCHANGED = {
    "a path from a node": "SELECT ?o { n:a n:in/n:partOf* ?o }",
    "two paths that may be empty": "SELECT ?o { ?o n:in/n:partOf* n:y ; n:q* ?z }",
    "a literal": "SELECT * { ?m n:p ?o FILTER(?o = 1) }",
    "a literal in the list": "SELECT * { ?m n:p ?o FILTER(?o IN (n:a, 1)) }",
    "another operator": "SELECT * { ?m n:p ?o FILTER(?o != n:a) }",
    "a negation": "SELECT * { ?m n:p ?o FILTER(!(?o = n:a)) }",
    "another alternative": "SELECT * { ?m n:p ?o FILTER(?o = n:a || ?m = n:b) }",
    "an optional variable": "SELECT * { ?m n:p ?x OPTIONAL { ?m n:q ?o } FILTER(?o = n:a) }",
    "a variable bound after OPTIONAL": "SELECT * { ?m n:p ?x OPTIONAL { ?m n:q ?o } ?o n:r ?z FILTER(?o = n:a) }",
    "a variable bound by BIND": "SELECT * { ?m n:p ?x BIND(?x AS ?o) FILTER(?o = n:a) }",
    "a variable bound by a path that may be empty": "SELECT * { ?m n:p* ?o FILTER(?o = n:a) }",
    "an undeclared prefix": "SELECT * { ?m n:p ?o FILTER(?o = m:a) }",
    "an IRI with dot segments": "SELECT * { ?m n:p ?o FILTER(?o IN (<http://n/b/../a>, n:a)) }",
    "FROM": "SELECT * FROM n:g { ?m n:p ?o FILTER(?o = n:a) }",
    "a blank node": "SELECT * { ?m n:p ?o ; n:q [] FILTER(?o = n:a) }",
    "an EXISTS that is not joined": "SELECT ?o { ?o a n:C FILTER NOT EXISTS { ?s a n:D . ?s n:q ?t } }",
    "an EXISTS with a variable of another group": (
        "SELECT * { ?z n:q ?y { ?y n:q ?x FILTER EXISTS { ?y n:q ?z . ?z n:q ?x } } }"
    ),
    "words in a literal": "SELECT * { ?m n:p 'FILTER(?m = n:a)' }",
    "an escape": "SELECT * { ?m n:p ?o FILTER(?o = n:\\u0061) }",
    "DESCRIBE": "DESCRIBE ?o { ?m n:p ?o FILTER(?o = n:a) }",
    "an update": "INSERT { n:a n:p ?o } WHERE { ?m n:p ?o FILTER(?o = n:a) }",
    "a number with its sign": "SELECT * { ?m n:p +5 ; n:q ?o FILTER(?o = n:a) }",
}

COUNTED = [
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "SELECT (COUNT(?s) AS ?n) (COUNT(*) AS ?m) { ?a n:year ?b . ?s n:year ?b }",
    "SELECT ?c (COUNT(*) AS ?n) WHERE { ?s a ?c } GROUP BY ?c ORDER BY DESC(?n)",
    "SELECT ?p (COUNT(?o) AS ?n) WHERE { ?s ?p ?o . } GROUP BY ?p ORDER BY ?p LIMIT 2",
    "SELECT DISTINCT ?p { ?s ?p ?o } ORDER BY ?p",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a n:C }",
    "SELECT (COUNT(*) AS ?n) { ?s n:year ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s n:none ?o }",
]


@pytest.fixture
def graph() -> ox.Store:
    store = ox.Store()
    store.load(TURTLE.encode(), format=ox.RdfFormat.TURTLE)
    return store


def rewritten(text: str, statistics: Statistics | None = None) -> str:
    return Rewriter(lambda: statistics).rewrite(PREFIX + text).text.removeprefix(PREFIX)


@pytest.mark.parametrize(("text", "expected"), REWRITTEN, ids=[text for text, _ in REWRITTEN])
def test_query_is_rewritten(text: str, expected: str) -> None:
    assert rewritten(text) == expected


@pytest.mark.parametrize("text", UNCHANGED.values(), ids=list(UNCHANGED))
def test_query_that_only_looks_like_it_stays_as_it_is(text: str) -> None:
    assert rewritten(text) == text


def test_a_long_text_is_not_read_and_a_hostile_one_is_read_at_once() -> None:
    assert rewritten(long := f"{REWRITTEN[0][0]} #{'x' * 10_000}") == long
    for text in ("a." * 4900, "'" * 9900, "x:a" + "." * 9900, "<" * 9900, "(" * 9900, "{ " * 4900):
        assert read_patterns(f"SELECT * {{ ?s ?p {text}") is None


def test_names_with_digits_are_told_apart_and_values_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    rewriter, read = Rewriter(lambda: None), list[str]()

    def reading(text: str) -> Query | None:
        read.append(text)
        return read_patterns(text)

    monkeypatch.setattr("abckg.rewriting.rewriter.read_patterns", reading)
    asked = [f"SELECT * {{ ?s n:p1 ?m1 FILTER(?m{name} = <u:{name}>) }} LIMIT {name} # {name} '" for name in (2, 31, 1)]
    values = [f"SELECT * {{ ?s n:p1 '{value}', {value} }} LIMIT {value}# {value}" for value in (5, 67)]

    changed = [rewriter.rewrite(PREFIX + text).text != PREFIX + text for text in (*asked, *values)]

    assert changed == [False, False, True, False, False]
    assert read == [PREFIX + text for text in (*asked, values[0])]


def test_a_fresh_blank_node_is_none_of_the_query() -> None:
    assert "_:abckg1 n:b*" in rewritten("SELECT * { ?x n:a/n:b* n:c . ?x n:p '_:abckg0' }")


def test_the_triple_that_fewest_match_comes_first() -> None:
    many, few = PredicateCounts(500, {"<http://n/C>": 500}, 1, 500), PredicateCounts(100, {}, 1, 2)
    statistics = Statistics(600, {"http://n/kind": many, "http://n/year": few})
    text = "SELECT * { ?x n:kind n:C ; n:label ?l ; n:year 1 }"

    assert rewritten(text, statistics) == "SELECT * { ?x n:year 1 . ?x n:kind n:C . ?x n:label ?l . }"
    assert rewritten(text) == text


@pytest.mark.parametrize("text", COUNTED)
def test_counts_are_those_of_the_engine(text: str, graph: ox.Store) -> None:
    store = EmbeddedStore(graph, "1", lambda: collect(graph))

    assert list(store.query(PREFIX + text).rows()) == list(EmbeddedStore(graph, "1").query(PREFIX + text).rows())


def test_counts_come_from_the_statistics_and_only_for_the_default_graph() -> None:
    store = EmbeddedStore(ox.Store(), "1", lambda: Statistics(7, {}))
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"

    assert [str(term) for (term,) in store.query(text).rows()] == ['"7"^^<http://www.w3.org/2001/XMLSchema#integer>']
    for answer in (store.query(text, inference=False), store.query(text, dataset=DatasetSelection(("http://n/g",)))):
        assert [term.value for (term,) in answer.rows() if isinstance(term, ox.Literal)] == ["0"]


def test_statistics_of_another_version_are_none(tmp_path: Path, graph: ox.Store) -> None:
    statistics = collect(graph)
    write_statistics(tmp_path / "store", statistics, "1")

    assert read_statistics(tmp_path / "store", "1") == statistics
    assert read_statistics(tmp_path / "store", "2") is None
    assert read_statistics(tmp_path / "other", "1") is None


def test_a_syntax_error_is_told_where_it_is_in_the_original() -> None:
    text = "SELECT *\n{ ?m <http://n/p> ?o FILTER(?o = <http://n/a>) }\nORDER BY"

    with pytest.raises(QuerySyntaxError) as caught:
        EmbeddedStore(ox.Store(), "1").query(text)

    assert read_patterns(text) is not None
    assert (caught.value.line, caught.value.column) == (3, 9)
