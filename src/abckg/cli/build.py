"""``abckg build``: the store, the search index, the dumps and the description of the dataset."""

from __future__ import annotations

from pathlib import Path

import click

from abckg.build import build as build_dataset
from abckg.cli.options import root_option
from abckg.errors import SearchUnavailable

__all__ = ["build"]


@click.command(epilog="Example: abckg build --out build")
@root_option
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("build"), show_default=True, help="Folder to write."
)
def build(root: Path, out: Path) -> None:
    """Write the store, the search index, the dumps with checksums and the VoID/DCAT description."""
    click.echo("Reading, reasoning and writing …", err=True)
    built = build_dataset(root, out)
    click.echo(
        f"{built.folder}: {built.asserted} asserted and {built.inferred} inferred triples, version {built.version}"
    )
    if not built.is_searchable:
        click.echo(f"No search index: {SearchUnavailable()}", err=True)
