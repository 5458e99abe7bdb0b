"""``abckg new``: a record of every type can be made, says what is to be filled in, and is valid once it is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from abckg.cli import cli
from abckg.namespaces import load_prefixes
from abckg.reports.report import Severity
from abckg.scaffold import record_types, scaffold
from abckg.turtle import format_text
from abckg.validate import validate
from small import ROOT, write_small

Run = Callable[..., Result]
# The classes of types that have no record in the small dataset and another name than their class.
CLASSES = {
    "organization": "abc:University",
    "network": "abc:CouncilNetwork",
    "framework": "abc:BasicPlan",
    "gap": "abc:InformationGap",
    "group": "abc:StakeholderGroup",
    "lineage": "abc:LineageEvent",
    "place": "abc:Place",
    "plan-period": "abc:BasicPlanPeriod",
    "statement": "abc:Challenge",
}
REFERENCES = {
    "abc:fromFiscalYear": "fiscal-year:example",
    "abc:toFiscalYear": "fiscal-year:example",
    "abc:periodOfPlan": "framework:example",
    "abc:gapInDocument": "document:example",
    "abc:lineageInput": "programme:alpha",
    "abc:lineageOutput": "programme:beta",
}
LITERALS = {"abc:fiscalYearNumber": "2020", "abc:planNumber": "1"}


@pytest.fixture
def run() -> Run:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), env={"ABCKG_SOURCES": None})

    return invoke


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_small(tmp_path_factory.mktemp("new") / "small")
    shutil.copytree(ROOT / "ontology/vocab", root / "ontology/vocab", dirs_exist_ok=True)
    return root


def filled(text: str, kind: str) -> str:
    """Do what the comments say: give names, a source, and for each reference one of the allowed records."""
    lines = []
    value = ""
    for line in text.split("\n"):
        verb = line.split(" ")[2] if line.startswith("  ") else ""
        if verb == "#" or (line.startswith("#") and "SPDX" not in line):
            allowed = re.match(r"  # One of: .*?([^ ]+)$", line)
            value = allowed[1] if allowed else value
        elif verb == "abc:evidencedBy":
            lines.append("  dcterms:source <https://example.org/> ;")
        elif ":TODO" in line:
            lines.append(f"  {verb} {REFERENCES.get(verb, value)} ;")
        elif '"TODO"' in line:
            lines.append(line.replace('"TODO"@', f'"{kind} name"@').replace('"TODO"', LITERALS.get(verb, '"text"')))
        else:
            lines.append(line)
    return "\n".join(lines)


def test_a_record_of_every_type_is_found_unfinished_on_each_line_to_fill_in_and_valid_once_filled(
    dataset: Path, tmp_path: Path
) -> None:
    root = tmp_path / "all"
    shutil.copytree(dataset, root)
    made = [scaffold(root, kind, "example", class_name=CLASSES.get(kind)) for kind in record_types(root)]
    for record in made:
        (root / record.path).parent.mkdir(exist_ok=True)
        (root / record.path).write_text(record.text, encoding="utf-8")

    unfinished = {(str(f.path), f.line) for f in validate(root).findings}

    for record in made:
        for number, line in enumerate(record.text.split("\n"), 1):
            if "TODO" in line and not line.lstrip().startswith("#"):
                assert (str(record.path), number) in unfinished, line
        text = filled(record.text, record.path.parts[1])
        canonical = format_text(text, record.path, load_prefixes(root))
        assert "TODO" not in canonical
        (root / record.path).write_text(canonical, encoding="utf-8")
    violations = [f for f in validate(root).findings if f.severity is Severity.VIOLATION]
    others = [f for f in violations if f.path.parts[0] == "data" and f.rule != "query-expectation"]
    assert others == []  # a query of the small dataset counts the goals, of which there is one more


def test_a_file_that_is_there_stays(dataset: Path, run: Run, tmp_path: Path) -> None:
    shutil.copytree(dataset, tmp_path / "one")
    arguments = ("new", "goal", "tidy-region", "--root", str(tmp_path / "one"))
    before = (tmp_path / "one/data/goal/tidy-region.ttl").read_bytes()

    result = run(*arguments)

    assert (result.exit_code, (tmp_path / "one/data/goal/tidy-region.ttl").read_bytes()) == (2, before)
    assert "is there already" in result.stderr
    assert "はすでにあります" in run(*arguments, "--lang", "ja").stderr


def test_new_writes_the_file_and_says_what_comes_next(dataset: Path, run: Run, tmp_path: Path) -> None:
    shutil.copytree(dataset, tmp_path / "one")

    result = run("new", "hub", "smart-health", "--lang", "ja", "--root", str(tmp_path / "one"))

    text = (tmp_path / "one/data/hub/smart-health.ttl").read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert "abckg validate --since HEAD --lang ja を実行してください" in result.stderr
    assert "# 名称（skos:prefLabel）を日本語（@ja）と英語（@en）で一つずつ記してください。" in text
    assert "\nhub:smart-health\n  a abc:Hub ;\n" in text
    assert "abc:locatedIn" in text  # what a closed shape lets pass can be used, too
    assert "abc:evidencedBy 根拠箇所" not in text  # it is asked for, so not optional


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("hob", "x"), "Did you mean hub?"),
        (("hub", "Näme"), "lower-case letters"),
        (("hub", "x", "--class", "abc:Hob"), "no such class"),
        (("hub", "x", "--class", "nope:Hub"), "no such prefix"),
        (("group", "x"), "name the class"),
    ],
)
def test_what_cannot_be_made_is_said(dataset: Path, run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run("new", *arguments, "--root", str(dataset))

    assert result.exit_code == 2
    assert message in result.stderr
    assert re.search("[ぁ-ん]", run("new", *arguments, "--root", str(dataset), "--lang", "ja").stderr)
