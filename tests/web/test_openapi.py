"""The OpenAPI document tells of every route, and is one."""

from __future__ import annotations

import json

from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from abckg.web.described import description_of


def document(client: FlaskClient) -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    found: dict[str, dict[str, dict[str, dict[str, object]]]] = json.loads(client.get("/api/openapi.json").data)
    return found


def test_document_is_valid_openapi(client: FlaskClient) -> None:
    assert list(OpenAPIV31SpecValidator(document(client)).iter_errors()) == []


def test_a_fault_in_the_document_would_be_found(client: FlaskClient) -> None:
    broken = document(client)
    broken["paths"]["/sparql"]["get"]["parameters"] = [{"name": "query", "in": "nowhere"}]

    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_every_route_and_every_question_is_in_the_document(app: Flask, client: FlaskClient) -> None:
    paths = document(client)["paths"]
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]

    assert {rule.rule.replace("<path:", "<").replace("<", "{").replace(">", "}") for rule in rules} <= paths.keys()
    assert "/api/queries/hubs" in paths
    assert {str(rule) for rule in rules if description_of(app.view_functions[rule.endpoint]) is None} == set()


def test_question_has_its_own_parameters(client: FlaskClient) -> None:
    operation = document(client)["paths"]["/api/queries/hubs"]["get"]
    parameters = operation["parameters"]

    assert isinstance(parameters, list)
    assert {"class", "format", "timeout"} == {parameter["name"] for parameter in parameters}
    assert operation["summary"] == "Which hubs are there?"


def test_operations_have_names_of_their_own(client: FlaskClient) -> None:
    names = [operation["operationId"] for path in document(client)["paths"].values() for operation in path.values()]

    assert len(names) == len(set(map(str, names)))


def test_questions_are_listed_and_answered_by_address(client: FlaskClient) -> None:
    listed = json.loads(client.get("/api/queries").data)
    answer = client.get(listed[0]["href"])
    csv = client.get(listed[0]["href"], query_string={"class": "abc:Document", "format": "csv"})

    assert answer.mimetype == "application/sparql-results+json"
    assert len(json.loads(answer.data)["results"]["bindings"]) == 1
    assert b"document/s0" in csv.data
    assert client.get(listed[0]["href"], headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_question_takes_a_time_limit(client: FlaskClient) -> None:
    for path in ("/api/queries/hubs", "/queries/hubs"):
        assert client.get(path, query_string={"format": "csv", "timeout": "2.5"}).status_code == 200
        assert client.get(path, query_string={"format": "csv", "timeout": "soon"}).status_code == 400
        assert client.get(path, query_string={"timeout": "-1"}).status_code == 400
