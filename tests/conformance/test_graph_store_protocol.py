"""The W3C suite of the Graph Store Protocol, over HTTP against the real server: one test here for each of its 13."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse

import pyoxigraph as ox
import pytest

from conformance.conftest import TOKEN
from conformance.manifest import CODES, Manifest, Request

SUITE = [Manifest("graph-store-protocol", f"manifest-{way}.ttl") for way in ("direct", "indirect")]
TESTS = [(manifest, name) for manifest in SUITE for name in manifest.names()]


def send(endpoint: str, request: Request) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(endpoint.removeprefix("http://"), timeout=20)
    # The suite knows no tokens: a write bears ours.
    headers = {**request.headers, "Authorization": f"Bearer {TOKEN}"}
    try:
        connection.request(request.method, request.path, request.body, headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.fixture
def empty(writable: str) -> str:
    """Return the address of a server whose graphs were dropped: the suite names the same ones again and again."""
    connection = HTTPConnection(writable.removeprefix("http://"), timeout=20)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sparql-update"}
    connection.request("POST", "/update", b"DROP ALL", headers)
    assert connection.getresponse().status == 204
    connection.close()
    return writable


def isomorphic(first: bytes, second: str) -> bool:
    found, expected = (
        ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri="http://base.example/"))
        for text in (first, second)
    )
    for graph in (found, expected):
        graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found == expected


@pytest.mark.parametrize(("manifest", "name"), TESTS, ids=[name for _, name in TESTS])
def test_w3c_graph_store_protocol(empty: str, manifest: Manifest, name: str) -> None:
    places: dict[str, str] = {}
    for request in manifest.requests(name):
        response, body = send(empty, request.at(places))

        assert response.status in {CODES[code] for code in request.codes}, body
        if request.location is not None:
            places[request.location] = response.headers["Location"]
        if request.graph is not None:
            assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"
            assert isomorphic(body, request.graph)


def test_no_test_of_the_suite_is_left_out(empty: str) -> None:
    assert len(TESTS) == 13
