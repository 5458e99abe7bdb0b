"""``abckg evidence``: every passage against the texts of the documents."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from abckg.cli.findings import echo_findings
from abckg.cli.options import language_option, root_option
from abckg.errors import UsageError
from abckg.evidence import verify
from abckg.passages import passage
from abckg.sources import read

__all__ = ["evidence"]


_COUNT = {"en": "{} errors", "ja": "誤り {} 件"}


@click.command(epilog="Example: abckg evidence --sources texts")
@root_option
@click.option(
    "--sources",
    "folder",
    type=click.Path(path_type=Path),
    envvar="ABCKG_SOURCES",
    required=True,
    help="Folder with the texts of the documents [env: ABCKG_SOURCES].",
)
@language_option
@click.option(
    "--locate", metavar="WORDS", help="Verify nothing: print the passage of these words, to paste into a record."
)
@click.option("--document", help="With --locate: the document, such as s1.")
@click.option("--record", help="With --locate: the record, such as hub/coins.")
def evidence(root: Path, folder: Path, lang: str, locate: str | None, document: str | None, record: str | None) -> None:
    """Verify the hash, the names and the figures of every passage.

    The kinds of error are tried in order; the first kind that has any is listed, with exit status 1.
    """
    sources = read(root)
    if locate is not None:
        if document is None or record is None:
            raise UsageError(
                "--locate needs --document and --record",
                japanese="--locate には --document（文書名）と --record（記録名）が要ります",
            )
        found = passage(sources, folder, record=record, document=document, words=locate, language=lang)
        click.echo(found, nl=False)
        return
    report = verify(sources, folder, lang)
    echo_findings(report.findings, root, lang)
    click.echo(f"{', '.join(report.checks)}: {_COUNT[lang].format(len(report.findings))}", err=True)
    sys.exit(0 if report.conforms else 1)
