"""A report in every form that CI systems read: nothing lost, everything escaped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import rdflib
from rdflib.namespace import RDF, SH

from abckg.reports.excerpt import listing, width
from abckg.reports.forms import FORMATS, Surroundings, render
from abckg.reports.report import Finding, Place, Report, Severity, distinct
from abckg.sources import to_rdflib
from abckg.turtle import parse

FILE = Path("data/hub/x.ttl")
PTR = rdflib.Namespace("http://www.w3.org/2009/pointers#")
ERROR = Finding(
    FILE, 14, 3, "Hub-label", "Give a label: 100%,\nin Japanese <ja>", focus="https://x/hub", check="shapes"
)
WARNING = Finding(FILE, None, None, "unused-concept", "未使用です", Severity.WARNING)
SPAN = Finding(
    FILE,
    2,
    5,
    "Hub-label",
    "Give a label",
    focus="https://w3id.org/abc-kg/id/hub/x",
    check="shapes",
    end_line=2,
    end_column=9,
    help="https://w3id.org/abc-kg/rules#Hub-label",
    related=(Place(Path("data/hub/整.ttl"), 3, 4, 5, 6),),
    predicate="http://www.w3.org/2004/02/skos/core#prefLabel",
    value='"日本"@fr',
    component="http://www.w3.org/ns/shacl#LanguageInConstraintComponent",
)
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
    moved = Report((Finding(FILE, 99, 3, ERROR.rule, ERROR.message, focus="https://x/hub"),))

    prints = [json.loads(render(report, "sarif"))["runs"][0]["results"][0] for report in (Report((ERROR,)), moved)]

    assert prints[0]["partialFingerprints"] == prints[1]["partialFingerprints"]


def test_fingerprints_of_two_like_findings_differ() -> None:
    entries = json.loads(render(Report((ERROR, replace(ERROR, line=20))), "gitlab"))

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


def shown(finding: Finding, text: str) -> list[str]:
    return list(listing([finding], lambda _path: text))


def test_text_shows_the_line_with_the_fault_underlined_other_places_and_the_page_of_the_rule() -> None:
    assert shown(SPAN, 'a\nb  \t"日本"@fr ;\r\n') == [
        "data/hub/x.ttl:2:5: error: Give a label [Hub-label]",
        '    2 | b   "日本"@fr ;',
        "      |     ^^^^^^",
        "      = also at data/hub/整.ttl:3:4",
        "      = see https://w3id.org/abc-kg/rules#Hub-label",
    ]


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("日本語", 6), ("ｶﾅ", 2), ("e\u0301", 1), ("\u200b", 0), ("🗾", 2)],
    ids=["latin", "wide", "half-width", "combining", "zero-width", "emoji"],
)
def test_width_is_what_a_terminal_takes(text: str, columns: int) -> None:
    assert width(text) == columns


def test_caret_stands_under_the_fault_behind_wide_characters() -> None:
    line, caret = shown(Finding(FILE, 1, 4, "r", "m", end_line=1, end_column=5), "日本語x")[1:3]

    assert width(line) == width(caret)


def test_fault_of_several_lines_is_underlined_up_to_the_end_of_the_first() -> None:
    lines = shown(Finding(FILE, 1, 3, "r", "m", end_line=3, end_column=2), "a bcd\n\n]")

    assert lines[2] == "      |   ^^^ up to line 3"


def test_long_line_is_cut_around_the_fault() -> None:
    lines = shown(Finding(FILE, 1, 501, "r", "m", end_line=1, end_column=504), "x" * 500 + "BAD" + "y" * 500)

    assert lines[1].startswith("    1 | …xxx")
    assert lines[1].endswith("yyy…")
    assert lines[1][lines[2].index("^") : lines[2].rindex("^") + 1] == "BAD"


def test_control_characters_of_a_file_do_not_reach_the_terminal() -> None:
    lines = shown(Finding(FILE, 1, 1, "r", "\x1b[31m"), "\x1b]0;title\x07")

    assert not any(c < " " or c == "\x7f" for line in lines for c in line)


def test_place_that_is_no_longer_in_the_file_is_left_out() -> None:
    assert shown(ERROR, "one line") == shown(ERROR, "")


def test_json_has_the_end_the_page_and_other_places() -> None:
    (found,) = json.loads(render(Report((SPAN,)), "json"))["findings"]

    assert (found["endLine"], found["endColumn"], found["help"]) == (2, 9, SPAN.help)
    assert found["related"] == [{"path": "data/hub/整.ttl", "line": 3, "column": 4, "endLine": 5, "endColumn": 6}]


def test_sarif_describes_its_rules_and_encodes_the_names_of_files() -> None:
    around = Surroundings(
        language="ja", descriptions={"Hub-label": "名称がある"}, examples={"Hub-label": "```diff\n```"}
    )
    run = json.loads(render(Report((SPAN,)), "sarif", around))["runs"][0]
    rule, result = run["tool"]["driver"]["rules"][0], run["results"][0]

    assert (rule["helpUri"], rule["shortDescription"]["text"]) == (SPAN.help, "名称がある")
    assert rule["help"]["markdown"] == f"名称がある\n\n```diff\n```\n\n{SPAN.help}"
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 9}
    related = result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]
    assert related == {"uri": "data/hub/%E6%95%B4.ttl", "uriBaseId": "%SRCROOT%"}


def test_junit_has_one_case_for_each_file_and_rule() -> None:
    twice = Report((ERROR, replace(ERROR, line=20, message="\x1b[31m\ud800")), ("shapes",))

    suite = ET.fromstring(render(twice, "junit").encode()).find("testsuite")  # noqa: S314 - our own output

    assert suite is not None
    cases = [case for case in suite.iter("testcase") if case.find("failure") is not None]
    assert [(case.get("name"), case.get("line")) for case in cases] == [("Hub-label", "14")]
    assert ":20:3: error: \ufffd[31m\ufffd" in "".join(cases[0].itertext())
    assert len({(case.get("classname"), case.get("name")) for case in suite.iter("testcase")}) == int(
        suite.get("tests", "")
    )


def test_github_gets_columns_of_one_line_and_lines_of_several() -> None:
    several = Finding(FILE, 2, 5, "r", "m", end_line=4, end_column=2)

    assert "line=2,endLine=2,col=5,endColumn=8," in render(Report((SPAN,)), "github")
    assert "line=2,endLine=4,title" in render(Report((several,)), "github")


def test_turtle_is_a_shacl_report_with_the_places() -> None:
    graph = to_rdflib(iter(parse(render(Report((SPAN,)), "turtle", Surroundings(language="ja")), FILE)))
    report = graph.value(predicate=RDF.type, object=SH.ValidationReport)
    result = graph.value(report, SH.result)

    assert graph.value(report, SH.conforms) == rdflib.Literal(False)
    assert graph.value(result, SH.focusNode) == rdflib.URIRef(SPAN.focus)
    assert graph.value(result, SH.value) == rdflib.Literal("日本", lang="fr")
    assert graph.value(result, SH.sourceShape) == rdflib.URIRef("https://w3id.org/abc-kg/shapes/Hub-label")
    assert graph.value(result, SH.resultMessage) == rdflib.Literal("Give a label", lang="ja")
    assert {str(line) for line in graph.objects(None, PTR.lineNumber)} == {"2", "3", "5"}


def test_turtle_gives_every_result_what_a_shacl_report_must_have() -> None:
    graph = to_rdflib(iter(parse(render(REPORT, "turtle"), FILE)))

    for result in graph.subjects(RDF.type, SH.ValidationResult):
        for name in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent):
            assert len(list(graph.objects(result, name))) == 1


def test_forms_for_people_tell_once_what_several_constraints_say_of_one_value() -> None:
    other = replace(
        SPAN, component="http://www.w3.org/ns/shacl#DatatypeConstraintComponent", related=(Place(FILE, 9, 1),)
    )
    report = Report((SPAN, other, ERROR))

    once = distinct(report.findings)

    assert [len(finding.related) for finding in once] == [2, 0]
    assert render(report, "github").count("title=Hub-label") == 2
    assert len(json.loads(render(report, "json"))["findings"]) == 3


def test_summary_is_in_the_language_of_the_messages() -> None:
    around = Surroundings(language="ja")

    assert "**データに違反があります。** 違反 1 件、警告 1 件。" in render(REPORT, "markdown", around)
    assert "**データに違反はありません。** 違反 0 件、警告 0 件。\n\n全体を検査しました。" in render(
        Report((), notes=("全体を検査しました",)), "markdown", around
    )


def test_turtle_of_no_findings_conforms() -> None:
    assert "sh:conforms true" in render(Report(()), "turtle")
