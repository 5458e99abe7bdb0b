"""The pySHACL adapter: a choice of focus nodes gives what the full run says of them, and queries are parsed once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable
from unittest.mock import Mock

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib.namespace import RDF, SH
from rdflib.plugins.sparql.parser import parseQuery

from abckg.errors import ValidationFailed
from abckg.shacl.reference import check_graph, oxigraph_term
from abckg.shacl.results import Result, Term

EX = rdflib.Namespace("http://example.org/")
PREFIXES = """
@prefix : <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = """
:Person a sh:NodeShape ; sh:targetClass :Person ; sh:property :Person-name, :Person-address, :Person-friends ;
  sh:sparql [ a sh:SPARQLConstraint ; sh:message "older than the parent" ;
    sh:select \"\"\"SELECT $this ?value WHERE {
      $this <http://example.org/parent> ?parent ; <http://example.org/born> ?value .
      ?parent <http://example.org/born> ?born . FILTER (?value < ?born) }\"\"\" ] .
:Person-name a sh:PropertyShape ; sh:path :name ; sh:minCount 1 ; sh:maxCount 1 .
:Person-address a sh:PropertyShape ; sh:path :address ; sh:node :Address ; sh:severity sh:Warning .
:Person-friends a sh:PropertyShape ; sh:path :knows ; sh:qualifiedMaxCount 1 ;
  sh:qualifiedValueShape [ sh:property [ sh:path :role ; sh:hasValue :chair ] ] .
:Address a sh:NodeShape ; sh:property [ sh:path :street ; sh:minCount 1 ] .
"""


def graph(text: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=PREFIXES + text, format="turtle")


def people(number: int, seed: int) -> rdflib.Graph:
    """Return made-up people of whom about half break each rule; addresses are blank nodes."""
    chance = random.Random(seed)  # noqa: S311 - made-up data
    made = rdflib.Graph()
    for index in range(number):
        person, address = EX[f"p{index}"], rdflib.BNode(f"a{index}")
        made.add((person, RDF.type, EX.Person))
        made.add((person, EX.address, address))
        made.add((person, EX.born, rdflib.Literal(chance.randrange(1900, 2000))))
        made.add((person, EX.parent, EX[f"p{chance.randrange(number)}"]))
        for other in range(3):
            made.add((person, EX.knows, EX[f"p{chance.randrange(number)}"]))
            if chance.random() < 0.3:
                made.add((person, EX.name, rdflib.Literal(f"n{other}")))
        if chance.random() < 0.5:
            made.add((person, EX.role, EX.chair))
            made.add((address, EX.street, rdflib.Literal("s")))
    return made


def spelled(term: Term | None) -> str:
    """Return a term as the text of rdflib has it."""
    return term.value if term is not None and not isinstance(term, ox.Triple) else str(term)


def bag(results: list[Result]) -> Counter[Hashable]:
    return Counter((r.focus, r.path, r.value, r.shape, r.component, r.severity) for r in results)


@pytest.mark.parametrize("seed", range(3))
def test_a_choice_of_focus_nodes_gives_what_the_full_run_says_of_them(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a sample
    data, shapes = people(40, seed), graph(SHAPES)
    everything = check_graph(data, shapes)
    assert {r.component.partition("#")[2] for r in everything} >= {
        "NodeConstraintComponent",
        "SPARQLConstraintComponent",
    }

    for _ in range(20):
        chosen = chance.sample(sorted({*data.subjects(), *data.objects()}, key=str), chance.randrange(30))
        terms = set(map(oxigraph_term, chosen))
        expected = [result for result in everything if result.focus in terms]
        assert bag(check_graph(data, shapes, focus=chosen)) == bag(expected)


def test_the_results_are_those_of_the_entry_point_of_pyshacl() -> None:
    data, shapes = people(40, 7), graph(SHAPES)

    _, report, _ = pyshacl.validate(data, shacl_graph=shapes)

    theirs = Counter(
        (str(report.value(r, SH.focusNode)), str(report.value(r, SH.value))) for r in report.objects(None, SH.result)
    )
    assert Counter((spelled(r.focus), spelled(r.value)) for r in check_graph(data, shapes)) == theirs


def test_a_query_in_a_shape_is_parsed_once_however_many_nodes_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = Mock(wraps=parseQuery)
    monkeypatch.setattr("rdflib.plugins.sparql.processor.parseQuery", parse)

    check_graph(people(40, 1), graph(SHAPES))

    assert parse.call_count == 1


def test_a_deactivated_node_shape_reports_nothing() -> None:
    shapes = graph(SHAPES + ":Person sh:deactivated true .")

    assert check_graph(people(5, 1), shapes) == []


@pytest.mark.parametrize(
    "constraint",
    [
        "sh:property [ sh:minCount 1 ]",
        'sh:pattern "("',
        'sh:sparql [ sh:select "SELECT $this { $this nowhere:p 1 }" ]',
        'sh:sparql [ sh:select "SELECT" ]',
    ],
)
def test_shapes_that_cannot_be_run_say_so(constraint: str) -> None:
    with pytest.raises(ValidationFailed):
        check_graph(people(1, 1), graph(f":S a sh:NodeShape ; sh:targetClass :Person ; {constraint} ."))
