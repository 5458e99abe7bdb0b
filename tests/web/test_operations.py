"""What the one who runs the server sees: readiness, numbers, the log."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

import tiny
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.store import EmbeddedStore
from abckg.web.access import configure_logs
from abckg.web.application import create_app
from conftest import ROOT, free_port, wait_for
from faults.waiting import settled

SELECT = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D"


@pytest.fixture
def fresh() -> FlaskClient:
    return create_app(tiny.store(), Settings(), Catalogue([])).test_client()


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    configure_logs(Settings(access_log=str(tmp_path / "access"), query_log=str(tmp_path / "queries")))
    yield tmp_path
    for name in ("abckg.access", "abckg.queries"):
        logger = logging.getLogger(name)
        for handler in logger.handlers:
            handler.close()
        logger.handlers = []


def numbers(client: FlaskClient, name: str) -> dict[tuple[str, ...], float]:
    text = client.get("/metrics").get_data(as_text=True)
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    order = ("route", "method", "status", "result")
    return {
        tuple(sample.labels[label] for label in order if label in sample.labels): sample.value
        for sample in samples
        if sample.name == name
    }


def read(address: str) -> bytes:
    with urlopen(address, timeout=10) as response:  # noqa: S310 - our own server
        return bytes(response.read())


def lines(path: Path) -> list[dict[str, object]]:
    for name in ("abckg.access", "abckg.queries"):
        for handler in logging.getLogger(name).handlers:
            handler.flush()
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_empty_store_is_not_ready() -> None:
    empty = create_app(EmbeddedStore(ox.Store(), "empty"), Settings(), Catalogue([])).test_client()

    response = empty.get("/healthz")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


def test_requests_are_counted_by_route_method_and_status(fresh: FlaskClient) -> None:
    for path in (SELECT, SELECT, "/sparql?query=SELECT", "/id/hub/coins", "/nothing/1", "/nothing/2"):
        fresh.get(path)
    fresh.open("/sparql", method="BREW")

    found = numbers(fresh, "abckg_requests_total")
    assert found["/sparql", "GET", "200"] == 2
    assert found["/sparql", "GET", "400"] == 1
    assert found["/id/<record_type>/<slug>", "GET", "303"] == 1
    assert found["none", "GET", "404"] == 2
    assert found["none", "other", "405"] == 1


def test_times_and_looks_into_the_cache_are_counted(fresh: FlaskClient) -> None:
    tag = fresh.get(SELECT).headers["ETag"]
    fresh.get(SELECT)
    fresh.get(SELECT, headers={"If-None-Match": tag})
    fresh.get("/sparql?query=SELECT%20(NOW()%20AS%20%3Ft)%20%7B%7D")

    assert numbers(fresh, "abckg_request_seconds_count")["/sparql",] == 4
    expected = {("miss",): 1, ("hit",): 1, ("not_modified",): 1, ("uncacheable",): 1}
    assert numbers(fresh, "abckg_cache_total") == expected
    assert numbers(fresh, "abckg_cache_bytes")[()] > 0


def test_client_cannot_make_new_labels(fresh: FlaskClient) -> None:
    before = len(numbers(fresh, "abckg_requests_total"))
    for number in range(20):
        fresh.open(f"/nothing/{number}", method=f"M{number}")

    assert len(numbers(fresh, "abckg_requests_total")) <= before + 2


def test_line_of_the_log_has_the_hash_of_the_query_and_the_time(fresh: FlaskClient, logs: Path) -> None:
    for _ in range(2):
        fresh.get(SELECT, headers={"User-Agent": "c" * 300})

    first, again = lines(logs / "access")
    assert first.keys() >= {"time", "method", "path", "route", "status", "bytes", "milliseconds", "query", "agent"}
    assert (first["status"], first["cache"], again["cache"]) == (200, "miss", "hit")
    assert first["query"] == again["query"]
    assert first["bytes"] == again["bytes"]
    assert "?s" not in (logs / "access").read_text(encoding="utf-8")


def test_text_of_the_query_is_in_the_query_log_only(fresh: FlaskClient, logs: Path) -> None:
    fresh.get("/")
    fresh.post("/sparql", data={"query": "ASK {\n}"})
    fresh.get("/sparql?query=SELECT")

    assert [line["text"] for line in lines(logs / "queries")] == ["ASK {\n}", "SELECT"]
    assert [line["status"] for line in lines(logs / "access")] == [200, 200, 400]


@pytest.mark.slow
def test_numbers_of_two_processes_are_added_up(built: Path) -> None:
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "abckg", "serve", "--store", str(built / "store"), "--servers", "2"]
    environment = {**os.environ, "ABCKG_ACCESS_LOG": "", "ABCKG_WORKERS": "1"}
    process = subprocess.Popen([*command, "--root", str(ROOT), "--port", str(port)], env=environment)
    try:
        wait_for(address, process)
        for _ in range(10):
            read(f"{address}/sparql?query=ASK%7B%7D")
        counted = b'abckg_requests_total{method="GET",route="/sparql",status="200"} 10.0'
        settled(lambda: all(counted in read(f"{address}/metrics") for _ in range(4)))
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_nothing_is_logged_unless_it_is_asked_for(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.test_client().get("/sparql?query=ASK%7B%7D")

    assert [record for record in caplog.records if record.name.startswith("abckg.")] == []
