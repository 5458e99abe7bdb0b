"""Findings as a SHACL validation report in Turtle, with their places as W3C pointers.

A finding of a shape keeps its constraint component and its shape. For any other rule the page of the rule stands as
``sh:sourceConstraintComponent``, and where a finding is about a file rather than a node, the file is the focus node.
The place hangs from ``earl:pointer``; columns are those of a ``Finding``. As in SHACL, a report with any result does
not conform, be it a warning.
Layer: imports ``namespaces``, ``report`` and ``turtle``. Specifications: https://www.w3.org/TR/shacl/#validation-report,
https://www.w3.org/TR/Pointers-in-RDF/
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from abckg import turtle
from abckg.namespaces import BASE, RDF, RDFS, RULES, SH, Prefixes
from abckg.reports.report import Finding, Place, Report, Severity

__all__ = ["shacl_report"]

EARL = "http://www.w3.org/ns/earl#"
PTR = "http://www.w3.org/2009/pointers#"
XSD = "http://www.w3.org/2001/XMLSchema#"
_PREFIXES = Prefixes({"earl": EARL, "ptr": PTR, "rdf": RDF, "rdfs": RDFS, "rule": f"{RULES}#", "sh": SH})
_SEVERITIES = {Severity.VIOLATION: "Violation", Severity.WARNING: "Warning", Severity.INFO: "Info"}


def shacl_report(report: Report, *, language: str = "en") -> str:
    """Return a report as Turtle; ``language`` is that of the messages."""
    return turtle.serialize(_Writer(language).triples(report), _PREFIXES)


class _Writer:
    def __init__(self, language: str) -> None:
        self._language = language
        self._files: dict[Path, ox.BlankNode] = {}

    def triples(self, report: Report) -> Iterator[ox.Triple]:
        root = ox.BlankNode("report")
        yield from _typed(root, f"{SH}ValidationReport")
        conforms = "false" if report.findings else "true"
        yield _triple(root, f"{SH}conforms", ox.Literal(conforms, datatype=ox.NamedNode(f"{XSD}boolean")))
        for number, finding in enumerate(report.findings, 1):
            result = ox.BlankNode(f"result{number}")
            yield _triple(root, f"{SH}result", result)
            yield from self._result(result, finding)
        for path, node in self._files.items():
            yield _triple(node, f"{RDFS}label", ox.Literal(path.as_posix()))

    def _result(self, node: ox.BlankNode, finding: Finding) -> Iterator[ox.Triple]:
        yield from _typed(node, f"{SH}ValidationResult")
        component = finding.component or f"{RULES}#{finding.rule}"
        yield _triple(node, f"{SH}sourceConstraintComponent", ox.NamedNode(component))
        if finding.component:
            yield _triple(node, f"{SH}sourceShape", ox.NamedNode(f"{BASE}shapes/{finding.rule}"))
        yield _triple(node, f"{SH}resultSeverity", ox.NamedNode(SH + _SEVERITIES[finding.severity]))
        yield _triple(node, f"{SH}resultMessage", ox.Literal(finding.message, language=self._language))
        yield _triple(node, f"{SH}focusNode", _focus(finding) or self._file(finding.path))
        if finding.predicate:
            yield _triple(node, f"{SH}resultPath", ox.NamedNode(finding.predicate))
        if finding.value:
            yield _triple(node, f"{SH}value", _term(finding.value))
        if finding.help:
            yield _triple(node, f"{RDFS}seeAlso", ox.NamedNode(finding.help))
        for place in (finding.place, *finding.related):
            if place.path.name:
                yield from self._pointer(node, place)

    def _file(self, path: Path) -> ox.BlankNode:
        return self._files.setdefault(path, ox.BlankNode(f"file{len(self._files) + 1}"))

    def _pointer(self, node: ox.BlankNode, place: Place) -> Iterator[ox.Triple]:
        pointer = ox.BlankNode()
        yield _triple(node, f"{EARL}pointer", pointer)
        yield from _typed(pointer, f"{PTR}StartEndPointer")
        yield _triple(pointer, f"{PTR}reference", self._file(place.path))
        for name, line, column in (
            ("startPointer", place.line, place.column),
            ("endPointer", place.end_line, place.end_column),
        ):
            if line is not None and column is not None:
                character = ox.BlankNode()
                yield _triple(pointer, PTR + name, character)
                yield from _typed(character, f"{PTR}LineCharPointer")
                yield _triple(character, f"{PTR}lineNumber", _number(line))
                yield _triple(character, f"{PTR}charNumber", _number(column))


def _focus(finding: Finding) -> ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None:
    if not finding.focus:
        return None
    return _term(finding.focus if finding.focus[:1] in ('"', "_", "<") else f"<{finding.focus}>")


def _term(text: str) -> ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple:
    """Return the term that N-Triples writes so."""
    (quad,) = ox.parse(f"<x:s> <x:p> {text} .", format=ox.RdfFormat.N_TRIPLES)
    term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple = quad.object
    return term


def _typed(node: ox.BlankNode, class_: str) -> Iterator[ox.Triple]:
    yield _triple(node, f"{RDF}type", ox.NamedNode(class_))


def _triple(
    subject: ox.BlankNode, predicate: str, value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(f"{XSD}integer"))
