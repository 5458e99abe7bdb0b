"""The W3C suite of the SPARQL 1.1 Protocol, over HTTP against the real server: one test here for each of its 34."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse

import pyoxigraph as ox
import pytest

from conformance.manifest import Manifest, Request

SUITE = Manifest("protocol")
# What these seven ask is to be done, which is not enabled yet: that the server refuses them is what is tested.
UPDATES_NOT_ENABLED = [
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_named_graphs",
    "update_dataset_full",
    "update_post_form",
    "update_post_direct",
    "update_base_uri",
]
ENABLED = [name for name in SUITE.names() if name not in UPDATES_NOT_ENABLED]
RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
}


def send(endpoint: str, request: Request) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(endpoint.removeprefix("http://"), timeout=20)
    try:
        connection.request(request.method, request.path, request.body, request.headers)
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


@pytest.mark.parametrize("name", ENABLED)
def test_w3c_protocol(endpoint: str, name: str) -> None:
    for request in SUITE.requests(name):
        response, body = send(endpoint, request)
        check(request, response, body)


@pytest.mark.parametrize("name", UPDATES_NOT_ENABLED)
def test_w3c_protocol_update_is_refused_while_updates_are_not_enabled(endpoint: str, name: str) -> None:
    response, _ = send(endpoint, SUITE.requests(name)[0])

    assert response.status == 403


def test_no_test_of_the_suite_is_left_out(endpoint: str) -> None:
    assert len(SUITE.names()) == 34
    assert set(SUITE.names()) >= set(UPDATES_NOT_ENABLED)
