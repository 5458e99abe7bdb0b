"""Findings in the forms that people, editors and CI systems read.

Layer: imports ``report`` only. Specifications: SARIF 2.1.0
(https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), GitHub workflow commands
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions), GitLab code quality
(https://docs.gitlab.com/ci/testing/code_quality/).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from xml.etree import ElementTree as ET

from abckg.report import Finding, Report, Severity

__all__ = ["FORMATS", "render", "text_line"]

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_GITLAB_LEVELS = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def text_line(finding: Finding) -> str:
    """Return ``file:line:column: error: message [rule]``, which editors and CI tools can follow."""
    return f"{_place(finding)}: {finding.severity.word}: {finding.message} [{finding.rule}]"


def _place(finding: Finding) -> str:
    return ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part is not None)


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


def _text(report: Report) -> str:
    return "".join(f"{text_line(finding)}\n" for finding in report.findings)


def _json(report: Report) -> str:
    findings = [
        {
            "path": finding.path.as_posix(),
            "line": finding.line,
            "column": finding.column,
            "severity": finding.severity.name.lower(),
            "rule": finding.rule,
            "message": finding.message,
            "focus": finding.focus,
            "check": finding.check,
        }
        for finding in report.findings
    ]
    head = {"conforms": report.conforms, "checks": list(report.checks), "notes": list(report.notes)}
    return _dump({**head, "findings": findings})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _sarif(report: Report) -> str:
    rules = sorted({finding.rule for finding in report.findings})
    results = [
        {
            "ruleId": finding.rule,
            "ruleIndex": rules.index(finding.rule),
            "level": _SARIF_LEVELS[finding.severity],
            "message": {"text": finding.message},
            "locations": [{"physicalLocation": _sarif_location(finding)}],
            "partialFingerprints": {"abckg/v1": name},
        }
        for finding, name in zip(report.findings, _fingerprints(report), strict=True)
    ]
    driver = {"name": "abckg", "informationUri": "https://w3id.org/abc-kg/", "rules": [{"id": rule} for rule in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return _dump({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_location(finding: Finding) -> dict[str, object]:
    artifact = {"uri": finding.path.as_posix(), "uriBaseId": "%SRCROOT%"}
    if finding.line is None:
        return {"artifactLocation": artifact}
    return {"artifactLocation": artifact, "region": {"startLine": finding.line, "startColumn": finding.column or 1}}


def _junit(report: Report) -> str:
    failures = [finding for finding in report.findings if finding.severity is Severity.VIOLATION]
    tests = str(len(report.checks) + len(failures))
    suite = ET.Element("testsuite", name="abckg validate", tests=tests, failures=str(len(failures)))
    for check in report.checks:
        ET.SubElement(suite, "testcase", classname="abckg", name=check)
    for finding in failures:
        case = ET.SubElement(suite, "testcase", classname=finding.path.as_posix(), name=finding.rule)
        ET.SubElement(case, "failure", message=finding.message, type=finding.rule).text = text_line(finding)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _github(report: Report) -> str:
    return "".join(
        f"::{_GITHUB_COMMANDS[finding.severity]} file={_property(finding.path.as_posix())},"
        f"line={finding.line or 1},col={finding.column or 1},title={_property(finding.rule)}"
        f"::{_data(finding.message)}\n"
        for finding in report.findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _gitlab(report: Report) -> str:
    entries = [
        {
            "description": finding.message,
            "check_name": finding.rule,
            "fingerprint": name,
            "severity": _GITLAB_LEVELS[finding.severity],
            "location": {"path": finding.path.as_posix(), "lines": {"begin": finding.line or 1}},
        }
        for finding, name in zip(report.findings, _fingerprints(report), strict=True)
    ]
    return _dump(entries)


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "gitlab": _gitlab,
}


def render(report: Report, name: str) -> str:
    """Return a report in one of ``FORMATS``."""
    return FORMATS[name](report)
