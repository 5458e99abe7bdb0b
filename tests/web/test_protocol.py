"""What a request of the SPARQL protocol may look like, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import tiny
from abckg.settings import Settings
from abckg.web.application import create_app

QUERY = "application/sparql-query"
FORM = "application/x-www-form-urlencoded"
DATA, INFERRED = f"{tiny.BASE}graph/data", f"{tiny.BASE}graph/inferred"
LEADS = f"{{ ?s <{tiny.BASE}ontology#leads> ?o }}"


def detail(response: TestResponse) -> str:
    return str(json.loads(response.data)["detail"])


def is_true(response: TestResponse) -> bool:
    assert response.status_code == 200, response.get_data(as_text=True)
    return bool(json.loads(response.data)["boolean"])


def ask(client: FlaskClient, query: str, **parameters: object) -> TestResponse:
    return client.get("/sparql", query_string={"query": query, **parameters})


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "us-ascii"])
def test_query_in_a_charset_within_utf_8_is_read(client: FlaskClient, charset: str) -> None:
    assert is_true(client.post("/sparql", data="ASK {}", content_type=f"{QUERY}; charset={charset}"))


@pytest.mark.parametrize("content_type", [f"{QUERY}; charset=utf-16", f"{FORM}; charset=shift_jis"])
def test_other_charset_is_415(client: FlaskClient, content_type: str) -> None:
    assert client.post("/sparql", data=b"query=ASK%7B%7D", content_type=content_type).status_code == 415


def test_compressed_body_is_415_and_never_unpacked(client: FlaskClient) -> None:
    response = client.post("/sparql", data=b"\x1f\x8b", content_type=QUERY, headers={"Content-Encoding": "gzip"})

    assert response.status_code == 415


@pytest.mark.parametrize("sent", ["query=ASK%20%7B%7D%20%23%FF", "query=ASK%20%7B%7D&format=%C3%28"])
def test_value_that_is_not_utf_8_is_400_and_nothing_is_guessed(client: FlaskClient, sent: str) -> None:
    assert client.get(f"/sparql?{sent}").status_code == 400
    assert client.post("/sparql", data=sent, content_type=FORM).status_code == 400


@pytest.mark.parametrize("sent", ["query=ASK%7B%7D&query=ASK%7B%7D", "query=ASK%7B%7D&query="])
def test_second_query_is_400_wherever_it_stands(client: FlaskClient, sent: str) -> None:
    assert client.get(f"/sparql?{sent}").status_code == 400
    assert client.post("/sparql", data=sent, content_type=FORM).status_code == 400
    assert client.post("/sparql?query=ASK%7B%7D", data="ASK {}", content_type=QUERY).status_code == 400
    assert client.post("/sparql?query=ASK%7B%7D", data="query=ASK%7B%7D", content_type=FORM).status_code == 400


def test_hundreds_of_fields_are_400(client: FlaskClient) -> None:
    assert client.post("/sparql", data="query=ASK{}" + "&a=" * 300, content_type=FORM).status_code == 400


@pytest.mark.parametrize("sent", ["update=CLEAR%20ALL", "query=ASK%7B%7D&using-graph-uri=http://g.example/"])
def test_update_is_403_by_every_method(client: FlaskClient, sent: str) -> None:
    assert client.get(f"/sparql?{sent}").status_code == 403
    assert client.post("/sparql", data=sent, content_type=FORM).status_code == 403


def test_relative_iri_is_resolved_against_the_endpoint(client: FlaskClient) -> None:
    response = ask(client, "CONSTRUCT { <s> <p> <#o> } WHERE {}", format="nt")

    expected = "<http://localhost/s> <http://localhost/p> <http://localhost/sparql#o> ."
    assert response.get_data(as_text=True).strip() == expected


def test_place_of_an_error_is_told_in_the_text_that_was_sent(client: FlaskClient) -> None:
    absolute, relative = (json.loads(ask(client, f"ASK {{ <{iri}> ?p ?o }} oops").data) for iri in ("s:x", "./x"))

    assert relative["line"] == absolute["line"] == 1
    assert relative["column"] == absolute["column"]


@pytest.mark.parametrize(
    ("graphs", "expected"),
    [
        ({"default-graph-uri": [DATA]}, False),
        ({"default-graph-uri": [DATA, INFERRED]}, True),
        ({"named-graph-uri": [INFERRED]}, False),
        ({"default-graph-uri": ["http://none.example/"]}, False),
        ({}, True),
    ],
    ids=["one", "two", "named", "unknown", "none"],
)
def test_graphs_of_the_protocol_make_up_the_dataset(
    client: FlaskClient, graphs: dict[str, list[str]], *, expected: bool
) -> None:
    assert is_true(ask(client, f"ASK {LEADS}", **graphs)) is expected
    posted = client.post("/sparql", query_string=graphs, data=f"ASK {LEADS}", content_type=QUERY)
    assert is_true(posted) is expected


def test_graphs_of_the_protocol_win_over_from(client: FlaskClient) -> None:
    query = f"ASK FROM <http://none.example/> {LEADS}"

    assert is_true(ask(client, query, **{"default-graph-uri": INFERRED}))


def test_from_takes_the_graphs_that_are_here(client: FlaskClient) -> None:
    assert is_true(ask(client, f"ASK FROM <{INFERRED}> {LEADS}"))
    assert not is_true(ask(client, f"ASK FROM <{DATA}> {LEADS}"))
    assert is_true(ask(client, f"BASE <{tiny.BASE}> ASK FROM NAMED <graph/inferred> {{ GRAPH ?g {LEADS} }}"))


@pytest.mark.parametrize("graph", ["http://none.example/", "file:///etc/passwd", "none", "http://127.0.0.1:1/"])
def test_from_with_a_graph_that_is_not_here_is_403_and_says_so(client: FlaskClient, graph: str) -> None:
    for clause in ("FROM", "FROM NAMED"):
        response = ask(client, f"ASK {clause} <{graph}> {{ ?s ?p ?o }}")

        assert response.status_code == 403
        assert "fetches none" in detail(response)


def test_leaving_out_inference_and_naming_graphs_is_400(client: FlaskClient) -> None:
    assert ask(client, "ASK {}", inference="false", **{"default-graph-uri": DATA}).status_code == 400
    assert ask(client, f"ASK FROM <{DATA}> {{}}", inference="no").status_code == 400


def test_query_over_the_limits_of_nesting_and_operators_is_403(tmp_path: Path) -> None:
    settings = Settings(max_nesting=10, max_operators=20)
    client = create_app(tiny.store(), settings, tiny.catalogue(tmp_path)).test_client()

    deep, long = ask(client, f"ASK {{{'{' * 10}{'}' * 10}}}"), ask(client, f"ASK {{ {'?s ?p ?o . ' * 20} }}")

    assert (deep.status_code, long.status_code) == (403, 403)
    assert "nests 11 brackets deep" in detail(deep)
    assert "21 patterns and operators" in detail(long)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.9, */*;q=0.1", "application/sparql-results+xml"),
        ("text/csv, application/sparql-results+json;q=0.9", "text/csv"),
        ("application/*;q=0.8, application/sparql-results+json;q=0.1", "application/sparql-results+xml"),
        ("text/turtle, text/tab-separated-values;q=0.2", "text/tab-separated-values"),
        ("APPLICATION/SPARQL-RESULTS+JSON ; Q=1.0", "application/sparql-results+json"),
    ],
)
def test_accept_with_lists_and_weights_is_followed(client: FlaskClient, accept: str, expected: str) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT * {}"}, headers={"Accept": accept})

    assert response.mimetype == expected
    assert "Accept" in response.vary


def test_answer_that_nobody_can_read_is_406_before_it_is_computed(client: FlaskClient) -> None:
    numbers = " ".join(str(number) for number in range(100))
    lists = " ".join(f"VALUES ?{name} {{ {numbers} }}" for name in "abcd")
    endless = f"SELECT (COUNT(*) AS ?n) {{ {lists} }}"

    response = client.post("/sparql", data=endless, content_type=QUERY, headers={"Accept": "image/png"})

    assert response.status_code == 406
    assert "Accept" in response.vary


def test_options_names_methods_and_bodies_and_head_has_no_body(client: FlaskClient) -> None:
    options, head = client.options("/sparql"), client.head("/sparql?query=ASK%7B%7D")

    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(options.headers["Allow"].split(", "))
    assert options.headers["Accept-Post"] == f"{QUERY}, {FORM}"
    assert (head.status_code, head.data, head.mimetype) == (200, b"", "application/sparql-results+json")
    assert head.headers["ETag"] == client.get("/sparql?query=ASK%7B%7D").headers["ETag"]
