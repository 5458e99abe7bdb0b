"""One shape for every error, on every route."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import tiny
from abckg.errors import StoreError
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.store import Answer, Choose, DatasetSelection, Document, Question
from abckg.web.application import create_app

HTML = "text/html,application/xml;q=0.9,*/*;q=0.8"
FAILING = [
    ("/search?q=%E3%83%BB", 400),
    ("/api/search", 400),
    ("/rules/none", 404),
    ("/validation", 404),
    ("/validation?format=xlsx", 406),
    ("/nothing", 404),
    ("/id/hub/none", 404),
    ("/page/hub/none", 404),
    ("/data/hub/none.ttl", 404),
    ("/data/hub/coins.xlsx", 404),
    ("/ontology/none", 404),
    ("/ontology.xlsx", 404),
    ("/ontology?format=xlsx", 406),
    ("/queries/none", 404),
    ("/query/none", 404),
    ("/queries/hubs?other=1", 400),
    ("/queries/hubs?format=turtle", 406),
    ("/records?class=None", 404),
    ("/sparql?query=SELECT", 400),
    ("/sparql?query=CLEAR%20ALL", 403),
    ("/sparql?query=ASK%7B%7D&format=turtle", 406),
    ("/api/queries/none", 404),
    ("/api/queries/hubs?format=turtle", 406),
    ("/store?graph=http://none.example/", 404),
    ("/store", 400),
    ("/update", 405),
    ("/void?format=xlsx", 406),
    ("/dataset?format=xlsx", 406),
    ("/dumps/none.ttl", 404),
    ("/static/none.css", 404),
    (f"/?{'x' * 2000}", 414),
]
ROUTES = [
    "/",
    "/api/openapi.json",
    "/api/queries",
    "/api/queries/hubs",
    "/queries",
    "/queries/hubs",
    "/records",
    "/page/hub/coins",
    "/data/hub/coins.ttl",
    "/id/hub/coins",
    "/ontology",
    "/void",
    "/dataset",
]


class BrokenStore:
    """A store that fails in the way it is told to."""

    version = "broken"

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def query(self, text: str, *, inference: bool = True, dataset: DatasetSelection | None = None) -> Answer:
        raise self._fault

    def run(self, question: Question, choose: Choose) -> Answer | Document:
        raise self._fault

    def count(self) -> int:
        raise self._fault


@pytest.mark.parametrize(("path", "status"), FAILING)
def test_program_gets_problem_details(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path, headers={"Accept": "application/json"} if "format" not in path else {})

    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    problem = json.loads(response.data)
    assert problem["status"] == status
    assert problem.keys() >= {"type", "title", "detail"}


@pytest.mark.parametrize(("path", "status"), FAILING)
def test_browser_gets_a_page(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path, headers={"Accept": HTML})

    assert (response.status_code, response.mimetype) == (status, "text/html")
    assert "<h1>" in response.get_data(as_text=True)


@pytest.mark.parametrize("path", [*ROUTES, "/sparql", "/healthz"])
def test_method_that_is_not_allowed_is_405_with_allow(client: FlaskClient, path: str) -> None:
    response = client.delete(path)

    assert (response.status_code, response.mimetype) == (405, "application/problem+json")
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", [*ROUTES, "/healthz", "/sparql?query=ASK%7B%7D"])
@pytest.mark.parametrize("accept", ["*/*", HTML], ids=["program", "browser"])
@pytest.mark.parametrize(
    ("fault", "status"), [(StoreError("no answer"), 503), (RuntimeError("secret of the machine"), 500)]
)
def test_store_that_fails_is_503_or_500_without_traceback(
    path: str, accept: str, fault: Exception, status: int, tmp_path: Path
) -> None:
    app = create_app(BrokenStore(fault), Settings(), tiny.catalogue(tmp_path))

    response = app.test_client().get(path, headers={"Accept": accept})

    if path in ("/queries", "/queries/hubs", "/api/queries", "/api/openapi.json"):
        assert response.status_code == 200  # these need no store
        return
    text = response.get_data(as_text=True)
    assert response.status_code == status
    assert "Traceback" not in text
    assert "secret" not in text
    assert ("Retry-After" in response.headers) == (status == 503)


def test_syntax_error_shows_its_place_on_the_page(client: FlaskClient) -> None:
    text = client.get("/sparql?query=SELECT&lang=ja", headers={"Accept": HTML}).get_data(as_text=True)

    assert "1行目の7文字目" in text
    assert "SELECT<mark> </mark>" in text
    assert 'name="query"' in text


@pytest.mark.parametrize("path", [*ROUTES, "/nothing", "/sparql", "/healthz", "/static/abc.css"])
def test_every_answer_has_the_headers_for_safety(client: FlaskClient, path: str) -> None:
    with client.get(path, headers={"Accept": HTML}) as response:
        headers = response.headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_route_is_tested_for_its_errors(app: Flask) -> None:
    tested = {path.split("?")[0].split(".")[0].split("/")[1] for path, _ in FAILING} | {"healthz", "metrics", ""}

    assert {str(rule).split("/")[1].split(".")[0].split("<")[0] for rule in app.url_map.iter_rules()} <= tested


def test_application_with_nothing_in_its_catalogue_has_a_home_page() -> None:
    app = create_app(tiny.store(), Settings(), Catalogue([]))

    assert app.test_client().get("/").status_code == 200
