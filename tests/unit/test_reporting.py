"""A report in every form that CI systems read: nothing lost, everything escaped."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from abckg.report import Finding, Report, Severity
from abckg.reporting import FORMATS, render

FILE = Path("data/hub/x.ttl")
ERROR = Finding(FILE, 14, 3, "Hub-label", "Give a label: 100%,\nin Japanese <ja>", focus="hub:x", check="shapes")
WARNING = Finding(FILE, None, None, "unused-concept", "未使用です", Severity.WARNING)
REPORT = Report((ERROR, WARNING), ("shapes", "graph"))


def test_text_is_what_editors_follow() -> None:
    assert render(Report((ERROR,)), "text").startswith("data/hub/x.ttl:14:3: error: Give a label: 100%,")


def test_json_holds_every_finding_and_the_verdict() -> None:
    value = json.loads(render(REPORT, "json"))

    assert (value["conforms"], value["checks"]) == (False, ["shapes", "graph"])
    assert [f["severity"] for f in value["findings"]] == ["violation", "warning"]


def test_sarif_places_each_result_and_names_its_rule() -> None:
    run = json.loads(render(REPORT, "sarif"))["runs"][0]

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["Hub-label", "unused-concept"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 14, "startColumn": 3}
    assert "region" not in run["results"][1]["locations"][0]["physicalLocation"]


def test_fingerprint_does_not_depend_on_the_line() -> None:
    moved = Report((Finding(FILE, 99, 3, ERROR.rule, ERROR.message, focus="hub:x"),))

    prints = [json.loads(render(report, "sarif"))["runs"][0]["results"][0] for report in (Report((ERROR,)), moved)]

    assert prints[0]["partialFingerprints"] == prints[1]["partialFingerprints"]


def test_fingerprints_of_two_like_findings_differ() -> None:
    entries = json.loads(render(Report((ERROR, ERROR)), "gitlab"))

    assert entries[0]["fingerprint"] != entries[1]["fingerprint"]


def test_junit_counts_violations_as_failures_and_checks_as_tests() -> None:
    suite = ET.fromstring(render(REPORT, "junit").encode()).find("testsuite")  # noqa: S314 - our own output

    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")


def test_github_annotations_escape_what_would_end_them() -> None:
    line = render(REPORT, "github").splitlines()[0]

    assert line == (
        "::error file=data/hub/x.ttl,line=14,col=3,title=Hub-label::Give a label: 100%25,%0Ain Japanese <ja>"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_empty_report_is_well_formed(name: str) -> None:
    assert render(Report((), ("shapes",)), name) is not None
