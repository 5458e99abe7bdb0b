"""Makes the error that tells a writer what the shapes forbid, with the report of SHACL as Turtle.

Layer: imports ``errors``, ``namespaces`` and ``shacl``.
Specification: https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections.abc import Sequence

import rdflib
from rdflib.namespace import RDF, SH

from abckg.errors import ShapesViolated, Violation
from abckg.shacl.reference import Result

__all__ = ["verdict"]

_MOST = 100


def verdict(results: Sequence[Result]) -> ShapesViolated:
    """Return the error for results that forbid a write; it lists the first hundred, its report has all."""
    ordered = sorted(results, key=lambda result: (str(result.focus), str(result.path), str(result.shape)))
    listed = tuple(
        Violation(
            focus=result.focus.n3(),
            path=result.path.n3() if result.path is not None else None,
            value=result.value.n3() if result.value is not None else None,
            shape=result.shape.n3(),
            messages=result.messages,
        )
        for result in ordered[:_MOST]
    )
    return ShapesViolated(listed, len(ordered), _report(ordered))


def _report(results: Sequence[Result]) -> str:
    graph = rdflib.Graph()
    graph.bind("sh", SH)
    report = rdflib.BNode()
    graph.add((report, RDF.type, SH.ValidationReport))
    graph.add((report, SH.conforms, rdflib.Literal(False)))
    for result in results:
        node = rdflib.BNode()
        graph.add((report, SH.result, node))
        graph.add((node, RDF.type, SH.ValidationResult))
        graph.add((node, SH.focusNode, result.focus))
        graph.add((node, SH.resultSeverity, SH.Violation))
        graph.add((node, SH.sourceShape, result.shape))
        graph.add((node, SH.sourceConstraintComponent, result.component))
        if result.path is not None:
            graph.add((node, SH.resultPath, result.path))
        if result.value is not None:
            graph.add((node, SH.value, result.value))
        for language, message in result.messages.items():
            graph.add((node, SH.resultMessage, rdflib.Literal(message, lang=language)))
    return graph.serialize(format="turtle")
