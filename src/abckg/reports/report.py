"""What a check found: findings with place, rule, message and remedy, and the report that holds them.

Layer: imports nothing of the package.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path

__all__ = ["Finding", "Note", "Place", "Report", "Severity", "distinct"]


class Severity(IntEnum):
    """How grave a finding is; the names are those of SHACL (https://www.w3.org/TR/shacl/#severity)."""

    INFO = 0
    WARNING = 1
    VIOLATION = 2

    @property
    def word(self) -> str:
        """Return the word that compilers and editors use for it."""
        return {Severity.INFO: "note", Severity.WARNING: "warning", Severity.VIOLATION: "error"}[self]


@dataclass(frozen=True)
class Place:
    """A stretch of a file; what is not known is None.

    Attributes:
        path: the file, relative to the root of the dataset; empty where no file holds what is looked for.
        line: the line, from 1.
        column: the column, from 1, counted in code points without a byte order mark.
        end_line: the line of the end.
        end_column: the column behind the last character.
    """

    path: Path
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


@dataclass(frozen=True)
class Finding:
    """One fault: where it is, which rule it breaks, what is wrong and what to do.

    Attributes:
        path: the file, relative to the root of the dataset; empty where no file holds the fault.
        line: the line, from 1; None where it is not known.
        column: the column, from 1, in code points; None where it is not known.
        rule: the stable name of the rule, such as ``hub-japanese-label``.
        message: what is wrong and what to do, in the language asked for.
        severity: how grave it is.
        focus: the IRI that the fault is about, or an empty string.
        check: which check of ``abckg validate`` found it.
        end_line: the line where the fault ends; None where it is not known.
        end_column: the column behind its last character; None where it is not known.
        help: the address of the page that explains the rule, or an empty string.
        related: other places that have to do with the fault, such as the same triple in another file.
        predicate: the IRI of the property at fault, or an empty string.
        value: the value at fault as N-Triples writes it, or an empty string.
        component: the IRI of the SHACL constraint component, or an empty string.
    """

    path: Path
    line: int | None
    column: int | None
    rule: str
    message: str
    severity: Severity = Severity.VIOLATION
    focus: str = ""
    check: str = ""
    end_line: int | None = None
    end_column: int | None = None
    help: str = ""
    related: tuple[Place, ...] = ()
    predicate: str = ""
    value: str = ""
    component: str = ""

    @property
    def place(self) -> Place:
        """Return where the fault stands."""
        return Place(self.path, self.line, self.column, self.end_line, self.end_column)

    def __lt__(self, other: Finding) -> bool:
        """Order findings by place; one without a line comes before those of its file."""
        return self._key < other._key

    @property
    def _key(self) -> tuple[str, int, int, str, str]:
        return self.path.as_posix(), self.line or 0, self.column or 0, self.rule, self.message


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with those that say the same of the same place as one; their other places are put together.

    A value may break several constraints of one shape, whose message says what it should be.
    """
    said: dict[object, Finding] = {}
    for finding in findings:
        key = (finding.place, finding.rule, finding.message, finding.severity)
        first = said.setdefault(key, finding)
        related = tuple(dict.fromkeys([*first.related, *finding.related]))
        said[key] = replace(first, related=related)
    return tuple(said.values())


@dataclass(frozen=True)
class Note:
    """What a check says of its own run, such as that one engine failed and another took over."""

    text: str


@dataclass(frozen=True)
class Report:
    """The findings of a run, the checks that ran, and what they say of the run itself."""

    findings: tuple[Finding, ...]
    checks: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        """Return whether there is no violation; warnings do not count."""
        return not any(finding.severity is Severity.VIOLATION for finding in self.findings)

    def count(self, severity: Severity) -> int:
        """Return how many findings have just this severity."""
        return sum(finding.severity is severity for finding in self.findings)
