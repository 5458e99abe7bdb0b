"""One real server over the data of all the suites, each file in a graph of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.namespaces import Prefixes
from abckg.sources import Sources
from abckg.writing.gate import write_gate
from conformance.manifest import MISSING, SUITES
from conftest import ROOT, free_port, wait_for

TOKEN = "a-token-for-the-tests"  # noqa: S105 - of a server on loopback
PROTOCOL_GRAPHS = "http://kasei.us/2009/09/sparql/data/"


def graphs() -> Iterator[tuple[str, Path]]:
    for number in (1, 2, 3):
        yield f"{PROTOCOL_GRAPHS}data{number}.rdf", SUITES / "protocol" / f"data{number}.nt"
    for suite in ("csv-tsv-res", "json-res"):
        for path in sorted((SUITES / suite).glob("data*.ttl")):
            yield path.as_uri(), path


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the data of the suites with the real server and yield its address; writes are off."""
    with serving(tmp_path_factory.mktemp("w3c"), {}) as address:
        yield address


@pytest.fixture(scope="session")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the same with writes on."""
    with serving(tmp_path_factory.mktemp("w3c-writable"), {"ABCKG_TOKEN": TOKEN}) as address:
        yield address


@contextmanager
def serving(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    if not SUITES.is_dir():
        pytest.skip(MISSING)
    store = ox.Store(str(folder / "store"))
    for iri, path in graphs():
        store.bulk_load(path=path, base_iri=iri, to_graph=ox.NamedNode(iri))
    store.flush()
    del store
    (folder / "store.version").write_text("w3c\n", encoding="utf-8")
    # The suites write people and their cards, which are no records of ours: neither our ontology nor our shapes hold.
    write_gate(Sources(folder, Prefixes({}), ()), folder)
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "abckg", "serve", "--root", str(ROOT), "--store", str(folder / "store")]
    environment = {**os.environ, "ABCKG_ACCESS_LOG": "", **environment}
    process = subprocess.Popen([*command, "--port", str(port)], env=environment)
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
