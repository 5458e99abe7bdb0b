"""The graph of the checkout on three stores: embedded, on Oxigraph's own server, on Virtuoso 7."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import servers
from abckg.store import EmbeddedStore, RemoteStore, Store
from remote import with_graphs

INSTALL = {
    "oxigraph": "the PyPI package oxigraph is not installed",
    "virtuoso": "virtuoso-t is not installed: apt-get install virtuoso-opensource-7-bin",
}


@pytest.fixture(scope="session")
def dump(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dump") / "abc-kg.nq"
    with gzip.open(built / "dumps" / "abc-kg.nq.gz") as packed, path.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return path


@pytest.fixture(scope="session", params=["embedded", "oxigraph", "virtuoso"])
def any_store(
    request: pytest.FixtureRequest, built: Path, dump: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    if request.param == "embedded":
        yield EmbeddedStore.open(built / "store")
        return
    start = servers.servers().get(request.param)
    if start is None:
        pytest.skip(INSTALL[request.param])
    running = start(dump, tmp_path_factory.mktemp(request.param))
    yield RemoteStore(with_graphs(running))
    servers.stop(running)
