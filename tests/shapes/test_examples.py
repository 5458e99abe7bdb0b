"""Every rule has an example that tells the truth: what is wrong is found where it stands, what is right is not."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest

from abckg import turtle
from abckg.evidence import verify
from abckg.examples import load_examples
from abckg.reports.report import Finding
from abckg.rulebook import rules_of
from abckg.shacl.engines import EngineName
from abckg.sources import SourceFile, Sources
from abckg.validate import validate
from examples import PREFIXES, Case, Side, cases, parts_missing, write
from small import ROOT

Look: TypeAlias = Callable[[Case, Side], list[Finding]]

RULES = rules_of(ROOT)
CASES = cases(RULES)
ALONE = ("consistency", "queries")
"""Checks of which one fault may hide another: their examples are looked at one at a time."""
ALSO = {"Passage-endOffset": {"Passage-startOffset"}}  # no start is before an end that is no number
"""Rules of which a breach breaks others, and these."""
NEAR = (
    *("axiom-refused", "definition-without-genus", "disjoint-classes", "lineage-cycle", "miscellaneous-class"),
    *(
        "query-header",
        "recursive-definition",
        "rl-cardinality",
        "rl-existential-definition",
        "rl-expression",
        "turtle-syntax",
    ),
)
"""Rules that report an axiom or a term as a whole, the first of two statements, or where the parser could not go on."""
SAID = "これは例の文書である。例大学は約10件の特許を出願し、そのうち約3件を地元の企業とともに実用化した。"
TEXT = SAID + "余白" * 300
START, END = SAID.index("例大学"), len(SAID)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


HEAD = "@prefix abc: <https://w3id.org/abc-kg/ontology#> . @prefix document: <https://w3id.org/abc-kg/id/document/> ."
DOCUMENTS = f"""{HEAD}
document:some-document a abc:Document ; abc:sourceFileName "example.txt" ; abc:sha256 "{sha256(TEXT)}" .
document:another-document a abc:Document .
"""
PASSAGE = f"""a abc:Passage ; abc:passageOf document:some-document ;
    abc:startOffset {START} ; abc:endOffset {END} ; abc:sha256 "{sha256(TEXT[START:END])}" ."""


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory, sources: Sources) -> Look:
    """What the check of an example’s rule finds in the file of one of its sides."""

    ontology = tuple(file for file in sources.files if file.kind == "ontology")

    @cache
    def together(check: str, number: int | None, side: Side) -> dict[Path, list[Finding]]:
        of = [case for case in CASES if case.rule.check == check and number in (None, case.number)]
        folder = tmp_path_factory.mktemp(f"{check}-{side}")
        write(folder, of, side)
        found: dict[Path, list[Finding]] = defaultdict(list)
        for finding in validate(folder, only=(check,)).findings:
            found[finding.path].append(finding)
        return found

    def look_at(case: Case, side: Side) -> list[Finding]:
        if case.rule.check == "evidence":
            return evidence(tmp_path_factory.mktemp("evidence"), ontology, case, side)
        number = case.number if case.rule.check in ALONE else None
        return together(case.rule.check, number, side).get(case.path(side), [])

    return look_at


def evidence(folder: Path, ontology: tuple[SourceFile, ...], case: Case, side: Side) -> list[Finding]:
    (folder / "example.txt").write_text(TEXT, encoding="utf-8")
    text = case.text(side)
    parts = HEAD + "".join(f"\n{part} {PASSAGE}" for part in parts_missing(text))
    texts = {
        Path("data/document/documents.ttl"): DOCUMENTS,
        Path("data/document/parts.ttl"): parts,
        case.path(side): text,
    }
    files = tuple(SourceFile(path, "data", text, tuple(turtle.parse(text, path))) for path, text in texts.items())
    return list(verify(Sources(ROOT, PREFIXES, (*ontology, *files)), folder).findings)


def is_the_same_fault(one: str, other: str) -> bool:
    """Whether two rules are about one property, of a class and of any record, or the other about all of a class."""
    said, also = (name.removesuffix("-value").split("-")[-1] for name in (one, other))
    return said == also or "-" not in other or other in ALSO.get(one, set())


def test_every_rule_has_an_example_and_every_example_a_rule() -> None:
    assert [rule.name for rule in RULES if not rule.examples] == []
    assert load_examples(ROOT).keys() - {rule.name for rule in RULES} == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_wrong_is_found_by_its_rule_in_the_lines_shown(look: Look, case: Case) -> None:
    findings = look(case, "wrong")

    own = [finding for finding in findings if finding.rule == case.rule.name]
    assert own
    assert [f.rule for f in findings if not is_the_same_fault(case.rule.name, f.rule)] == []
    places = [(finding, case.shown_at("wrong", finding.line)) for finding in findings if finding.line]
    assert [finding for finding, line in places if line is None] == []
    changed = {line.text for line in case.lines("wrong") if line.kind == "changed"}
    reported = {line.text for finding, line in places if line is not None and finding in own}
    is_near = case.rule.name in NEAR or case.rule.check == "evidence"  # that is about a record or passage as a whole
    assert is_near or not changed or not reported or changed & reported
    assert {finding.severity for finding in own} == {case.rule.severity}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_right_has_no_finding(look: Look, case: Case) -> None:
    assert [(finding.rule, finding.line, finding.message) for finding in look(case, "right")] == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_example_shows_what_changes_and_is_short(case: Case) -> None:
    assert case.text("wrong") != case.text("right") or case.path("wrong") != case.path("right")
    assert len(case.example.difference) <= 16


@pytest.mark.parametrize("side", ["wrong", "right"])
def test_both_engines_find_the_same_in_the_examples(tmp_path: Path, side: Side) -> None:
    write(tmp_path, [case for case in CASES if case.rule.check == "shapes"], side)
    engines: tuple[EngineName, EngineName] = ("pyshacl", "fast")

    reports = (validate(tmp_path, only=("shapes",), engine=engine) for engine in engines)
    one, other = ({(f.path, f.line, f.column, f.rule, f.component) for f in report.findings} for report in reports)

    assert one
    assert one == other
