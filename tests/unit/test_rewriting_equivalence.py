"""A rewritten query has the solutions of the original one: on random graphs, and for every query of the catalogue."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abckg.queries import load_catalogue
from abckg.rewriting.rewriter import Rewriter
from abckg.rewriting.statistics import PredicateCounts, Statistics, collect, read_statistics
from abckg.store import store_version
from conformance.manifest import MISSING, SUITES

ROOT = Path(__file__).resolve().parents[2]
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
NAMESPACE = "http://n/"
PREFIX = f"PREFIX n: <{NAMESPACE}> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
NODES = [f"n:{name}" for name in "abc"]
PREDICATES = ["n:p", "n:q", "a"]
LITERALS = ["1", '"x"@en']
VARIABLES = ["?x", "?y", "?z"]
SIZES = PredicateCounts(1000, None, 5, 5)


class Asker:
    """Writes queries of the shapes that are rewritten, and of those that look like them."""

    def __init__(self, choice: random.Random) -> None:
        self.pick = choice.choice
        self.chance = choice.random
        self.number = choice.randint

    def node(self) -> str:
        return self.pick(NODES) if self.chance() < 0.8 else f"<{NAMESPACE}{self.pick('abc')}>"

    def path(self) -> str:
        if self.chance() < 0.75:
            return self.pick(PREDICATES)
        last = self.pick(["n:p*", "n:q*", "n:q+", "(n:p|n:q)*", "^n:p*", "n:q?", "n:q"])
        return f"{self.pick(['n:p', 'n:q', '^n:q', 'n:p/n:q', 'n:p*'])}/{last}"

    def triple(self) -> str:
        subject = self.pick(VARIABLES) if self.chance() < 0.95 else self.node()
        path = self.pick(["?p", "?x"]) if self.chance() < 0.07 else self.path()
        value = self.pick(VARIABLES) if self.chance() < (0.3 if "/" in path else 0.8) else self.node()
        return f"{subject} {path} {self.pick(LITERALS) if self.chance() < 0.03 else value}"

    def triples(self, most: int) -> str:
        text = " . ".join(self.triple() for _ in range(self.number(1, most)))
        if self.chance() < 0.3:
            text += f" ; {self.path()} {self.pick([*VARIABLES, *NODES])}"
        return text + self.pick([" .", " . ", " "])

    def equation(self, variable: str) -> str:
        node, other = self.node(), self.node()
        return self.pick(
            [f"{variable} = {node}", f"{node} = {variable}", f"sameTerm({variable}, {node})"]
            + [f"{variable} IN ({node}, {other}, {node})", f"({variable} = {node} || {other} = {variable})"] * 2
            + [f"{variable} != {node}", f"{variable} NOT IN ({node})", f"!({variable} = {node})"]
            + [f"{variable} IN ({node}, 1)", f"{variable} = 1", f"{variable} = ?z || {variable} = {node}"]
            + [f"isIRI({variable}) && {variable} IN ({node})", f"BOUND(?y) || {variable} = {node}"]
        )

    def filter(self) -> str:
        if self.chance() < 0.45:
            inner = self.triples(3)
            if self.chance() < 0.7:  # most have variables of their own
                inner = inner.replace(self.pick(VARIABLES), f"?own{self.number(0, 999_999)}")
            return f"FILTER {self.pick(['', 'NOT '])}EXISTS {{ {inner} }}"
        text = f"({self.equation(self.pick(VARIABLES))})"
        return f"FILTER{text if self.chance() < 0.8 else f'({text} && {self.equation(self.pick(VARIABLES))})'}"

    def other(self, depth: int) -> str:
        inner = self.group(depth - 1)
        value = self.pick([*NODES, *LITERALS])
        return self.pick(
            [
                f"OPTIONAL {inner}",
                f"MINUS {inner}",
                f"{inner} UNION {self.group(depth - 1)}",
                inner,
                f"BIND({value} AS ?v{self.number(0, 999_999)})",
                f"VALUES {self.pick(VARIABLES)} {{ {value} UNDEF }}",
                f"{{ SELECT ?x (COUNT(*) AS ?k) WHERE {inner} GROUP BY ?x }}",
                f"{{ SELECT DISTINCT ?x ?y WHERE {inner} }}",
                f"GRAPH n:g {inner}",
                f"GRAPH ?g {inner}",
            ]
        )

    def group(self, depth: int = 2) -> str:
        parts = [self.triples(2)] if self.chance() < 0.9 else []
        parts += [self.filter() for _ in range(self.pick([0, 1, 1]) if depth == 2 else self.pick([0, 0, 1]))]
        if depth:
            parts += [self.other(depth) for _ in range(self.pick([0, 1]))]
        if self.chance() < 0.3:
            parts.append(self.triples(1))
        return f"{{ {' '.join(parts)} }}"

    def query(self) -> str:
        head = self.pick(
            ["*", "DISTINCT *", "?x ?y ?z", "DISTINCT ?x", "(COUNT(*) AS ?count)", "(COUNT(?x) AS ?count)"]
        )
        return f"{PREFIX}SELECT {head} WHERE {self.group()}"

    def count(self) -> str:
        """Return a query that counts a pattern, or one that looks like it."""
        predicate = self.pick(["?p", "?p", *PREDICATES, "n:none"])
        value = self.pick(["?o", "?o", "?o", "?s", "n:a", "n:none", "1"])
        number = self.pick(
            ["COUNT(*)", "COUNT(*)", "COUNT(?s)", "COUNT(?o)", "COUNT(DISTINCT ?s)", "COUNT(DISTINCT *)"]
        )
        by = self.pick(["", "?p", "?o", "?s"])
        columns = self.pick([f"({number} AS ?n)", f"{by} ({number} AS ?n)", by or "?p", f"({number} AS ?n) {by}"])
        distinct = self.pick(["", "", "DISTINCT "])
        order = self.pick(["", "ORDER BY ?n", f"ORDER BY DESC(?n) {by}", "ORDER BY ?s"])
        grouped = f"GROUP BY {by}" if by and self.chance() < 0.8 else ""
        tail = f"{grouped} {order} {self.pick(['', '', 'HAVING (COUNT(*) > 1)', 'VALUES ?n { 1 }'])}"
        return f"{PREFIX}SELECT {distinct}{columns} WHERE {{ ?s {predicate} {value} }} {tail}"


def random_store(choice: random.Random) -> ox.Store:
    store = ox.Store()
    lines = []
    for _ in range(choice.choice((0, 5, 15, 15, 25, 25))):
        subject = choice.choice([*NODES, *NODES, *NODES, "_:b"])
        value = choice.choice([*NODES, *NODES, *NODES, *LITERALS, "_:b", "n:p"])
        lines.append(f"{subject} {choice.choice(PREDICATES)} {value}")
    text = " . ".join(lines)
    store.update(
        f"{PREFIX}INSERT DATA {{ {text} . GRAPH n:g {{ {' . '.join(lines[:8])} }} }}" if lines else "CLEAR ALL"
    )
    return store


def solutions(store: ox.Store, text: str) -> tuple[object, Counter[str]] | None:
    """Return the variables and the solutions with how often each comes; None where the text is refused."""
    try:
        found = store.query(text)
    except SyntaxError:
        return None
    if isinstance(found, ox.QuerySolutions):
        return [variable.value for variable in found.variables], Counter(str(list(row)) for row in found)
    if isinstance(found, ox.QueryBoolean):
        return bool(found), Counter()
    return "graph", Counter(map(str, found))


def invented(choice: random.Random) -> Statistics:
    """Return counts that lead to any order of the patterns."""
    names = [f"{NAMESPACE}{name}" for name in "pq"] + [RDF_TYPE]
    counts = [PredicateCounts(choice.randint(0, 1000), None, choice.random() * 9, choice.random() * 99) for _ in names]
    return Statistics(1000, dict(zip(names, counts, strict=True)))


def compare(store: ox.Store, text: str, rewritten: str) -> None:
    expected = solutions(store, text)
    if rewritten != text:
        assert solutions(store, rewritten) == expected, rewritten


@settings(max_examples=300, deadline=None)
@given(choice=st.randoms(use_true_random=True))
def test_rewritten_patterns_have_the_solutions_of_the_original(choice: random.Random) -> None:
    asker, store = Asker(choice), random_store(choice)
    for statistics in (None, invented(choice)):
        rewriter = Rewriter(lambda counts=statistics: counts)  # type: ignore[misc]
        for _ in range(6):
            text = asker.query()
            compare(store, text, rewriter.rewrite(text, is_whole=False).text)


@settings(max_examples=150, deadline=None)
@given(choice=st.randoms(use_true_random=True))
def test_counts_from_the_statistics_are_those_of_the_graph(choice: random.Random) -> None:
    asker, store = Asker(choice), random_store(choice)
    statistics = collect(store)
    rewriter = Rewriter(lambda: statistics)
    for _ in range(12):
        text = asker.count()
        compare(store, text, rewriter.rewrite(text).text)


def test_the_random_queries_are_rewritten_often_enough_to_tell() -> None:
    asker = Asker(random.Random(1))  # noqa: S311 - the same queries each time
    texts, counts = [asker.query() for _ in range(300)], [asker.count() for _ in range(300)]
    known = Statistics(9, {f"{NAMESPACE}{name}": PredicateCounts(3, {"<http://n/a>": 3}, 1, 3) for name in "pq"})

    assert sum(Rewriter(lambda: None).rewrite(text).text != text for text in texts) > 90
    assert sum(Rewriter(lambda: known).rewrite(text).text != text for text in counts) > 20


def catalogue() -> list[str]:
    return [query.bind() for query in load_catalogue(ROOT).values()]


def test_the_catalogue_has_the_same_answers(built: Path) -> None:
    path = built / "store"
    store, statistics = ox.Store.read_only(str(path)), read_statistics(path, store_version(path))
    assert statistics is not None
    rewriter = Rewriter(lambda: statistics)
    pairs = [(text, rewriter.rewrite(text).text) for text in catalogue()]

    for text, rewritten in pairs:
        if rewritten != text:
            assert solutions(store, rewritten) == solutions(store, text), rewritten


def test_the_queries_of_w3c_have_the_same_answers() -> None:
    if not SUITES.is_dir():
        pytest.skip(MISSING)
    store = ox.Store()
    for path in sorted(SUITES.rglob("data*.ttl")):
        store.load(path=path, base_iri=path.as_uri())
    statistics = collect(store)

    for path in sorted(SUITES.rglob("*.rq")):
        text = path.read_text(encoding="utf-8")
        assert solutions(store, Rewriter(lambda: statistics).rewrite(text).text) == solutions(store, text)
