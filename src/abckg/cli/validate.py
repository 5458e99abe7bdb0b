"""``abckg validate``: everything that CI checks."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from abckg.cli.findings import echo_findings, reader
from abckg.cli.options import language_option, root_option
from abckg.errors import MissingSource, SourceError, UsageError
from abckg.reports.forms import FOR_CI, FORMATS, Surroundings, below, render
from abckg.reports.report import Finding, Report, Severity, distinct
from abckg.rulebook import rules_of
from abckg.shacl.engines import ENGINES, EngineName
from abckg.since.baseline import cache_folder
from abckg.validate import CHECKS
from abckg.validate import validate as run
from abckg.validate.since import validate_since

__all__ = ["validate"]

_COUNTS = {"en": "violations: {}, warnings: {}", "ja": "違反 {} 件、警告 {} 件"}
_SKIPPED = {
    "en": "evidence: skipped; give --sources or ABCKG_SOURCES the texts of the documents",
    "ja": "evidence：省略しました。--sources か ABCKG_SOURCES に文書のテキストのフォルダを指定してください",
}


@click.command(epilog="Example: abckg validate data/hub/coins.ttl")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@root_option
@language_option
@click.option("--only", multiple=True, type=click.Choice(CHECKS), help="Run this check alone; may be repeated.")
@click.option(
    "--sources",
    type=click.Path(path_type=Path),
    envvar="ABCKG_SOURCES",
    help="Folder with the texts of the documents, for the evidence check [env: ABCKG_SOURCES].",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="auto",
    show_default=True,
    help="What runs the shapes: pySHACL, a fast engine in a process of its own, or what fits.",
)
@click.option("--since", metavar="REV", help="Check only what differs from this git revision, and what that can break.")
@click.option("--no-untracked", is_flag=True, help="With --since: leave out files that git does not know.")
@click.option("--write", "files", multiple=True, metavar="FORMAT=FILE", help="Write this form to a file, too.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="Form.")
def validate(
    paths: tuple[Path, ...],
    root: Path,
    lang: str,
    only: tuple[str, ...],
    sources: Path | None,
    engine: EngineName,
    since: str | None,
    no_untracked: bool,
    files: tuple[str, ...],
    form: str,
) -> None:
    """Check the dataset; with PATHS, report only what concerns those files and folders.

    With --since, what is found is what a full run finds of what changed; where that cannot be told apart,
    everything is checked and the reason is given.

    Exit status: 0 conforms, 1 violations, 2 could not run. Warnings are shown and do not count.
    """
    for path in paths:
        if not path.exists():
            raise MissingSource(path, "no such file or folder", japanese="このファイルやフォルダはありません")
    if no_untracked and since is None:
        raise UsageError("--no-untracked goes with --since")
    check = partial(run, root)
    if since is not None:
        check = partial(validate_since, root, since, cache=cache_folder(os.environ), untracked=not no_untracked)
    everything = check(only=only, language=lang, documents=sources, engine=engine)
    shown = tuple(finding for finding in everything.findings if not paths or _concerns(finding, paths, root))
    report = replace(everything, findings=shown)
    _write(report, files, root, lang)
    _echo(report, form, root, lang)
    if sources is None:
        click.echo(_SKIPPED[lang], err=True)
    sys.exit(0 if report.conforms else 1)


def _write(report: Report, files: tuple[str, ...], root: Path, language: str) -> None:
    for name, _, file in (entry.partition("=") for entry in files):
        if name not in FORMATS or not file:
            raise UsageError(f"--write {name}: give FORMAT=FILE with one of {', '.join(FORMATS)}")
        Path(file).write_text(_rendered(report, name, root, language), encoding="utf-8")


def _rendered(report: Report, form: str, root: Path, language: str) -> str:
    if form in FOR_CI:
        report = below(report, _below_repository(root.resolve()))
    around = Surroundings(reader(root), language)
    return render(report, form, _with_rules(around, root) if form == "sarif" else around)


def _with_rules(around: Surroundings, root: Path) -> Surroundings:
    """Add what each rule demands, with its examples; nothing where the shapes are malformed, which the findings say."""
    try:
        rules = rules_of(root)
    except SourceError:
        return around
    demands = {rule.name: rule.demand.get(around.language, "") for rule in rules}
    return replace(
        around,
        descriptions={name: demand for name, demand in demands.items() if demand},
        examples={rule.name: "\n\n".join(one.markdown for one in rule.examples) for rule in rules},
    )


def _below_repository(root: Path) -> Path:
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return root.relative_to(top)


def _echo(report: Report, form: str, root: Path, language: str) -> None:
    if form == "text":
        echo_findings(distinct(report.findings), root, language)
    else:
        click.echo(_rendered(report, form, root, language), nl=False)
    for note in report.notes:
        click.echo(note, err=True)
    _echo_summary(report, language)


def _concerns(finding: Finding, paths: tuple[Path, ...], root: Path) -> bool:
    place = (root / finding.path).resolve()
    return any(place.is_relative_to(path.resolve()) for path in paths)


def _echo_summary(report: Report, language: str) -> None:
    report = replace(report, findings=distinct(report.findings))
    counts = _COUNTS[language].format(report.count(Severity.VIOLATION), report.count(Severity.WARNING))
    click.echo(f"{', '.join(report.checks)}: {counts}", err=True)
