"""The choice between the engines: what goes where, and what happens when the fast one fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from abckg.errors import EngineFailed
from abckg.shacl.engines import ReferenceEngine, run_shapes
from abckg.shacl.fast import FastEngine
from abckg.shacl.limits import divide, unsupported
from abckg.sources import rdflib_term
from engines.w3c import bag

PREFIXES = """
@prefix : <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
SHAPES = """
:Hub a sh:NodeShape ; sh:targetClass :Hub ; sh:property :Hub-name .
:Hub-name a sh:PropertyShape ; sh:path :name ; sh:minCount 1 ; sh:message "Give a name."@en, "名称を記す。"@ja .
"""
QUERY = """
:Base a sh:NodeShape ; sh:targetClass :Hub ; sh:node [ sh:sparql [ sh:message "late" ; sh:select
  "SELECT $this WHERE { $this <http://example.org/year> ?year . FILTER (?year > 2020) }" ] ] .
"""
DATA = """
:a a :Hub ; :name "a" ; :year 2021 .
:b a :Hub .
[] a :Hub .
"""
KILLED = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")


def triples(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


@pytest.fixture(autouse=True)
def any_size_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abckg.shacl.engines.SMALL", 0)


def test_plain_shapes_go_to_the_fast_engine_and_give_the_same_with_messages() -> None:
    outcome = run_shapes(data := triples(DATA), shapes := triples(SHAPES))

    assert [engine.split()[0] for engine in outcome.engines] == ["shacl"]
    assert bag(outcome.results) == bag(ReferenceEngine().run(data, shapes))
    assert {tuple(sorted(r.messages)) for r in outcome.results} == {("en", "ja")}


def test_shapes_with_a_query_go_to_the_reference_and_the_others_do_not() -> None:
    outcome = run_shapes(data := triples(DATA), shapes := triples(SHAPES + QUERY))

    assert [engine.split()[0] for engine in outcome.engines] == ["shacl", "pyshacl"]
    assert {(limit.shape, limit.reason) for limit in outcome.limits} >= {("<http://example.org/Base>", "sh:sparql")}
    assert bag(outcome.results) == bag(ReferenceEngine().run(data, shapes))


def test_divided_shapes_differ_in_their_targets_alone() -> None:
    shapes = triples(SHAPES + QUERY)

    division = divide(shapes)

    assert set(division.fast) | set(division.reference) == set(shapes)
    assert {str(t.subject) for t in set(shapes) - set(division.fast)} == {"<http://example.org/Base>"}


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        ("sh:pattern '^(?!x)'", "sh:pattern beyond XPath"),
        ("sh:minCuont 1", "sh:minCuont"),
        ("sh:maxInclusive '2020'^^<http://www.w3.org/2001/XMLSchema#gYear>", "order of a datatype"),
    ],
)
def test_what_the_fast_engine_is_wrong_on_is_kept_from_it(constraint: str, reason: str) -> None:
    shapes = triples(f":S a sh:NodeShape ; sh:targetClass :Hub ; sh:or ( [ sh:class :X ] [ {constraint} ] ) .")

    assert [limit.reason for limit in unsupported(shapes)] == [reason]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (KILLED, "it ended with SIGSEGV"),
        ((sys.executable, "-c", "import sys; sys.exit('thread panicked')"), "thread panicked"),
        ((sys.executable, "-c", "print('[[')"), "it wrote what is no result"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "it took longer than 1 seconds"),
        ((sys.executable, "-c", 'print(\'[["x", null, null, "y", "c", "s", []]]\')'), "not N-Triples"),
    ],
    ids=["killed", "panic", "no JSON", "too slow", "no term"],
)
def test_reference_takes_over_when_the_fast_engine_fails(command: tuple[str, ...], said: str) -> None:
    outcome = run_shapes(triples(DATA), triples(SHAPES), fast=FastEngine(command, timeout=1))

    assert outcome.failure is not None
    assert said in str(outcome.failure)
    assert [engine.split()[0] for engine in outcome.engines] == ["pyshacl"]
    assert len(outcome.results) == 2


def test_small_data_does_not_start_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abckg.shacl.engines.SMALL", 1000)

    outcome = run_shapes(triples(DATA), triples(SHAPES), fast=FastEngine(KILLED))

    assert outcome.failure is None


def test_blank_nodes_of_data_and_shapes_keep_their_labels() -> None:
    data = triples("_:a1 a :Hub ; :part _:a2 . _:a2 :name 'x' .")
    shapes = triples("_:s1 a sh:NodeShape ; sh:targetClass :Hub ; sh:property _:s2 . _:s2 sh:path ( :part :name ) ;"
                     " sh:maxCount 0 . _:s1 sh:property [ sh:path :part ; sh:nodeKind sh:IRI ] .")  # fmt: skip

    assert bag(FastEngine().run(data, shapes)) == bag(ReferenceEngine().run(data, shapes))


def test_a_file_is_read_as_it_is_and_focus_nodes_are_chosen(tmp_path: Path) -> None:
    ox.serialize(triples(DATA), str(tmp_path / "data.nt"), format=ox.RdfFormat.N_TRIPLES)

    results = FastEngine().run(tmp_path / "data.nt", triples(SHAPES), focus=[rdflib.URIRef("http://example.org/b")])

    assert [str(result.focus) for result in results] == ["http://example.org/b"]


def test_an_engine_that_is_not_installed_says_so() -> None:
    missing = FastEngine((sys.executable, "-c", "import no_such_engine"))

    with pytest.raises(EngineFailed, match="no_such_engine"):
        missing.run(triples(DATA), triples(SHAPES))


@pytest.mark.parametrize(
    "value",
    [
        ox.Literal('a"b\\c\td\ne\rf\x07\x7f'),
        ox.Literal("地域の𠮷野家 \u200b\ufeff"),
        ox.Literal("", language="ja-Hrkt"),
        ox.Literal("{x} %20 _:b <http://example.org/> ."),
        ox.Literal("x", datatype=ox.NamedNode("http://example.org/unknown")),
        ox.Literal("007", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
        ox.NamedNode("http://example.org/地域?q=%E5%9C%B0#x'(1)"),
        ox.NamedNode("urn:abckg:node:x"),
    ],
    ids=str,
)
def test_values_come_back_as_they_were(value: ox.NamedNode | ox.Literal) -> None:
    data = [
        *triples(DATA),
        ox.Triple(ox.NamedNode("http://example.org/a"), ox.NamedNode("http://example.org/p"), value),
    ]
    shapes = triples(
        ":S a sh:NodeShape ; sh:targetClass :Hub ; sh:property [ sh:path :p ; sh:nodeKind sh:BlankNode ] ."
    )

    (result,) = FastEngine().run(data, shapes)

    assert result.value == rdflib_term(value)
    assert bag([result]) == bag(ReferenceEngine().run(data, shapes))
