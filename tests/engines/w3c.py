"""Reads the W3C test suite of SHACL, which lies beside the checkout.

Specification: https://w3c.github.io/data-shapes/data-shapes-test-suite/
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import rdflib
from rdflib.namespace import SH

from abckg.shacl.reference import oxigraph_term
from abckg.shacl.results import Result, Term, severity_of
from abckg.sources import to_rdflib

SHARED = Path(os.environ.get("ABCKG_SHARED") or Path(__file__).resolve().parents[3] / "shared")
SUITE = SHARED / "conformance" / "shacl"
MISSING = f"the W3C suite is not at {SUITE}; ABCKG_SHARED names the folder it stands in"
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")

Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Case:
    """One test: its graphs, and the results that must come, None where the shapes must be refused."""

    data: list[ox.Triple]
    shapes: list[ox.Triple]
    expected: Counter[Key] | None


def key(result: Result) -> Key:
    """Return what must agree; the path of a result is None where it is complex (its shape says which)."""
    return result.focus, result.path, result.value, result.component, result.severity, result.shape


def bag(results: Iterable[Result]) -> Counter[Key]:
    """Return results as a multiset of what must agree."""
    return Counter(map(key, results))


def names() -> list[str]:
    """Return the names of the tests, ``core/node/and-001``: of each file that holds one (a manifest lacks one)."""
    files = (path for path in sorted(SUITE.rglob("*.ttl")) if "sht:Validate" in path.read_text(encoding="utf-8"))
    return [path.relative_to(SUITE).with_suffix("").as_posix() for path in files]


def case(name: str) -> Case:
    """Return a test by its name; a file that is both graphs is parsed once, so that blank nodes keep their names."""
    path = SUITE / f"{name}.ttl"
    manifest = _triples(path)
    graph = to_rdflib(iter(manifest))
    test = next(graph.subjects(MF.action, None))
    action = graph.value(test, MF.action)
    files = [_file(graph.value(action, part)) for part in (SHT.dataGraph, SHT.shapesGraph)]
    parsed = {path.resolve(): manifest}
    data, shapes = (parsed.setdefault(file, _triples(file)) for file in files)
    return Case(data, shapes, _expected(graph, graph.value(test, MF.result)))


def _expected(graph: rdflib.Graph, report: rdflib.term.Node | None) -> Counter[Key] | None:
    if report == SHT.Failure:
        return None
    found: Counter[Key] = Counter()
    for result in graph.objects(report, SH.result):
        path = _value(graph, result, SH.resultPath)
        component, severity = (
            str(graph.value(result, name)) for name in (SH.sourceConstraintComponent, SH.resultSeverity)
        )
        found[
            _value(graph, result, SH.focusNode),
            path if isinstance(path, ox.NamedNode) else None,
            _value(graph, result, SH.value),
            component,
            severity_of(severity),
            _value(graph, result, SH.sourceShape),
        ] += 1
    assert bool(found) != (graph.value(report, SH.conforms) == rdflib.Literal(True))
    return found


def _value(graph: rdflib.Graph, node: rdflib.term.Node, name: rdflib.URIRef) -> Term | None:
    value = graph.value(node, name)
    return None if value is None else oxigraph_term(value)


def _triples(path: Path) -> list[ox.Triple]:
    base = path.resolve().as_uri()
    quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=base)
    return [ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads]


def _file(node: rdflib.term.Node | None) -> Path:
    return Path(str(node).removeprefix("file://"))
