"""Incremental validation: after any edit it finds what a full run finds."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from abckg.checks import CHECK_FOLDER, Check, Hit, hits, load_checks
from abckg.dataset import closure
from abckg.namespaces import ABC, ID, RDF, SKOS
from abckg.shacl.data import data_graph
from abckg.shacl.engines import ENGINES, EngineName
from abckg.shacl.reference import check_graph, flatten
from abckg.shacl.results import Result
from abckg.since.affected import focus_nodes
from abckg.since.baseline import Baseline, Delta, describe, record_delta
from abckg.since.chains import dependencies
from abckg.since.errors import Unbounded
from abckg.since.index import DATA, INFERRED, Index, contents
from abckg.since.inference import update
from abckg.since.outcome import outcome
from abckg.since.patterns import patterns_of
from abckg.since.rows import bindings
from abckg.sources import SourceFile, Sources, read, to_rdflib
from abckg.turtle import parse
from small import lineage, programme, put, write_small

HERE = Path(__file__).resolve().parents[1]
FIXTURES = ("membership", "observation", "collaboration", "fact-record", "award", "place", "statement-item", "passage")
CASES = 126
EDITS = 500

Triples = frozenset[ox.Triple]


@dataclass(frozen=True)
class World:
    """A small dataset, its index and the rules over it; the index is put back after each case."""

    sources: Sources
    baseline: Baseline
    checks: list[Check]
    data: Triples
    shapes: rdflib.Graph
    quads: list[ox.Quad]

    def full(self, data: Triples) -> tuple[set[str], set[str], bool]:
        """Return the results, rows and clashes of a full run; the index must hold the state already."""
        other = Sources(
            self.sources.root,
            self.sources.prefixes,
            (*(f for f in self.sources.files if f.kind != "data"), SourceFile(Path("data/x"), "data", "", tuple(data))),
        )
        concluded = closure(other)
        assert set(self.baseline.index.all(DATA)) == data
        assert set(self.baseline.index.all(INFERRED)) == set(concluded.inferred)
        results = {spelled(result) for result in check_graph(data_graph(other), self.shapes)}
        rows = {f"{check.name} {hit}" for check in self.checks for hit in self.rows(check)}
        return results, rows, bool(concluded.clashes)

    def rows(self, check: Check) -> set[Hit]:
        return set(hits(self.baseline.index.ask(check.text)))


def spelled(result: Result) -> str:
    return f"{result.focus} {result.path} {result.value!r} {result.shape} {result.component}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    root = write_small(tmp_path_factory.mktemp("since") / "small")
    for number in range(6):
        put(root, f"data/programme/p{number}.ttl", programme(f"p{number}", f"P{number}"))
        put(root, f"data/lineage/l{number}.ttl", lineage(f"l{number}", f"p{number}", f"p{(number + 1) % 6}"))
    (root / "data/lineage/l5.ttl").unlink()
    sources = read(root)
    known = {f.record for f in sources.files}
    for path in (path for topic in FIXTURES for path in sorted((HERE / "shapes" / topic / "valid").glob("*.ttl"))):
        by_record: dict[str, list[ox.Triple]] = {}
        for triple in parse(path.read_text(encoding="utf-8"), path):
            assert isinstance(triple.subject, ox.NamedNode)
            record = "/".join(triple.subject.value.removeprefix(ID).split("/")[:2])
            by_record.setdefault(record, []).append(triple)
        files = tuple(
            SourceFile(Path(f"data/{record}.ttl"), "data", "", tuple(triples))
            for record, triples in by_record.items()
            if ID + record not in known and not known.add(ID + record)  # type: ignore[func-returns-value]
        )
        sources = Sources(root, sources.prefixes, sources.files + files)
    checks = load_checks(root)
    names = ((CHECK_FOLDER / f"{check.name}-violation.rq").as_posix() for check in checks)
    facts = describe(sources, {name: patterns_of(check.text) for name, check in zip(names, checks, strict=True)})
    quads = list(contents(sources, closure(sources).inferred))
    store = ox.Store()
    store.bulk_extend(quads)
    baseline = Baseline.of(Index(store), json.loads(json.dumps(facts)))
    data = frozenset(sources.triples("data"))
    return World(sources, baseline, checks, data, to_rdflib(sources.triples("shapes")), quads)


def record_of(triple: ox.Triple) -> str:
    assert isinstance(triple.subject, ox.NamedNode)
    return "/".join(triple.subject.value.removeprefix(ID).split("/")[:2])


def edited(data: Triples, chance: random.Random) -> Triples:
    """Return the records after one edit of a kind that curators make, or that goes wrong for them."""
    ordered = sorted(data, key=str)
    triple, other = chance.choice(ordered), chance.choice(ordered)
    match chance.randrange(9):
        case 0:  # a statement is gone
            return data - {triple}
        case 1:  # a value of another statement stands in its place
            return data - {triple} | {ox.Triple(triple.subject, triple.predicate, other.object)}
        case 2:  # a statement is added
            return data | {ox.Triple(triple.subject, other.predicate, chance.choice(ordered).object)}
        case 3:  # a record is gone
            return frozenset(t for t in data if record_of(t) != record_of(triple))
        case 4:  # a reference leads nowhere
            nowhere = ox.NamedNode(f"{ID}programme/nowhere{chance.randrange(3)}")
            return data - {triple} | {ox.Triple(triple.subject, triple.predicate, nowhere)}
        case 5:  # a type is added, changed or gone
            kinds = [t for t in ordered if t.predicate.value == f"{RDF}type"]
            one, another = chance.choice(kinds), chance.choice(kinds)
            kept = data - {one} if chance.random() < 0.6 else data
            return kept | {ox.Triple(one.subject, one.predicate, another.object)} if chance.random() < 0.7 else kept
        case 6:  # a name is another's
            names = [t for t in ordered if t.predicate.value == f"{SKOS}prefLabel"]
            one, another = chance.choice(names), chance.choice(names)
            return data - {one} | {ox.Triple(one.subject, one.predicate, another.object)}
        case 7:  # a record is copied under another name
            old = f"{ID}{record_of(triple)}"
            return data | {moved(t, old, f"{old}-copy") for t in data if record_of(t) == record_of(triple)}
        case _:  # a lineage runs on, or in a circle
            events = [t for t in ordered if t.predicate.value == f"{ABC}lineageOutput"]
            step = chance.choice(events or ordered)
            goal = chance.choice([t for t in ordered if record_of(t).startswith("programme/")] or ordered)
            return data - {step} | {ox.Triple(step.subject, step.predicate, goal.subject)}


def moved(triple: ox.Triple, old: str, new: str) -> ox.Triple:
    def other(term: object) -> object:
        within = isinstance(term, ox.NamedNode) and f"{term.value}/".startswith(f"{old}/")
        return ox.NamedNode(new + term.value.removeprefix(old)) if within and isinstance(term, ox.NamedNode) else term

    return ox.Triple(other(triple.subject), triple.predicate, other(triple.object))  # type: ignore[arg-type]


def test_five_hundred_random_edits_are_found_like_by_a_full_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    flat = flatten(world.shapes)  # the same in each full run
    monkeypatch.setattr(
        "abckg.shacl.reference.flatten", lambda shapes: flat if shapes is world.shapes else flatten(shapes)
    )
    chance = random.Random(20261122)  # noqa: S311 - no secret
    before = world.full(world.data)
    edits = whole = 0
    for case in range(CASES):
        data = world.data
        for _ in range(min(EDITS - edits, 1 + case % 7)):
            data, edits = edited(data, chance), edits + 1
        added, removed = data - world.data, world.data - data

        try:
            found = outcome(world.baseline, Delta(added, removed), world.checks)
        except Unbounded:  # everything would be checked
            whole += 1
            world.baseline.index.store.clear()
            world.baseline.index.store.bulk_extend(world.quads)
            continue

        after = world.full(data)
        results = {spelled(result) for result in found.results}
        rows = {f"{check.name} {hit}" for check, hit in found.hits}
        assert after[0] - before[0] <= results <= after[0], case
        assert after[1] - before[1] <= rows <= after[1], case
        assert found.is_suspect == after[2], case
        update(world.baseline.index, world.baseline.axioms, added, removed)
    assert edits == EDITS
    assert whole < CASES / 5
    assert world.full(world.data) == before


def test_both_engines_find_the_same_of_a_change(world: World) -> None:
    chance = random.Random(3)  # noqa: S311 - no secret
    compared = 0
    for _ in range(8):
        data = edited(edited(world.data, chance), chance)
        added, removed = data - world.data, world.data - data
        found: dict[EngineName, set[str]] = {}
        for engine in ENGINES:
            try:
                outcome_of = outcome(world.baseline, Delta(added, removed), [], engine=engine)
            except Unbounded:
                world.baseline.index.store.clear()
                world.baseline.index.store.bulk_extend(world.quads)
                continue
            found[engine] = {spelled(result) for result in outcome_of.results}
            update(world.baseline.index, world.baseline.axioms, added, removed)
        if found:
            assert found["fast"] == found["pyshacl"] == found["auto"]
            compared += bool(found["fast"])
    assert compared > 3


PREFIXES = """\
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
EX = "https://example.org/"


def triples(turtle: str) -> list[ox.Triple]:
    return parse(PREFIXES + turtle, Path("x.ttl"))


def reached(shapes: str, data: str, changed: str) -> set[str]:
    index = [*triples(data), *triples(changed)]
    nodes = focus_nodes(dependencies(triples(shapes)), triples(changed), lambda p: [t for t in index if p.fits(t)])
    return {str(node)[1:-1].removeprefix(EX) for node in nodes}


NESTED = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:node ex:T ] ."
REACH = {
    "class of a value": ("sh:property [ sh:path ex:p ; sh:class ex:D ]", "ex:a ex:p ex:b .", "ex:b a ex:D .", "a b"),
    "property": ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "", "ex:a ex:p ex:b .", "a"),
    "other property": ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "", "ex:a ex:q ex:b .", ""),
    "inverse path": ("sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 1 ]", "", "ex:b ex:p ex:a .", "a"),
    "sequence, first": ("sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ]", "", "ex:a ex:p ex:b .", "a"),
    "sequence, last": (
        "sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ]",
        "ex:a ex:p ex:b .",
        "ex:b ex:q ex:c .",
        "a",
    ),
    "nested": (
        "sh:property [ sh:path ex:p ; sh:node [ sh:property [ sh:path ex:q ; sh:class ex:D ] ] ]",
        "ex:a ex:p ex:b . ex:b ex:q ex:c .",
        "ex:c a ex:D .",
        "a c",
    ),
    "qualified": (
        "sh:property [ sh:path ex:p ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:class ex:D ] ]",
        "ex:a ex:p ex:b .",
        "ex:b a ex:D .",
        "a b",
    ),
    "one of several": (
        "sh:or ( [ sh:property [ sh:path ex:p ; sh:minCount 1 ] ] [ sh:class ex:D ] )",
        "",
        "ex:a ex:p 1 .",
        "a",
    ),
    "closed": ("sh:closed true", "", "ex:a ex:any 1 .", "a"),
    "compared": ("sh:property [ sh:path ex:p ; sh:lessThan ex:q ]", "", "ex:a ex:q 1 .", "a"),
    "type of the focus node": ("sh:nodeKind sh:IRI", "", "ex:a a ex:Other .", "a"),
}


@pytest.mark.parametrize(("constraint", "data", "changed", "expected"), REACH.values(), ids=REACH)
def test_a_change_is_followed_back_to_the_nodes_whose_shapes_consult_it(
    constraint: str, data: str, changed: str, expected: str
) -> None:
    shapes = f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; {constraint} ."

    assert reached(shapes, data, changed) == set(expected.split())


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        ('sh:sparql [ sh:select "SELECT $this WHERE {}" ]', "sh:sparql"),
        ("sh:property [ sh:path [ sh:zeroOrMorePath ex:p ] ; sh:maxCount 1 ]", "repeat"),
        ("sh:property [ sh:path ex:p ; sh:node ex:S ]", "leads to itself"),
        ("sh:target [ a sh:SPARQLTarget ]", "sh:target"),
    ],
)
def test_what_cannot_be_followed_is_named(constraint: str, reason: str) -> None:
    with pytest.raises(Unbounded, match=reason):
        dependencies(triples(f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; {constraint} ."))


def asked(query: str, added: str = "", removed: str = "") -> set[str] | None:
    def stated(text: str) -> list[tuple[ox.Triple, frozenset[str]]]:
        return [(triple, frozenset({EX + "g"})) for triple in triples(text)]

    patterns = patterns_of("PREFIX ex: <https://example.org/>\n" + query).rows
    assert patterns is not None
    found = bindings(patterns, stated(added), stated(removed))
    return None if found is None else {f"{name}={str(value).strip('<>').removeprefix(EX)}" for name, value in found}


def test_a_rule_is_asked_about_what_was_added_to_its_patterns_and_removed_from_its_exceptions() -> None:
    query = "SELECT ?focus WHERE { ?focus ex:p ?x . FILTER NOT EXISTS { ?focus ex:q ?y } }"

    assert asked(query, added="ex:a ex:p 1 .") == {"focus=a"}
    assert asked(query, removed="ex:a ex:q 1 .") == {"focus=a"}
    assert asked(query, removed="ex:a ex:p 1 .") == set()
    assert asked(query, added="ex:a ex:r 1 .") == set()


def test_a_rule_is_asked_as_a_whole_where_a_change_gives_no_value_of_its_rows() -> None:
    query = "SELECT ?focus WHERE { ?focus ex:p ?x . ?x ex:q ?y }"

    assert asked(query, added="ex:x ex:q 1 .") is None


def test_what_is_optional_counts_whether_it_comes_or_goes() -> None:
    query = "SELECT ?focus ?y WHERE { ?focus ex:p ?x OPTIONAL { ?focus ex:q ?y } }"

    assert asked(query, added="ex:a ex:q 1 .") == asked(query, removed="ex:a ex:q 1 .") == {"focus=a"}


def test_a_graph_that_a_pattern_is_about_counts() -> None:
    assert asked("SELECT ?focus WHERE { GRAPH ex:other { ?focus ex:p ?x } }", added="ex:a ex:p 1 .") == set()
    assert asked("SELECT ?focus WHERE { GRAPH ex:g { ?focus ex:p|ex:q ?x } }", added="ex:a ex:q 1 .") == {"focus=a"}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(?x) AS ?focus) WHERE { ?x ex:p ?y }",
        "SELECT ?focus WHERE { ?focus ex:p+ ?x }",
        "SELECT ?focus WHERE { ?focus ex:p ?x MINUS { ?focus ex:q ?y } }",
        "SELECT ?focus WHERE { { SELECT ?focus WHERE { ?focus ex:p ?x } LIMIT 1 } }",
        "SELECT ?focus WHERE { ?focus ex:p ?x } LIMIT 1",
    ],
)
def test_a_rule_that_is_not_the_sum_of_its_patterns_is_run_as_a_whole(query: str) -> None:
    assert patterns_of("PREFIX ex: <https://example.org/>\n" + query).rows is None


def test_a_file_that_describes_another_record_is_not_bounded() -> None:
    file = SourceFile(Path("data/goal/a.ttl"), "data", "", tuple(triples("ex:a a ex:C .")))

    with pytest.raises(Unbounded, match="something else than its record"):
        record_delta([(None, file)])
