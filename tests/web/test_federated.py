"""A query that asks a listed endpoint, by HTTP from end to end."""

from __future__ import annotations

import json

import pyoxigraph as ox

import tiny
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.web import create_app
from elsewhere import answering, fake, federation

COINS = ox.NamedNode(f"{tiny.BASE}id/hub/coins")


def test_endpoint_on_the_list_is_asked_anew_each_time() -> None:
    far_graph, store = ox.Store(), tiny.store()
    far_graph.add(ox.Quad(COINS, ox.NamedNode("http://x.example/visitors"), ox.Literal(7)))
    with fake(answering(far_graph)) as far:
        store.federate = federation(f"http://far.example:{far.port}/")
        client = create_app(store, Settings(), Catalogue([])).test_client()
        query = f"SELECT ?n {{ ?hub a <{tiny.BASE}ontology#Hub> SERVICE <{far.url}> {{ ?hub ?visitors ?n }} }}"
        first = client.get("/sparql", query_string={"query": query})
        again = client.get("/sparql", query_string={"query": query})

    assert [row["n"]["value"] for row in json.loads(first.data)["results"]["bindings"]] == ["7"]
    assert (first.data, first.headers["Cache-Control"]) == (again.data, "no-store")
    assert len(far.queries) == 2


def test_endpoint_that_is_not_listed_is_403() -> None:
    client = create_app(tiny.store(), Settings(), Catalogue([])).test_client()

    response = client.get("/sparql?query=ASK{SERVICE<http://far.example/>{}}")

    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
