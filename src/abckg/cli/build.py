"""``abckg build``: the store, the search index, the dumps and the description of the dataset."""

from __future__ import annotations

from pathlib import Path

import click

from abckg.build import build as build_dataset
from abckg.cli.options import root_option
from abckg.errors import SearchUnavailable
from abckg.published import REPORT_FILE
from abckg.reports.forms import render
from abckg.reports.report import Severity
from abckg.validate import validate

__all__ = ["build"]

_CHECKS = ("shapes", "graph", "consistency")  # those of the graph; the others are about files


@click.command(epilog="Example: abckg build --out build")
@root_option
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("build"), show_default=True, help="Folder to write."
)
@click.option("--no-check", is_flag=True, help="Do not check the graph, and write no report of it.")
def build(root: Path, out: Path, no_check: bool) -> None:
    """Write the store, the search index, the dumps with checksums, the VoID/DCAT description and the SHACL report."""
    click.echo("Reading, reasoning and writing …", err=True)
    built = build_dataset(root, out)
    click.echo(
        f"{built.folder}: {built.asserted} asserted and {built.inferred} inferred triples, version {built.version}"
    )
    if not built.is_searchable:
        click.echo(f"No search index: {SearchUnavailable()}", err=True)
    if not no_check:
        _check(root, out)


def _check(root: Path, out: Path) -> None:
    click.echo("Checking …", err=True)
    report = validate(root, only=_CHECKS)
    (out / REPORT_FILE).write_text(render(report, "turtle"), encoding="utf-8")
    violations, warnings = report.count(Severity.VIOLATION), report.count(Severity.WARNING)
    click.echo(f"{out / REPORT_FILE}: violations: {violations}, warnings: {warnings}", err=True)
