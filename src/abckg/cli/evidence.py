"""``abckg evidence``: every passage against the texts of the documents."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from abckg.cli.findings import echo_findings
from abckg.cli.options import root_option
from abckg.evidence import verify
from abckg.sources import read

__all__ = ["evidence"]


@click.command(epilog="Example: abckg evidence --sources ../shared/sources")
@root_option
@click.option(
    "--sources",
    "folder",
    type=click.Path(path_type=Path),
    envvar="ABCKG_SOURCES",
    required=True,
    help="Folder with the texts of the documents [env: ABCKG_SOURCES].",
)
def evidence(root: Path, folder: Path) -> None:
    """Verify the hash, the names and the figures of every passage.

    The kinds of error are tried in order; the first kind that has any is listed, with exit status 1.
    """
    report = verify(read(root), folder)
    echo_findings(report.findings)
    click.echo(f"{', '.join(report.checks)}: {len(report.findings)} errors", err=True)
    sys.exit(0 if report.conforms else 1)
