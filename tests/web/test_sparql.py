"""The SPARQL protocol: https://www.w3.org/TR/sparql11-protocol/."""

from __future__ import annotations

import json
from io import BytesIO

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import tiny
from abckg.formats import GRAPH_FORMATS, SOLUTION_FORMATS, ResultFormat

SELECT = (
    f"SELECT ?o WHERE {{ <{tiny.BASE}id/hub/coins> <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }} ORDER BY ?o"
)
CONSTRUCT = f"CONSTRUCT WHERE {{ <{tiny.BASE}id/hub/coins> ?p ?o }}"
LEADS = f"ASK {{ ?s <{tiny.BASE}ontology#leads> ?o }}"
HTML = "text/html,application/xml;q=0.9,*/*;q=0.8"


def ask(client: FlaskClient, query: str, accept: str = "*/*", **parameters: str) -> TestResponse:
    return client.get("/sparql", query_string={"query": query, **parameters}, headers={"Accept": accept})


def values(response: TestResponse) -> list[str]:
    return [row["o"]["value"] for row in json.loads(response.data)["results"]["bindings"]]


def test_get_with_a_query_answers_in_json_by_default(client: FlaskClient) -> None:
    response = ask(client, SELECT)

    assert response.content_type == "application/sparql-results+json"
    assert values(response) == ["COINS", "スマートライフケア拠点"]


def test_post_of_a_form_answers(client: FlaskClient) -> None:
    assert values(client.post("/sparql", data={"query": SELECT})) == ["COINS", "スマートライフケア拠点"]


def test_post_of_the_query_itself_answers(client: FlaskClient) -> None:
    response = client.post("/sparql", data=SELECT, content_type="application/sparql-query")

    assert values(response) == ["COINS", "スマートライフケア拠点"]


@pytest.mark.parametrize("form", SOLUTION_FORMATS, ids=lambda form: str(form.name))
@pytest.mark.parametrize("query", [SELECT, LEADS], ids=["select", "ask"])
def test_results_are_had_in_each_format_by_accept_and_by_name(
    client: FlaskClient, form: ResultFormat, query: str
) -> None:
    by_accept, by_name = ask(client, query, form.media_type), ask(client, query, format=form.name)

    assert by_accept.mimetype == by_name.mimetype == form.media_type
    assert by_accept.data == by_name.data


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: str(form.name))
def test_graphs_are_had_in_each_format_and_are_the_same_graph(client: FlaskClient, form: ResultFormat) -> None:
    response = ask(client, CONSTRUCT, form.media_type)

    assert response.mimetype == form.media_type
    assert isinstance(form.engine, ox.RdfFormat)
    found = {quad.triple for quad in ox.parse(response.data, format=form.engine)}
    assert found == set(tiny.store().query(CONSTRUCT).triples())


@pytest.mark.parametrize("accept", ["image/png", "application/sparql-results+json;q=0, text/html;q=0"])
def test_format_that_is_not_there_is_406_and_names_those_that_are(client: FlaskClient, accept: str) -> None:
    response = ask(client, SELECT, accept)

    assert response.status_code == 406
    assert "format=csv" in response.get_data(as_text=True)


def test_format_of_another_kind_of_answer_is_406(client: FlaskClient) -> None:
    assert ask(client, SELECT, format="turtle").status_code == 406


def test_generic_json_is_answered_under_the_type_that_was_asked_for(client: FlaskClient) -> None:
    assert ask(client, SELECT, "application/json").content_type == "application/json"


def test_syntax_error_is_400_with_line_and_column(client: FlaskClient) -> None:
    response = ask(client, "SELECT *\nWHERE { ?s ?p }")

    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    problem = json.loads(response.data)
    assert (problem["line"], problem["column"]) == (2, 16)


@pytest.mark.parametrize(
    "query",
    ["ASK { SERVICE <http://x.example/> { ?s ?p ?o } }", "DELETE WHERE { ?s ?p ?o }", "LOAD <http://x.example/>"],
)
def test_service_and_updates_are_403(client: FlaskClient, query: str) -> None:
    assert ask(client, query).status_code == 403
    assert client.post("/sparql", data={"query": query}).status_code == 403


def test_update_by_the_protocol_is_403(client: FlaskClient) -> None:
    update = "CLEAR ALL"

    assert client.post("/sparql", data={"update": update}).status_code == 403
    assert client.post("/sparql", data=update, content_type="application/sparql-update").status_code == 403


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=x", None])
def test_body_of_another_type_is_415(client: FlaskClient, content_type: str | None) -> None:
    assert client.post("/sparql", data=b"ASK {}", content_type=content_type).status_code == 415


def test_missing_query_and_two_queries_are_400(client: FlaskClient) -> None:
    assert client.post("/sparql", data={}, content_type="application/x-www-form-urlencoded").status_code == 400
    assert client.post("/sparql", data=b"", content_type="application/sparql-query").status_code == 400
    assert client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D").status_code == 400


def test_query_that_is_not_utf_8_is_400(client: FlaskClient) -> None:
    assert client.post("/sparql", data=b"ASK { \xff }", content_type="application/sparql-query").status_code == 400


def test_query_that_is_too_long_is_414_in_the_address_and_413_in_the_body(client: FlaskClient) -> None:
    query = f"ASK {{ }} # {'x' * 3000}"

    assert ask(client, query).status_code == 414
    assert client.post("/sparql", data={"query": query}).status_code == 413
    assert client.post("/sparql", data=query, content_type="application/sparql-query").status_code == 413


@pytest.mark.parametrize(("length", "status"), [(100, 200), (1999, 200), (2000, 413), (5000, 413)])
def test_body_sent_in_chunks_is_never_cut_short(client: FlaskClient, length: int, status: int) -> None:
    response = client.post(
        "/sparql",
        input_stream=BytesIO(b"ASK { } #".ljust(length, b"x")),
        content_type="application/sparql-query",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )

    assert response.status_code == status


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_405_with_allow(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql", method=method.upper())

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_dataset_of_the_protocol_is_used(client: FlaskClient) -> None:
    graphs = {"default-graph-uri": f"{tiny.BASE}graph/data"}

    assert not json.loads(ask(client, LEADS, **graphs).data)["boolean"]
    assert json.loads(ask(client, LEADS).data)["boolean"]
    assert ask(client, LEADS, **{"default-graph-uri": "not an iri"}).status_code == 400


def test_inference_can_be_left_out(client: FlaskClient) -> None:
    assert not json.loads(ask(client, LEADS, inference="false").data)["boolean"]


def test_entity_tag_saves_the_second_answer(client: FlaskClient) -> None:
    first = ask(client, SELECT)

    again = client.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": first.headers["ETag"]})
    other = ask(client, SELECT, "text/csv")

    assert (again.status_code, again.data) == (304, b"")
    assert other.headers["ETag"] != first.headers["ETag"]
    assert "ETag" not in ask(client, "SELECT (NOW() AS ?o) { }").headers


def test_any_page_on_the_web_may_ask(client: FlaskClient) -> None:
    assert ask(client, SELECT).headers["Access-Control-Allow-Origin"] == "*"
    assert client.options("/sparql").headers["Access-Control-Allow-Methods"].startswith("GET")


def test_without_a_query_a_program_gets_the_service_description(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": "application/n-triples"})

    text = response.get_data(as_text=True)
    assert "<http://localhost/sparql> <http://www.w3.org/ns/sparql-service-description#endpoint>" in text
    assert text.count("#resultFormat>") == len(SOLUTION_FORMATS) + len(GRAPH_FORMATS)


def test_browser_gets_the_editor_and_the_answer_as_a_table(client: FlaskClient) -> None:
    editor = client.get("/sparql", headers={"Accept": HTML}).get_data(as_text=True)
    answer = ask(client, SELECT, HTML).get_data(as_text=True)

    assert '<textarea id="query" name="query"' in editor
    assert '<span lang="ja">スマートライフケア拠点</span>' in answer
    assert "format=csv" in answer


def test_long_answer_says_on_the_page_that_it_is_cut(client: FlaskClient) -> None:
    rows = "SELECT * WHERE { VALUES ?a { 1 2 3 4 5 6 } VALUES ?b { 1 2 3 4 5 6 } VALUES ?c { 1 2 3 4 5 6 } }"

    page = ask(client, rows, HTML, lang="en").get_data(as_text=True)

    assert "The first 200 rows are shown" in page
    assert page.count("<tr>") == 201
