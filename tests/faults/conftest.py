"""A server over a graph that is small and makes queries long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.dataset import Dataset
from abckg.namespaces import Prefixes
from abckg.store import write_store
from faults.server import Server, running
from faults.waiting import settled

NODES = 700


def _node(number: int) -> ox.NamedNode:
    return ox.NamedNode(f"http://x.example/node/{number % NODES}")


@pytest.fixture(scope="session")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store in which every node leads to every other one in a few steps."""
    near, far, label = (ox.NamedNode(f"http://x.example/{name}") for name in ("near", "far", "label"))
    triples = [
        triple
        for number in range(NODES)
        for triple in (
            ox.Triple(_node(number), near, _node(number + 1)),
            ox.Triple(_node(number), far, _node(number * 7 + 3)),
            ox.Triple(_node(number), label, ox.Literal("a" * (number % 50 + 10))),
        )
    ]
    path = tmp_path_factory.mktemp("dense") / "store"
    write_store(Dataset((), tuple(triples), (), Prefixes({})), path)
    return path


@pytest.fixture(scope="module")
def server(dense: Path) -> Iterator[Server]:
    with running(dense) as started:
        yield started


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """See that after each test the next query answers, and no process and no descriptor is left over."""
    if "server" not in request.fixturenames:
        yield
        return
    server: Server = request.getfixturevalue("server")
    assert server.ask("ASK { ?s ?p ?o }").status == 200
    settled(lambda: len(server.workers()) == len(server.lanes()) == 2)
    before = server.descriptors()
    yield
    assert server.ask("ASK { ?s ?p ?o }").status == 200
    settled(lambda: len(server.workers()) == len(server.lanes()) == 2)
    settled(lambda: server.descriptors() <= before)
