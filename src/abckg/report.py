"""What a check found: findings with place, rule, message and remedy, and the report that holds them.

Layer: imports nothing of the package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

__all__ = ["Finding", "Report", "Severity"]


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
class Finding:
    """One fault: where it is, which rule it breaks, what is wrong and what to do.

    Attributes:
        path: the file, relative to the root of the dataset; empty where no file holds the fault.
        line: the line, from 1; None where it is not known.
        column: the column, from 1; None where it is not known.
        rule: the stable name of the rule, such as ``hub-japanese-label``.
        message: what is wrong and what to do, in the language asked for.
        severity: how grave it is.
        focus: the IRI that the fault is about, or an empty string.
        check: which check of ``abckg validate`` found it.
    """

    path: Path
    line: int | None
    column: int | None
    rule: str
    message: str
    severity: Severity = Severity.VIOLATION
    focus: str = ""
    check: str = ""

    def __lt__(self, other: Finding) -> bool:
        """Order findings by place; one without a line comes before those of its file."""
        return self._key < other._key

    @property
    def _key(self) -> tuple[str, int, int, str, str]:
        return self.path.as_posix(), self.line or 0, self.column or 0, self.rule, self.message


@dataclass(frozen=True)
class Report:
    """The findings of a run and the checks that ran."""

    findings: tuple[Finding, ...]
    checks: tuple[str, ...] = field(default=())

    @property
    def conforms(self) -> bool:
        """Return whether there is no violation; warnings do not count."""
        return not any(finding.severity is Severity.VIOLATION for finding in self.findings)

    def count(self, severity: Severity) -> int:
        """Return how many findings have just this severity."""
        return sum(finding.severity is severity for finding in self.findings)
