"""Writes that this application does not take: off without a token, and never on a store of another server."""

from __future__ import annotations

import hmac
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

import tiny
from abckg.cli.serve import serve
from abckg.errors import UsageError
from abckg.settings import Settings
from abckg.store import RemoteStore, Store
from abckg.web.application import create_app
from abckg.web.authority import with_token

TOKEN = "a-token-for-the-tests"  # noqa: S105 - of a server in the test
UPDATE = "application/sparql-update"
WRITES = [("POST", "/update"), ("POST", "/sparql"), ("PUT", "/store?default"), ("DELETE", "/store?graph=urn:g")]


def client_of(store: Store, folder: Path, token: str = TOKEN) -> FlaskClient:
    return create_app(store, Settings(token=token), tiny.catalogue(folder)).test_client()


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_write_without_a_token_at_the_server_is_403(client: FlaskClient, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    response = client.open(path, method=method, data="CLEAR ALL", content_type=UPDATE, headers=headers)

    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
    assert "Writes are off" in json.loads(response.data)["detail"]


@pytest.mark.parametrize(
    "sent",
    [None, "", "Bearer", f"Bearer {TOKEN[:5]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer {'y' * len(TOKEN)}"],
)
def test_token_is_always_compared_whole_in_constant_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: str | None
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    headers = {} if sent is None else {"Authorization": sent}
    response = client_of(tiny.store(), tmp_path).post("/update", data="CLEAR ALL", content_type=UPDATE, headers=headers)

    assert response.status_code == 401
    assert compared == [((sent or "").partition(" ")[2].encode(), TOKEN.encode())]


def test_token_in_the_address_or_the_form_is_none(tmp_path: Path) -> None:
    client = client_of(tiny.store(), tmp_path)
    form = {"update": "CLEAR ALL", "token": TOKEN, "access_token": TOKEN}

    assert client.post(f"/update?token={TOKEN}&access_token={TOKEN}", data=form).status_code == 401


@pytest.mark.parametrize("store", [RemoteStore("http://127.0.0.1:1/"), tiny.store()], ids=["remote", "in-memory"])
def test_write_to_a_store_that_is_not_ours_is_403_and_says_where(tmp_path: Path, store: Store) -> None:
    client = client_of(store, tmp_path)

    without = client.post("/update", data="CLEAR ALL", content_type=UPDATE)
    with_it = client.post(
        "/update", data="CLEAR ALL", content_type=UPDATE, headers={"Authorization": f"bearer {TOKEN}"}
    )

    assert (without.status_code, with_it.status_code) == (401, 403)
    assert isinstance(store, RemoteStore) == ("another server" in json.loads(with_it.data)["detail"])


def test_graphs_are_read_without_a_token(client: FlaskClient) -> None:
    graph = f"{tiny.BASE}graph/inferred"
    turtle = client.get("/store", query_string={"graph": graph})
    head = client.head("/store?default", headers={"Accept": "application/n-triples"})

    assert (turtle.status_code, turtle.mimetype) == (200, "text/turtle")
    assert b"leads" in turtle.data
    assert (head.status_code, head.mimetype, head.data) == (200, "application/n-triples", b"")
    assert client.get("/store?graph=urn:none").status_code == 404
    assert client.options("/store").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert "SPARQL11Update" not in client.get("/sparql", headers={"Accept": "text/turtle"}).get_data(as_text=True)


def test_token_is_read_from_a_file_and_must_be_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n", encoding="utf-8")

    assert with_token(Settings(token_file=str(path))).token == TOKEN
    assert TOKEN not in repr(with_token(Settings(token_file=str(path))))
    for content in ("", "short"):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(UsageError):
            with_token(Settings(token_file=str(path)))
    with pytest.raises(UsageError):
        with_token(Settings(token_file=str(tmp_path / "none")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), "--store"), (("--store", "somewhere", "--servers", "2"), "one server process")],
    ids=["no-store", "two-servers"],
)
def test_serve_with_a_token_says_what_it_needs(arguments: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(serve, arguments, env={"ABCKG_TOKEN": TOKEN})

    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)
