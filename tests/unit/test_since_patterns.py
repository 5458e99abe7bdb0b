"""A query that no changed triple touches has the answer that it had."""

from __future__ import annotations

import random
from collections import Counter

import pyoxigraph as ox
import pytest

from abckg.dataset import closure
from abckg.queries import load_catalogue
from abckg.since.patterns import patterns_of
from abckg.sources import read
from small import ROOT

EX = "https://example.org/"
NODES = [ox.NamedNode(EX + name) for name in "abcd"]
VERBS = [ox.NamedNode(EX + name) for name in "pqr"]
EVERY = [ox.Triple(subject, verb, value) for subject in NODES for verb in VERBS for value in NODES]
QUERIES = [
    "SELECT * { ?x ex:p ?y }",
    "SELECT * { ?x ex:p ex:a . ?y ex:q ?x }",
    "SELECT * { ?x ?verb ex:b }",
    "SELECT (COUNT(*) AS ?n) { ?x ex:p ?y }",
    "SELECT ?x (SUM(?n) AS ?m) { { SELECT ?x (COUNT(?y) AS ?n) { ?x ex:p ?y } GROUP BY ?x } } GROUP BY ?x",
    "SELECT ?x { ?x ex:p ?y FILTER NOT EXISTS { ?x ex:q ?z } FILTER EXISTS { ?y ex:r ?w } }",
    "SELECT ?x { ?x ex:p ?y MINUS { ?x ex:q ?z } }",
    "SELECT ?x ?z { ?x ex:p ?y OPTIONAL { ?y ex:q ?z FILTER NOT EXISTS { ?z ex:r ?x } } }",
    "SELECT (EXISTS { ex:a ex:q ?x } AS ?is) {}",
    "SELECT ?x { ?x ex:p ?y } GROUP BY ?x HAVING (EXISTS { ?x ex:q ?z })",
    "SELECT * { ?x ex:p+ ?y }",
    "SELECT * { ?x ex:p* ?y }",
    "SELECT * { ?x ex:p? ex:a }",
    "SELECT * { ?x ex:p* ?y . ?y ex:q ?z }",
    "SELECT * { ?x ex:p* ?y . ?y ex:q* ?z }",
    "SELECT * { ?x (ex:p*|^ex:q)/ex:r ?y }",
    "SELECT * { ?x (ex:p?/ex:q?) ?y }",
    "SELECT * { ?x !(ex:p|^ex:q) ?y }",
    "SELECT * { { ?x ex:p ?y } UNION { GRAPH ?g { ?x ex:q ?y } } VALUES ?x { ex:a ex:b } }",
    "SELECT * { ?x ex:p ?y . { SELECT ?x { ?x ex:q* ?z } } }",
    "CONSTRUCT { ?x ex:r ?y } { ?x ex:p ?y }",
    "ASK { ex:a ex:p ?y }",
    "DESCRIBE ex:a",
]


def stored(triples: list[ox.Triple]) -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(EX + "g")) for t in triples)
    return store


def answer(store: ox.Store, query: str) -> Counter[str]:
    found = store.query(query, use_default_graph_as_union=True)
    return Counter([str(bool(found))] if isinstance(found, ox.QueryBoolean) else map(str, found))


@pytest.mark.parametrize("query", QUERIES)
def test_answer_is_the_same_where_no_changed_triple_fits_a_pattern(query: str) -> None:
    text = f"PREFIX ex: <{EX}>\n{query}"
    patterns = patterns_of(text)
    chance = random.Random(query)  # noqa: S311 - no secret
    changed = 0
    for _ in range(200):
        before = chance.sample(EVERY, chance.randrange(9))
        flipped = chance.sample(EVERY, chance.choice((1, 1, 2)))
        after = [t for t in before if t not in flipped] + [t for t in flipped if t not in before]
        if answer(stored(before), text) != answer(stored(after), text):
            changed += 1
            assert patterns.are_touched(flipped)

    assert changed


def test_what_is_far_from_a_query_does_not_touch_it() -> None:
    touched = {
        query: patterns_of(f"PREFIX ex: <{EX}>\n{query}").are_touched([ox.Triple(NODES[0], VERBS[2], NODES[1])])
        for query in QUERIES
    }

    untouched = [query for query, is_touched in touched.items() if not is_touched]
    assert len(untouched) == 10
    assert all("ex:r" not in query or query.startswith("CONSTRUCT") for query in untouched)


def test_a_query_that_cannot_be_read_may_look_at_anything() -> None:
    assert patterns_of("SELECT * {").are_touched([])
    assert patterns_of("SELECT * { SERVICE <https://example.org/> { ?x ?y ?z } }").are_touched([])


def test_few_queries_of_the_catalogue_are_touched_by_one_statement_and_the_others_answer_as_before() -> None:
    sources = read(ROOT)
    triples = [*sources.triples("data", "vocab"), *closure(sources).inferred]
    store = stored(triples)
    queries = [query.bind() for query in load_catalogue(ROOT).values()]
    patterns = {query: patterns_of(query) for query in queries}
    answers = {query: answer(store, query) for query in queries}
    chance = random.Random(20261122)  # noqa: S311 - no secret
    asked = 0
    for _ in range(20):
        gone = chance.choice(triples)
        new = ox.Triple(chance.choice(triples).subject, gone.predicate, chance.choice(triples).object)
        graph = ox.NamedNode(EX + "g")
        store.remove(ox.Quad(gone.subject, gone.predicate, gone.object, graph))
        store.add(ox.Quad(new.subject, new.predicate, new.object, graph))
        untouched = [query for query in queries if not patterns[query].are_touched([gone, new])]
        asked += len(untouched)
        assert {query: answer(store, query) for query in untouched} == {query: answers[query] for query in untouched}
        store.add(ox.Quad(gone.subject, gone.predicate, gone.object, graph))
        if new not in triples:
            store.remove(ox.Quad(new.subject, new.predicate, new.object, graph))

    assert asked > 20 * len(queries) / 2
