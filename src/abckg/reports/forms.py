"""Findings in the forms that people, editors and CI systems read.

Layer: imports ``excerpt``, ``report``, ``sarif`` and ``shaclreport``. Specifications: GitHub workflow commands
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions), GitLab code quality
(https://docs.gitlab.com/ci/testing/code_quality/), JUnit (https://github.com/testmoapp/junitxml).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as default
from pathlib import Path
from xml.etree import ElementTree as ET

from abckg.reports.excerpt import listing, printable, text_line
from abckg.reports.report import Finding, Place, Report, Severity, distinct
from abckg.reports.sarif import sarif_log
from abckg.reports.shaclreport import shacl_report
from abckg.reports.summary import summarise

__all__ = ["FORMATS", "FOR_CI", "Surroundings", "below", "render"]

FOR_CI = ("sarif", "junit", "github", "gitlab")
"""The forms whose readers look for files from the top of the repository."""

_COMPLETE = ("json", "turtle")
"""The forms for programs, which have every result."""
_GITHUB_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_GITLAB_LEVELS = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


@dataclass(frozen=True)
class Surroundings:
    """What a form may tell beside the findings.

    Attributes:
        read: gives the text of a file, None where it cannot be read.
        language: ``en`` or ``ja``, the language of the messages.
        descriptions: what a rule demands, by rule.
        examples: wrong and right pieces of files in Markdown, by rule.
    """

    read: Callable[[Path], str | None] = lambda _path: None
    language: str = "en"
    descriptions: Mapping[str, str] = default(default_factory=dict)
    examples: Mapping[str, str] = default(default_factory=dict)


def _fingerprints(report: Report) -> list[str]:
    """Return a name for each finding that stays when lines are inserted above it, different for each."""
    seen: dict[str, int] = {}
    names = []
    for finding in report.findings:
        same = "\0".join(
            (
                finding.path.as_posix(),
                finding.rule,
                "" if finding.focus.startswith("_:") else finding.focus,
                finding.message,
            )
        )
        seen[same] = seen.get(same, 0) + 1
        names.append(hashlib.sha256(f"{same}\0{seen[same]}".encode()).hexdigest())
    return names


def _text(report: Report, around: Surroundings) -> str:
    return "".join(f"{line}\n" for line in listing(report.findings, around.read, language=around.language))


def _json(report: Report, _around: Surroundings) -> str:
    findings = [
        {
            **_place(finding.place),
            "severity": finding.severity.name.lower(),
            "rule": finding.rule,
            "message": finding.message,
            "help": finding.help,
            "focus": finding.focus,
            "predicate": finding.predicate,
            "value": finding.value,
            "component": finding.component,
            "related": [_place(place) for place in finding.related],
            "check": finding.check,
        }
        for finding in report.findings
    ]
    head = {"conforms": report.conforms, "checks": list(report.checks), "notes": list(report.notes)}
    return _dump({**head, "findings": findings})


def _place(place: Place) -> dict[str, str | int | None]:
    return {
        "path": place.path.as_posix(),
        "line": place.line,
        "column": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _sarif(report: Report, around: Surroundings) -> str:
    prints = _fingerprints(report)
    texts = {"descriptions": around.descriptions, "examples": around.examples}
    return _dump(sarif_log(report, prints, language=around.language, **texts))


def _turtle(report: Report, around: Surroundings) -> str:
    return shacl_report(report, language=around.language)


def _junit(report: Report, _around: Surroundings) -> str:
    """Return a test case a check, and one a file and rule that is violated: GitLab keeps one case of each name."""
    failures: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        if finding.severity is Severity.VIOLATION:
            failures.setdefault((finding.path.as_posix(), finding.rule), []).append(finding)
    counts = {"tests": str(len(report.checks) + len(failures)), "failures": str(len(failures))}
    suite = ET.Element("testsuite", {"name": "abckg validate", **counts, "errors": "0", "skipped": "0", "time": "0"})
    for check in report.checks:
        ET.SubElement(suite, "testcase", classname="abckg", name=check, time="0")
    for (path, rule), found in failures.items():
        case = ET.SubElement(suite, "testcase", classname=path, name=rule, time="0")
        case.set("file", path)
        case.set("line", str(found[0].line or 1))
        failure = ET.SubElement(case, "failure", message=printable(found[0].message), type=rule)
        failure.text = "\n".join(map(text_line, found))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _github(report: Report, _around: Surroundings) -> str:
    return "".join(
        f"::{_GITHUB_COMMANDS[finding.severity]} {_github_place(finding)},title={_property(finding.rule)}"
        f"::{_data(finding.message)}{_data(f' ({finding.help})' if finding.help else '')}\n"
        for finding in report.findings
    )


def _github_place(finding: Finding) -> str:
    """Return file, lines and, on one line only as GitHub wants it, columns; its last column is part of the range."""
    parts = [f"file={_property(finding.path.as_posix())}", f"line={finding.line or 1}"]
    if finding.end_line is not None:
        parts.append(f"endLine={finding.end_line}")
    if finding.end_line in (None, finding.line):
        parts.append(f"col={finding.column or 1}")
        if finding.end_column is not None:
            parts.append(f"endColumn={max(finding.end_column - 1, finding.column or 1)}")
    return ",".join(parts)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _gitlab(report: Report, _around: Surroundings) -> str:
    entries = [
        {
            "description": finding.message,
            "check_name": finding.rule,
            "fingerprint": name,
            "severity": _GITLAB_LEVELS[finding.severity],
            "location": {
                "path": finding.path.as_posix(),
                "lines": {"begin": finding.line or 1, "end": finding.end_line or finding.line or 1},
            },
        }
        for finding, name in zip(report.findings, _fingerprints(report), strict=True)
    ]
    return _dump(entries)


FORMATS: dict[str, Callable[[Report, Surroundings], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "gitlab": _gitlab,
    "turtle": _turtle,
    "markdown": lambda report, around: summarise(report, around.language),
}


def below(report: Report, folder: Path) -> Report:
    """Return a report with its files named from above: ``folder`` is where the dataset stands."""
    return replace(report, findings=tuple(_below(finding, folder) for finding in report.findings))


def _below(finding: Finding, folder: Path) -> Finding:
    related = tuple(replace(place, path=folder / place.path) for place in finding.related)
    return replace(finding, path=folder / finding.path if finding.path.name else finding.path, related=related)


def render(report: Report, name: str, around: Surroundings | None = None) -> str:
    """Return a report in one of ``FORMATS``; those for people tell once what several constraints say of one place."""
    told = report if name in _COMPLETE else replace(report, findings=distinct(report.findings))
    return FORMATS[name](told, around or Surroundings())
