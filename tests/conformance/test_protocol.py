"""The W3C suite of the SPARQL 1.1 Protocol, over HTTP against the real server: one test here for each of its 34."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse

import pyoxigraph as ox
import pytest

from conformance.conftest import TOKEN
from conformance.manifest import Manifest, Request

SUITE = Manifest("protocol")
UPDATES = [name for name in SUITE.names() if "update" in name]
SERVERS = ["endpoint", "writable"]  # where writes are off, where they are on
RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
}


def send(endpoint: str, request: Request, *, token: str = "") -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(endpoint.removeprefix("http://"), timeout=20)
    headers = {**request.headers, "Authorization": f"Bearer {token}"} if token else request.headers
    try:
        connection.request(request.method, request.path, request.body, headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def kind_of_answer(content_type: str, body: bytes) -> str:
    media_type = content_type.partition(";")[0]
    if media_type in RESULTS:
        found = ox.parse_query_results(body, format=RESULTS[media_type])
        return "boolean" if isinstance(found, ox.QueryBoolean) else "tabular"
    form = ox.RdfFormat.from_media_type(media_type)
    assert form is not None
    list(ox.parse(body, format=form))
    return "RDF"


def check(request: Request, response: HTTPResponse, body: bytes) -> None:
    content_type = response.headers["Content-Type"]
    assert str(response.status)[0] in request.statuses
    if request.format is not None:
        assert kind_of_answer(content_type, body) == request.format
    if request.boolean is not None:
        found = ox.parse_query_results(body, format=RESULTS[content_type])
        assert isinstance(found, ox.QueryBoolean)
        assert bool(found) is request.boolean


@pytest.mark.parametrize("name", SUITE.names())
def test_w3c_protocol(request: pytest.FixtureRequest, name: str) -> None:
    # An update changes what the queries of other tests are about, so those have a server of their own.
    endpoint = request.getfixturevalue("writable" if name in UPDATES else "endpoint")
    for sent in SUITE.requests(name):
        # The suite knows no tokens: a write bears ours.
        response, body = send(endpoint, sent, token=TOKEN if name in UPDATES else "")
        check(sent, response, body)


@pytest.mark.parametrize("name", [name for name in UPDATES if not name.startswith("bad")])
def test_w3c_protocol_update_without_token_is_refused(request: pytest.FixtureRequest, name: str) -> None:
    statuses = [send(request.getfixturevalue(server), SUITE.requests(name)[0])[0].status for server in SERVERS]

    assert statuses == [403, 401]


def test_no_test_of_the_suite_is_left_out(endpoint: str) -> None:
    assert len(SUITE.names()) == 34
    assert len([name for name in UPDATES if not name.startswith("bad")]) == 7
