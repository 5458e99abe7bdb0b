"""Findings as SARIF 2.1.0, which GitHub, Azure DevOps and editors read.

Layer: imports ``report`` only.
Specifications: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and, for what GitHub wants beyond it,
https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from abckg.reports.report import Finding, Place, Report, Severity

__all__ = ["sarif_log"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_SHORT = 1024
"""How many characters of a description GitHub keeps."""
_NOWHERE = Place(Path("ontology/prefixes.ttl"))
"""Where a finding of no file is shown: GitHub refuses the whole log otherwise (github/codeql-action#2459)."""
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_BASE = {"en": "the root of the repository", "ja": "リポジトリの最上位のフォルダ"}
_RELATED = {"en": "has to do with it", "ja": "関連する箇所"}


def sarif_log(
    report: Report,
    fingerprints: Sequence[str],
    *,
    language: str = "en",
    descriptions: Mapping[str, str] = MappingProxyType({}),
    examples: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, object]:
    """Return a report as a SARIF log.

    Args:
        report: the findings.
        fingerprints: a name for each finding that stays when lines are inserted above it.
        language: ``en`` or ``ja``, the language of the messages.
        descriptions: what a rule demands, by rule; for others the first message stands in.
        examples: wrong and right pieces of files in Markdown, by rule.
    """
    first = {finding.rule: finding for finding in reversed(report.findings)}
    rules = sorted(first)
    results = [
        _result(finding, rules.index(finding.rule), name, language)
        for finding, name in zip(report.findings, fingerprints, strict=True)
    ]
    driver = {
        "name": "abckg",
        "semanticVersion": version("abckg"),
        "informationUri": "https://w3id.org/abc-kg/",
        "rules": [
            _rule(first[rule], descriptions.get(rule, first[rule].message), examples.get(rule, "")) for rule in rules
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "language": language,
        "originalUriBaseIds": {_ROOT: {"description": {"text": _BASE[language]}}},
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(finding: Finding, text: str, example: str) -> dict[str, object]:
    rule: dict[str, object] = {
        "id": finding.rule,
        "shortDescription": {"text": text[:_SHORT]},
        "fullDescription": {"text": text[:_SHORT]},
        "help": {
            "text": f"{text} {finding.help}".strip(),
            "markdown": "\n\n".join(filter(None, (text, example, finding.help))),
        },
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
    }
    return rule | ({"helpUri": finding.help} if finding.help else {})


def _result(finding: Finding, index: int, fingerprint: str, language: str) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "partialFingerprints": {"abckg/v1": fingerprint},
    }
    place = finding.place if finding.path.name else _NOWHERE
    result["locations"] = [{"physicalLocation": _location(place)}]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _location(place), "message": {"text": _RELATED[language]}}
            for number, place in enumerate(finding.related, 1)
        ]
    return result


def _location(place: Place) -> dict[str, object]:
    artifact = {"uri": quote(place.path.as_posix()), "uriBaseId": _ROOT}
    if place.line is None:
        return {"artifactLocation": artifact}
    region = {"startLine": place.line, "startColumn": place.column or 1}
    if place.end_line is not None and place.end_column is not None:
        region |= {"endLine": place.end_line, "endColumn": place.end_column}
    return {"artifactLocation": artifact, "region": region}
