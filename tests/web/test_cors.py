"""Which pages on the web may ask: https://fetch.spec.whatwg.org/#http-cors-protocol."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

import tiny
from abckg.settings import Settings
from abckg.web.application import create_app

ASK = "/sparql?query=ASK%7B%7D"
FRIEND, STRANGER = "https://friend.example", "https://stranger.example"


@pytest.fixture
def guarded(tmp_path: Path) -> FlaskClient:
    settings = Settings(cors_origins=f"{FRIEND} https://other.example")
    return create_app(tiny.store(), settings, tiny.catalogue(tmp_path)).test_client()


def test_by_default_every_page_may_ask(client: FlaskClient) -> None:
    headers = client.get(ASK, headers={"Origin": STRANGER}).headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Origin" not in headers["Vary"]


def test_preflight_is_answered_for_a_query_in_the_body(client: FlaskClient) -> None:
    asked = {
        "Origin": STRANGER,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }

    response = client.options("/sparql", headers=asked)

    assert response.status_code == 200
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert int(response.headers["Access-Control-Max-Age"]) > 0


def test_error_can_be_read_by_the_page_that_asked(client: FlaskClient) -> None:
    response = client.get("/sparql?query=SELECT", headers={"Origin": STRANGER})

    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (400, "*")


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_listed_origin_may_ask_and_no_other(guarded: FlaskClient, method: str) -> None:
    friend = guarded.open(ASK, method=method, headers={"Origin": FRIEND}).headers
    stranger = guarded.open(ASK, method=method, headers={"Origin": STRANGER}).headers

    assert friend["Access-Control-Allow-Origin"] == FRIEND
    assert "Access-Control-Allow-Origin" not in stranger
    assert "Origin" in friend["Vary"]
    assert "Origin" in stranger["Vary"]


def test_kept_answer_is_not_given_with_the_permission_of_another(guarded: FlaskClient) -> None:
    first = guarded.get(ASK, headers={"Origin": FRIEND}).headers
    again = guarded.get(ASK, headers={"Origin": STRANGER}).headers
    other = guarded.get(ASK, headers={"Origin": "https://other.example"}).headers

    assert first["Access-Control-Allow-Origin"] == FRIEND
    assert "Access-Control-Allow-Origin" not in again
    assert other["Access-Control-Allow-Origin"] == "https://other.example"
