"""The real server opens no connection and no file for a client, even to an address that is on its list."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from conftest import ROOT, free_port, wait_for
from elsewhere import Listener, listener
from faults.waiting import settled


@pytest.fixture(scope="module")
def nobody() -> Iterator[Listener]:
    with listener() as found:
        yield found


@pytest.fixture(scope="module")
def listed(built: Path, nobody: Listener) -> Iterator[str]:
    """Serve with the listener on the list."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "abckg", "serve", "--root", str(ROOT), "--store", str(built / "store")]
    command += ["--port", str(port), "--allow-service", f"http://127.0.0.1:{nobody.port}/", "--workers", "1"]
    process = subprocess.Popen(command, env={**os.environ, "ABCKG_ACCESS_LOG": ""})
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def status(address: str, fields: dict[str, str], accept: str = "*/*") -> int:
    request = Request(f"{address}/sparql", urlencode(fields).encode(), {"Accept": accept})  # noqa: S310
    try:
        with urlopen(request, timeout=30) as response:  # noqa: S310 - our own server
            return int(response.status)
    except HTTPError as fault:
        with fault:
            return fault.code


REFUSED = {
    "service": "SELECT * {{ SERVICE <{far}> {{ ?s ?p ?o }} }}",
    "silent": "SELECT * {{ SERVICE SILENT <{far}> {{ ?s ?p ?o }} }}",
    "sub-query": "SELECT * {{ {{ SELECT * {{ OPTIONAL {{ SERVICE <{far}> {{ ?s ?p ?o }} }} }} }} }}",
    "exists": "ASK {{ FILTER EXISTS {{ SERVICE <{far}> {{ ?s ?p ?o }} }} }}",
    "variable": "SELECT * {{ VALUES ?far {{ <{far}> }} SERVICE ?far {{ ?s ?p ?o }} }}",
    "prefix": "PREFIX far: <{far}> SELECT * {{ SERVICE far: {{ ?s ?p ?o }} }}",
    "escape": "SELECT * {{ SERV\\u0049CE <{far}> {{ ?s ?p ?o }} }}",
    "comment": "SELECT * {{ SERVICE #\n <{far}> {{ ?s ?p ?o }} }}",
    "user": "SELECT * {{ SERVICE <http://127.0.0.1:1@127.0.0.1:{port}/> {{ ?s ?p ?o }} }}",
    "from": "SELECT * FROM <{far}> {{ ?s ?p ?o }}",
    "from named": "SELECT * FROM NAMED <{far}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "file": "SELECT * FROM <file:///etc/passwd> {{ ?s ?p ?o }}",
    "service of a file": "SELECT * {{ SERVICE <file:///etc/passwd> {{ ?s ?p ?o }} }}",
    "load": "LOAD <{far}>",
    "load of a file": "LOAD <file:///etc/passwd> INTO GRAPH <http://x.example/>",
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED.keys())
def test_query_that_would_lead_elsewhere_is_refused_without_a_connection(
    listed: str, nobody: Listener, query: str
) -> None:
    text = query.format(far=f"http://127.0.0.1:{nobody.port}/", port=nobody.port)

    assert status(listed, {"query": text}) in (400, 403)
    assert nobody.calls() == 0


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_graph_that_is_chosen_by_the_protocol_is_not_fetched(listed: str, nobody: Listener, name: str) -> None:
    far = f"http://127.0.0.1:{nobody.port}/"

    assert status(listed, {"query": "ASK { ?s ?p ?o }", name: far}) == 200
    assert status(listed, {"query": "SELECT * { ?s ?p ?o } LIMIT 1", name: far}, "application/ld+json") == 406
    assert nobody.calls() == 0


@pytest.mark.parametrize("update", ["LOAD <{far}>", "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{far}> {{ ?s ?p ?o }} }}"])
def test_update_does_not_fetch_either(listed: str, nobody: Listener, update: str) -> None:
    text = update.format(far=f"http://127.0.0.1:{nobody.port}/")

    assert status(listed, {"update": text}) in (401, 403)
    assert nobody.calls() == 0


def test_context_of_json_ld_is_not_fetched(nobody: Listener) -> None:
    text = f'{{"@context": "http://127.0.0.1:{nobody.port}/", "@id": "http://x.example/", "name": "x"}}'

    with pytest.raises(SyntaxError, match="context"):
        list(ox.parse(text, format=ox.RdfFormat.JSON_LD))
    assert nobody.calls() == 0


def test_a_connection_would_be_seen(nobody: Listener) -> None:
    """The engine's own client connects at once: what is refused above is refused by this program."""
    query = f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{nobody.port}/> {{ ?s ?p ?o }} }}"
    code = f"import pyoxigraph; list(pyoxigraph.Store().query({query!r}))"

    with subprocess.Popen([sys.executable, "-c", code]) as engine:
        settled(lambda: nobody.calls() > 0)
        engine.kill()
