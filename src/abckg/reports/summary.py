"""Findings as Markdown, for the summary of a CI run.

Layer: imports ``report``.
"""

from __future__ import annotations

from abckg.reports.report import Finding, Report, Severity

__all__ = ["summarise"]

_ROWS = 500
"""How many findings are listed; GitHub keeps a mebibyte of summary for a step."""


def summarise(report: Report) -> str:
    """Return the findings as a table under a line that says whether the dataset conforms."""
    violations, warnings = (report.count(severity) for severity in (Severity.VIOLATION, Severity.WARNING))
    verdict = "The dataset conforms." if report.conforms else "The dataset does not conform."
    lines = ["## abckg validate", "", f"**{verdict}** Violations: {violations}, warnings: {warnings}.", ""]
    lines += [f"{note[:1].upper()}{note[1:]}.\n" for note in report.notes]
    if report.findings:
        lines += ["| | where | what | rule |", "| --- | --- | --- | --- |"]
        worst = sorted(report.findings, key=lambda finding: -finding.severity)
        lines += [_row(finding) for finding in worst[:_ROWS]]
        if len(worst) > _ROWS:
            lines += ["", f"… and {len(worst) - _ROWS} more; the SARIF file holds them all."]
    return "\n".join(lines) + "\n"


def _row(finding: Finding) -> str:
    place = f"`{finding.path}{f':{finding.line}' if finding.line else ''}`"
    rule = f"[{finding.rule}]({finding.help})" if finding.help else finding.rule
    return f"| {finding.severity.word} | {place} | {_cell(finding.message)} | {rule} |"


def _cell(text: str) -> str:
    escaped = text.replace("\\", "\\\\")
    for sign in "|`*_[]<>@#":
        escaped = escaped.replace(sign, f"\\{sign}")
    return " ".join(escaped.split())
