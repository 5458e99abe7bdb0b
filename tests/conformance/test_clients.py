"""Clients that people use, against the real server."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import ResultRow
from SPARQLWrapper import CSV, GET, JSON, POST, TURTLE, XML, SPARQLWrapper

CLIENTS = Path(__file__).resolve().parents[1] / "clients"
COMUNICA = CLIENTS / "node_modules/@comunica/query-sparql"
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


@pytest.mark.slow
@pytest.mark.skipif(not COMUNICA.is_dir(), reason="no Comunica: npm ci --prefix tests/clients --ignore-scripts")
def test_comunica_selects_constructs_and_asks(server: str) -> None:
    results = "application/sparql-results+json"
    construct = f"CONSTRUCT {{ ?hub a <{ONTOLOGY}Hub> }} WHERE {{ {{ {HUBS} }} }}"
    questions = [results, HUBS, "application/n-triples", construct, results, f"ASK {{ ?x a <{ONTOLOGY}Hub> }}"]
    command = ["node", str(CLIENTS / "ask.mjs"), f"{server}/sparql", *questions]

    done = subprocess.run(command, capture_output=True, check=True, timeout=60)

    solutions, graph, boolean = json.loads(done.stdout)
    hubs = [row["hub"]["value"] for row in json.loads(solutions)["results"]["bindings"]]
    assert len(hubs) == 3
    assert {str(quad.subject) for quad in ox.parse(graph, format=ox.RdfFormat.N_TRIPLES)} == {f"<{h}>" for h in hubs}
    assert json.loads(boolean)["boolean"] is True
