"""A query that asks a listed endpoint, by HTTP from end to end."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyoxigraph as ox
import pytest
import trustme
from werkzeug.test import TestResponse

import tiny
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.web.application import create_app
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


def secured(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, end: datetime | None = None) -> ssl.SSLContext:
    """Return the context of a server of ``name`` whose authority is trusted as the documentation says."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    start = end - timedelta(days=9) if end else None
    authority.issue_cert(name, not_before=start, not_after=end).configure_cert(context)
    return context


def asked_over_tls(context: ssl.SSLContext, silent: str = "") -> TestResponse:
    far_graph, store = ox.Store(), tiny.store()
    far_graph.add(ox.Quad(COINS, ox.NamedNode("http://x.example/visitors"), ox.Literal(7)))
    with fake(answering(far_graph), context) as far:
        store.federate = federation(far.prefix)
        client = create_app(store, Settings(), Catalogue([])).test_client()
        query = f"SELECT ?n {{ ?hub a <{tiny.BASE}ontology#Hub> SERVICE {silent} <{far.url}> {{ ?hub ?visitors ?n }} }}"
        response = client.get("/sparql", query_string={"query": query})
    assert response.status_code != 200 or silent or len(far.queries) == 1
    assert response.status_code == 200 or far.queries == []  # nothing was told to who is not who it should be
    return response


def test_rows_of_a_listed_endpoint_come_over_https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    response = asked_over_tls(secured(tmp_path, monkeypatch, "far.example"))

    assert response.status_code == 200
    assert [row["n"]["value"] for row in json.loads(response.data)["results"]["bindings"]] == ["7"]


@pytest.mark.parametrize("fault", ["other-name", "unknown-authority", "expired"])
def test_endpoint_with_a_certificate_that_does_not_hold_is_refused_and_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    name = "near.example" if fault == "other-name" else "far.example"
    end = datetime.now(UTC) - timedelta(days=1) if fault == "expired" else None
    context = secured(tmp_path, monkeypatch, name, end)
    if fault == "unknown-authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))

    response, silent = asked_over_tls(context), asked_over_tls(context, "SILENT")

    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert b"CERTIFICATE_VERIFY_FAILED" in response.data
    assert json.loads(silent.data)["results"]["bindings"] == [{}]


def test_endpoint_that_is_not_listed_is_403() -> None:
    client = create_app(tiny.store(), Settings(), Catalogue([])).test_client()

    response = client.get("/sparql?query=ASK{SERVICE<http://far.example/>{}}")

    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
