"""Findings as Markdown, for the summary of a CI run.

Layer: imports ``report``.
"""

from __future__ import annotations

from abckg.reports.report import Finding, Report, Severity

__all__ = ["summarise"]

_ROWS = 500
"""How many findings are listed; GitHub keeps a mebibyte of summary for a step."""


_WORDS = {
    "en": {
        "verdict": ("The dataset does not conform.", "The dataset conforms."),
        "counts": "Violations: {}, warnings: {}.",
        "head": "| | where | what | rule |",
        "more": "… and {} more; the SARIF file holds them all.",
        "stop": ".",
    },
    "ja": {
        "verdict": ("データに違反があります。", "データに違反はありません。"),
        "counts": "違反 {} 件、警告 {} 件。",
        "head": "| | 場所 | 内容 | 規則 |",
        "more": "ほか{}件。SARIFのファイルにすべてあります。",
        "stop": "。",
    },
}


def summarise(report: Report, language: str = "en") -> str:
    """Return the findings as a table under a line that says whether the dataset conforms, in ``en`` or ``ja``."""
    words = _WORDS[language]
    violations, warnings = (report.count(severity) for severity in (Severity.VIOLATION, Severity.WARNING))
    verdict, counts = words["verdict"][report.conforms], str(words["counts"]).format(violations, warnings)
    lines = ["## abckg validate", "", f"**{verdict}** {counts}", ""]
    lines += [f"{note[:1].upper()}{note[1:]}{words['stop']}\n" for note in report.notes]
    if report.findings:
        lines += [str(words["head"]), "| --- | --- | --- | --- |"]
        worst = sorted(report.findings, key=lambda finding: -finding.severity)
        lines += [_row(finding) for finding in worst[:_ROWS]]
        if len(worst) > _ROWS:
            lines += ["", str(words["more"]).format(len(worst) - _ROWS)]
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
