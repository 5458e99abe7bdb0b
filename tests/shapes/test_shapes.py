"""Each shape passes a record that has everything it knows; what it must report stands in ``test_examples.py``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDF, SH

from abckg.reports.report import Severity
from abckg.rulebook import rules_of
from abckg.shacl.data import data_graph
from abckg.shacl.reference import check_graph, flatten
from abckg.shacl.results import Result
from abckg.sources import Sources, read, to_rdflib
from abckg.turtle import parse
from examples import COMPLETE, WORLD, cases
from small import ROOT

SHAPES = "https://w3id.org/abc-kg/shapes/"
RECORDS = sorted(COMPLETE.glob("*.ttl"))
UNNAMED = """
@prefix abc: <https://w3id.org/abc-kg/ontology#> .
<https://w3id.org/abc-kg/id/goal/example> a abc:Goal ;
  abc:evidencedBy <https://w3id.org/abc-kg/id/document/some-document/passage> .
"""


@cache
def sources() -> Sources:
    return read(ROOT)


@cache
def shapes_of(topic: str) -> rdflib.Graph:
    return to_rdflib(
        iter([t for file in sources().files if file.path == Path(f"shapes/{topic}.ttl") for t in file.triples])
    )


@cache
def hierarchy() -> rdflib.Graph:
    bare = Sources(ROOT, sources().prefixes, tuple(f for f in sources().files if f.kind in ("ontology", "vocab")))
    return data_graph(bare) + to_rdflib(iter(parse(WORLD.read_text(encoding="utf-8"), WORLD)))


def results(text: str, shapes: rdflib.Graph) -> list[Result]:
    triples = parse(text, Path("record.ttl"))
    subjects = {triple.subject for triple in triples}
    return [
        result for result in check_graph(hierarchy() + to_rdflib(iter(triples)), shapes) if result.focus in subjects
    ]


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_complete_record_has_no_finding(record: Path) -> None:
    found = results(record.read_text(encoding="utf-8"), shapes_of(record.stem))

    assert [(str(r.shape), str(r.value)) for r in found] == []


def test_every_property_shape_has_an_example_or_a_complete_record_that_uses_its_path() -> None:
    graph = to_rdflib(sources().triples("shapes"))
    shown = {case.rule.name: case.text("right") for case in reversed(cases(rules_of(ROOT)))}
    unused = []
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        paths = [*graph.objects(shape, SH.path / SH.alternativePath / RDF.first), *graph.objects(shape, SH.path)]
        path = sources().prefixes.curie(str(paths[0]))
        forbidden = graph.value(shape, SH.maxCount) == rdflib.Literal(0) or path == "rdf:type"
        if not forbidden and f"\n  {path} " not in shown[str(shape).removeprefix(SHAPES)]:
            unused.append(str(shape))

    assert unused == []


def test_shape_without_a_message_reports_nothing_itself() -> None:
    graph = to_rdflib(sources().triples("shapes"))
    silent = {node for kind in (SH.NodeShape, SH.PropertyShape) for node in graph.subjects(RDF.type, kind)} - {
        *graph.subjects(SH.message)
    }

    parts = {str(p) for shape in silent if isinstance(shape, rdflib.URIRef) for p in graph.predicates(shape)}
    assert {part for part in parts if part.startswith(str(SH)) and "#target" not in part} == {str(SH.property)}


def test_flattened_shapes_give_the_same_results_as_nested_ones() -> None:
    nested = shapes_of("common")

    flat = flatten(nested)

    assert len(list(nested.subject_objects(SH.property))) > len(list(flat.subject_objects(SH.property)))
    assert {(r.focus, r.shape, r.severity) for r in results(UNNAMED, nested)} == {
        (
            ox.NamedNode("https://w3id.org/abc-kg/id/goal/example"),
            ox.NamedNode(SHAPES + "Record-prefLabel"),
            Severity.VIOLATION,
        )
    }
