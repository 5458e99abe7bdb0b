"""``abckg serve``: everything under one address."""

from __future__ import annotations

import os
import resource
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from abckg.build import write_served
from abckg.cli.options import root_option
from abckg.cli.stores import open_store
from abckg.dataset import assemble
from abckg.errors import UsageError
from abckg.federation.addresses import AllowList
from abckg.settings import Settings
from abckg.sources import read
from abckg.web.authority import with_token
from abckg.web.lanes.board import can_be_shared
from abckg.web.lanes.listener import LISTEN, bound, free_port
from abckg.web.wsgi import SERVER
from abckg.writing.editable import refuse_unless_writable

__all__ = ["serve"]

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_SPARE_THREADS = 4
_SLOW_BODIES = 256
_GRACE_SECONDS = 5


@click.command(epilog="Example: abckg serve --port 8080")
@root_option
@click.option("--host", default=Settings.host, show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=Settings.port, show_default=True, help="Port.")
@click.option(
    "--store", default="", metavar="PATH or URL", help="Built store or SPARQL endpoint [default: from sources]."
)
@click.option("--servers", type=click.IntRange(1), default=1, show_default=True, help="Processes that serve.")
@click.option("--workers", type=click.IntRange(1), help=f"Query processes of each [default: {Settings.workers}].")
@click.option("--timeout", type=click.FloatRange(0.1), help=f"Seconds for a query [default: {Settings.timeout:g}].")
@click.option("--token-file", default="", metavar="FILE", help="Let writes in that bear the token in FILE.")
@click.option(
    "--allow-service",
    multiple=True,
    metavar="PREFIX",
    help="Let SERVICE ask the endpoints under this address; may be given again.",
)
@click.option("--prefix", default="", help="Path under which a proxy shows the server, such as /abc.")
@click.option(
    "--sources",
    default="",
    envvar="ABCKG_SOURCES",
    help="Folder with the texts of the documents, to show the words of each passage [env: ABCKG_SOURCES].",
)
def serve(
    root: Path,
    host: str,
    port: int,
    store: str,
    servers: int,
    workers: int | None,
    timeout: float | None,
    token_file: str,
    allow_service: tuple[str, ...],
    prefix: str,
    sources: str,
) -> None:
    """Serve the SPARQL endpoint, the records, the ontology and the pages."""
    AllowList(allow_service)
    bound(host, port, alone=True).close()  # before anything is said or read
    with ExitStack() as stack:
        if token_file:
            os.environ["ABCKG_TOKEN_FILE"] = token_file
        writes = bool(with_token(Settings.from_environment(os.environ)).token)
        if writes:
            _refuse_writes_to_nothing_kept(store, servers)
        if not store:
            click.echo("Reading the sources and reasoning …", err=True)
            store = _temporary_store(root, stack)
        opened = open_store(store, root)
        if writes and Path(store).is_dir():
            refuse_unless_writable(Path(store), root, opened)
        limits = {"WORKERS": workers, "TIMEOUT": timeout, "ALLOW_SERVICE": " ".join(allow_service) or None}
        os.environ.update(ABCKG_ROOT=str(root), ABCKG_STORE=store, ABCKG_PREFIX=prefix, ABCKG_SOURCES=sources)
        os.environ.update({SERVER: str(os.getpid())})
        if servers > 1:
            # Where the processes put their numbers, so that /metrics of any of them gives those of all.
            numbers = stack.enter_context(tempfile.TemporaryDirectory(prefix="abckg-metrics-", dir=_memory()))
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", numbers)
        os.environ.update({f"ABCKG_{name}": str(value) for name, value in limits.items() if value is not None})
        click.echo(f"abckg {version('abckg')}: {opened.count()} triples, version {opened.version}")
        click.echo(f"http://{host}:{port}{prefix}/  (stop with Ctrl-C)")
        del opened
        _run(host, port, servers, Path(store), stack)


def _refuse_writes_to_nothing_kept(store: str, servers: int) -> None:
    """Raise UsageError where writes would vanish with the server, or where several processes would write."""
    if not store:
        raise UsageError("a token is set: give --store the store of a build, so that what is written is kept")
    if servers > 1:
        raise UsageError("a token is set: writes need one server process; leave out --servers, or unset the token")


def _memory() -> str | None:
    """Return a folder in memory, where there is one: a full disk would end who counts in files on it."""
    return str(_SHARED_MEMORY) if _SHARED_MEMORY.is_dir() and os.access(_SHARED_MEMORY, os.W_OK) else None


def _run(host: str, port: int, processes: int, store: Path, stack: ExitStack) -> None:
    settings = Settings.from_environment(os.environ)
    if store.is_dir() and settings.lanes_wanted and can_be_shared():
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a connection takes two descriptors
        stack.enter_context(bound(host, port))  # nobody else may take it meanwhile
        behind = free_port()
        os.environ[LISTEN] = f"{host} {port} {behind}"
        host, port = "127.0.0.1", behind
    Granian(
        "abckg.web.wsgi:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        # Each query under way or waiting keeps a thread, and each body until it is there; a thread that is not
        # needed is not started. The rest is for pages and refusals.
        blocking_threads=settings.queue + _SPARE_THREADS + _SLOW_BODIES,
        workers_kill_timeout=_GRACE_SECONDS,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()


def _temporary_store(root: Path, stack: ExitStack) -> str:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="abckg-")))
    write_served(assemble(read(root)), folder)
    return str(folder / "store")
