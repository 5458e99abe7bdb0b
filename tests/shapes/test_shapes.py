"""Each shape against fixtures: it passes what is right and reports what is wrong."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDF, SH

from abckg.reports.report import Severity
from abckg.shacl.data import data_graph
from abckg.shacl.reference import check_graph, flatten
from abckg.shacl.results import Result
from abckg.sources import Sources, read, to_rdflib
from abckg.turtle import parse

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
SHAPES = "https://w3id.org/abc-kg/shapes/"
VALID = sorted(HERE.glob("*/valid/*.ttl"))
INVALID = sorted(HERE.glob("*/invalid/*.ttl"))


def name(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


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
    bare = Sources(ROOT, sources().prefixes, tuple(f for f in sources().files if f.kind == "ontology"))
    world = HERE / "world.ttl"
    return data_graph(bare) + to_rdflib(iter(parse(world.read_text(encoding="utf-8"), world)))


def results(fixture: Path, shapes: rdflib.Graph) -> list[Result]:
    triples = parse(fixture.read_text(encoding="utf-8"), fixture)
    subjects = {triple.subject for triple in triples}
    return [
        result for result in check_graph(hierarchy() + to_rdflib(iter(triples)), shapes) if result.focus in subjects
    ]


def named_shape(fixture: Path) -> str:
    return fixture.read_text(encoding="utf-8").splitlines()[0].removeprefix("# shapes:")


def reporting_shapes() -> set[str]:
    graph = to_rdflib(sources().triples("shapes"))
    return {str(shape).removeprefix(SHAPES) for shape in graph.subjects(SH.message)}


@pytest.mark.parametrize("fixture", VALID, ids=name)
def test_valid_fixture_has_no_finding(fixture: Path) -> None:
    found = results(fixture, shapes_of(fixture.parts[-3]))

    assert [(str(r.shape), str(r.value)) for r in found] == []


@pytest.mark.parametrize("fixture", INVALID, ids=name)
def test_invalid_fixture_is_reported_in_both_languages_by_the_shape_it_names(fixture: Path) -> None:
    found = results(fixture, shapes_of(fixture.parts[-3]))

    reported = {result.shape.value: result for result in found}
    assert SHAPES + named_shape(fixture) in reported
    assert set(reported[SHAPES + named_shape(fixture)].messages) == {"en", "ja"}


def test_every_shape_that_reports_has_an_invalid_fixture() -> None:
    assert reporting_shapes() - {named_shape(fixture) for fixture in INVALID} == set()


def test_every_property_shape_has_a_valid_fixture_that_uses_its_path() -> None:
    graph = to_rdflib(sources().triples("shapes"))
    unused = []
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        topic = next(f.path.stem for f in sources().files if any(str(t.subject) == f"<{shape}>" for t in f.triples))
        used = "\n".join(path.read_text(encoding="utf-8") for path in VALID if path.parts[-3] == topic)
        paths = [*graph.objects(shape, SH.path / SH.alternativePath / RDF.first), *graph.objects(shape, SH.path)]
        path = sources().prefixes.curie(str(paths[0]))
        forbidden = graph.value(shape, SH.maxCount) == rdflib.Literal(0) or path == "rdf:type"
        if not forbidden and f"\n  {path} " not in used:
            unused.append(str(shape))

    assert unused == []


def test_flattened_shapes_give_the_same_results_as_nested_ones() -> None:
    fixture = HERE / "common/invalid/record-pref-label-missing.ttl"
    nested = shapes_of("common")

    flat = flatten(nested)

    assert len(list(nested.subject_objects(SH.property))) > len(list(flat.subject_objects(SH.property)))
    assert {(r.focus, r.shape, r.severity) for r in results(fixture, nested)} == {
        (
            ox.NamedNode("https://w3id.org/abc-kg/id/goal/example"),
            ox.NamedNode(SHAPES + "Record-prefLabel"),
            Severity.VIOLATION,
        )
    }
