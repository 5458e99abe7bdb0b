"""Makes the error that tells a writer what the shapes forbid, with the report of SHACL as Turtle.

Layer: imports ``errors``, ``namespaces`` and ``shacl``.
Specification: https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from abckg.errors import ShapesViolated, Violation
from abckg.namespaces import RDF, SH, XSD
from abckg.shacl.results import Result

__all__ = ["verdict"]

_MOST = 100


def verdict(results: Sequence[Result]) -> ShapesViolated:
    """Return the error for results that forbid a write; it lists the first hundred, its report has all."""
    ordered = sorted(results, key=lambda result: (str(result.focus), str(result.path), str(result.shape)))
    listed = tuple(
        Violation(
            focus=str(result.focus),
            path=str(result.path) if result.path is not None else None,
            value=str(result.value) if result.value is not None else None,
            shape=str(result.shape),
            messages=result.messages,
        )
        for result in ordered[:_MOST]
    )
    return ShapesViolated(listed, len(ordered), _report(ordered))


def _report(results: Sequence[Result]) -> str:
    triples = list(_report_triples(results))
    written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes={"sh": SH}) or b""
    return written.decode("utf-8")


def _report_triples(results: Sequence[Result]) -> Iterator[ox.Triple]:
    report, kind = ox.BlankNode(), ox.NamedNode(f"{RDF}type")
    no = ox.Literal("false", datatype=ox.NamedNode(f"{XSD}boolean"))
    yield ox.Triple(report, kind, _sh("ValidationReport"))
    yield ox.Triple(report, _sh("conforms"), no)
    for result in results:
        node = ox.BlankNode()
        yield ox.Triple(report, _sh("result"), node)
        yield ox.Triple(node, kind, _sh("ValidationResult"))
        yield ox.Triple(node, _sh("focusNode"), result.focus)
        yield ox.Triple(node, _sh("resultSeverity"), _sh("Violation"))
        yield ox.Triple(node, _sh("sourceShape"), result.shape)
        yield ox.Triple(node, _sh("sourceConstraintComponent"), ox.NamedNode(result.component))
        if result.path is not None:
            yield ox.Triple(node, _sh("resultPath"), result.path)
        if result.value is not None:
            yield ox.Triple(node, _sh("value"), result.value)
        for language, message in result.messages.items():
            yield ox.Triple(node, _sh("resultMessage"), ox.Literal(message, language=language))


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"{SH}{name}")
