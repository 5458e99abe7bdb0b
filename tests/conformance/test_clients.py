"""Clients that people use, against the real server."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import ResultRow
from SPARQLWrapper import CSV, GET, JSON, POST, TURTLE, XML, SPARQLWrapper

ONTOLOGY = "https://w3id.org/abc-kg/ontology#"
HUBS = f"SELECT ?hub WHERE {{ ?hub a <{ONTOLOGY}Hub> }} ORDER BY ?hub LIMIT 3"


@pytest.mark.parametrize("method", [GET, POST])
@pytest.mark.parametrize("form", [JSON, XML, CSV])
def test_sparqlwrapper_reads_solutions(server: str, method: str, form: str) -> None:
    client = SPARQLWrapper(f"{server}/sparql", returnFormat=form)
    client.setMethod(method)
    client.setQuery(HUBS)

    text = client.query().response.read().decode("utf-8")

    assert text.count("/id/hub/") == 3


def test_sparqlwrapper_reads_a_graph(server: str) -> None:
    client = SPARQLWrapper(f"{server}/sparql", returnFormat=TURTLE)
    client.setQuery(f"CONSTRUCT {{ ?hub a <{ONTOLOGY}Hub> }} WHERE {{ {{ {HUBS} }} }}")

    assert b"Hub" in client.query().response.read()


def test_store_of_rdflib_asks_and_counts(server: str) -> None:
    store = SPARQLStore(f"{server}/sparql")

    hubs = [row.hub for row in store.query(HUBS) if isinstance(row, ResultRow)]

    assert len(hubs) == 3
    assert all(isinstance(hub, URIRef) for hub in hubs)
    assert store.query(f"ASK {{ <{hubs[0]}> a <{ONTOLOGY}Hub> }}").askAnswer


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_reads_compressed_json_from_a_form(server: str) -> None:
    command = ["curl", "--silent", "--fail", "--compressed", "--data-urlencode", f"query={HUBS}", f"{server}/sparql"]

    found = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=20).stdout)

    assert len(found["results"]["bindings"]) == 3
