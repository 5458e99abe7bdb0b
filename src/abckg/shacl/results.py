"""What a SHACL engine finds, as values: the same of each engine.

Layer: imports ``namespaces`` and ``report``. Specification: https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from abckg.namespaces import SH
from abckg.reports.report import Severity

__all__ = ["Node", "Result", "Source", "Term", "severity_of", "triples_of"]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Node: TypeAlias = ox.NamedNode | ox.BlankNode
Source: TypeAlias = Path | Sequence[ox.Triple]
"""Triples, or a file in N-Triples or Turtle."""

_SEVERITIES = {f"{SH}Violation": Severity.VIOLATION, f"{SH}Warning": Severity.WARNING, f"{SH}Info": Severity.INFO}


@dataclass(frozen=True)
class Result:
    """One validation result.

    Attributes:
        focus: the focus node.
        path: the IRI of the result path, None for a node constraint or a complex path.
        value: the value at fault, if there is one.
        shape: the shape that reports it.
        component: the IRI of the constraint component.
        severity: as the shape says.
        messages: the shape's messages by language tag.
    """

    focus: Term
    path: ox.NamedNode | None
    value: Term | None
    shape: Node
    component: str
    severity: Severity
    messages: dict[str, str]


def severity_of(iri: str) -> Severity:
    """Return a severity by its IRI; one that SHACL does not define counts as a violation."""
    return _SEVERITIES.get(iri, Severity.VIOLATION)


def triples_of(data: Source) -> Sequence[ox.Triple]:
    """Return the triples of a source."""
    if isinstance(data, Path):
        return [quad.triple for quad in ox.parse(path=str(data))]
    return data
