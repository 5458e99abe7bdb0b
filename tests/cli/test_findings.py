"""Findings on a terminal: in colour where it is wanted, with the line of the file."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from abckg.cli import cli
from abckg.cli.findings import echo_findings
from abckg.reports.report import Finding
from small import GOAL, put, write_small

FINDING = Finding(Path("x.ttl"), 2, 3, "rule", "wrong", end_line=2, end_column=5, help="https://example.org/rule")


@pytest.mark.parametrize(
    ("variables", "is_coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False),
    ],
    ids=["no-terminal", "forced", "no-colour", "empty-no-colour", "dumb"],
)
def test_colour_is_for_terminals_that_want_it(
    tmp_path: Path, variables: dict[str, str], is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.ttl").write_text("one\na bc d\n", encoding="utf-8")
    for name in ("FORCE_COLOR", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    command = click.command()(lambda: echo_findings([FINDING], tmp_path, "ja"))

    output = CliRunner().invoke(command, env=variables).output

    assert ("\x1b[" in output) == is_coloured
    assert click.unstyle(output).splitlines() == [
        "x.ttl:2:3: error: wrong [rule]",
        "    2 | a bc d",
        "      |   ^^",
        "      = 参照 https://example.org/rule",
    ]


def test_a_dataset_in_a_folder_of_its_repository_has_its_files_named_from_the_top_for_ci(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = write_small(tmp_path / "kg")
    put(root, "data/goal/tidy-region.ttl", GOAL.replace("Tidy region", "TODO"))
    command = ["validate", "--root", str(root), "--only", "graph", "--format"]

    ci, text = (CliRunner().invoke(cli, [*command, form]).stdout for form in ("github", "text"))

    assert ci.startswith("::error file=kg/data/goal/tidy-region.ttl,line=8,")
    assert text.startswith("data/goal/tidy-region.ttl:8:")
