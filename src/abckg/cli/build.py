"""``abckg build``: the store, the dumps and the description of the dataset."""

from __future__ import annotations

from pathlib import Path

import click

from abckg.build import build as build_dataset
from abckg.cli.options import root_option

__all__ = ["build"]


@click.command(epilog="Example: abckg build --out build")
@root_option
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("build"), show_default=True, help="Folder to write."
)
def build(root: Path, out: Path) -> None:
    """Write the store, the inferred graph, the dumps with checksums and the VoID/DCAT description."""
    click.echo("Reading, reasoning and writing …", err=True)
    built = build_dataset(root, out)
    click.echo(
        f"{built.folder}: {built.asserted} asserted and {built.inferred} inferred triples, version {built.version}"
    )
