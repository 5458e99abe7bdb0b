"""``abckg serve``: everything under one address."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from abckg.cli.options import root_option
from abckg.cli.stores import open_store
from abckg.dataset import assemble
from abckg.settings import Settings
from abckg.sources import read
from abckg.store import write_store

__all__ = ["serve"]


@click.command(epilog="Example: abckg serve --port 8080")
@root_option
@click.option("--host", default=Settings.host, show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=Settings.port, show_default=True, help="Port.")
@click.option(
    "--store", default="", metavar="PATH or URL", help="Built store or SPARQL endpoint [default: from sources]."
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that serve.")
@click.option("--prefix", default="", help="Path under which a proxy shows the server, such as /abc.")
@click.option(
    "--sources",
    default="",
    envvar="ABCKG_SOURCES",
    help="Folder with the texts of the documents, to show the words of each passage [env: ABCKG_SOURCES].",
)
def serve(root: Path, host: str, port: int, store: str, workers: int, prefix: str, sources: str) -> None:
    """Serve the SPARQL endpoint, the records, the ontology and the pages."""
    with ExitStack() as stack:
        if not store:
            click.echo("Reading the sources and reasoning …", err=True)
            store = _temporary_store(root, stack)
        opened = open_store(store, root)
        os.environ.update(ABCKG_ROOT=str(root), ABCKG_STORE=store, ABCKG_PREFIX=prefix, ABCKG_SOURCES=sources)
        click.echo(f"abckg {version('abckg')}: {opened.count()} triples, version {opened.version}")
        click.echo(f"http://{host}:{port}{prefix}/  (stop with Ctrl-C)")
        del opened
        Granian(
            "abckg.web.wsgi:application",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=2,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
        ).serve()


def _temporary_store(root: Path, stack: ExitStack) -> str:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="abckg-")))
    write_store(assemble(read(root)), folder / "store")
    return str(folder / "store")
