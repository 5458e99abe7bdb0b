"""An answer that breaks off is seen as broken by its client, and by nobody else."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import time
import zlib
from contextlib import closing
from urllib.parse import urlencode

import pytest

from faults.server import Server

STREAM = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
CODINGS = ["identity", "gzip", "br", "zstd"]


def begin(
    server: Server, coding: str, form: str = "json"
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    search = urlencode({"query": STREAM, "format": form})
    connection.request("GET", f"/sparql?{search}", headers={"Accept-Encoding": coding})
    return connection, connection.getresponse()


def read_slowly(response: http.client.HTTPResponse) -> None:
    while response.read(50_000):
        time.sleep(0.05)


@pytest.mark.parametrize("coding", CODINGS)
def test_client_sees_that_the_transfer_was_cut(server: Server, coding: str) -> None:
    connection, response = begin(server, coding)

    assert (response.status, response.getheader("Content-Encoding", "identity")) == (200, coding)
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    response.close()
    connection.close()
    if coding == "identity":
        assert b"is not complete" in caught.value.partial[-200_000:]


def test_every_client_of_many_sees_it(server: Server) -> None:
    idle = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=30) for _ in range(10)]
    for connection in idle:
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
    streams = [begin(server, "identity", form) for form in ("json", "csv", "xml", "tsv")]

    for connection, response in streams:
        with pytest.raises(http.client.IncompleteRead):
            response.read()
        response.close()
        connection.close()

    for connection in idle:  # the same connections: nobody else was cut off
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        connection.close()


def test_client_that_reads_slowly_sees_it_too(server: Server) -> None:
    connection, response = begin(server, "identity", "csv")

    with closing(connection), response, pytest.raises(http.client.IncompleteRead):
        read_slowly(response)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_says_partial_file(server: Server) -> None:
    address = f"http://127.0.0.1:{server.port}/sparql?{urlencode({'query': STREAM, 'format': 'csv'})}"

    done = subprocess.run(["curl", "--silent", "--output", "/dev/null", address], timeout=30, check=False)

    assert done.returncode == 18


def test_answer_that_is_complete_is_left_alone(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 5000"
    for coding in ("identity", "gzip"):
        connection.request(
            "GET", f"/sparql?{urlencode({'query': query, 'format': 'csv'})}", headers={"Accept-Encoding": coding}
        )
        response = connection.getresponse()
        body = response.read()
        text = zlib.decompress(body, wbits=31) if coding == "gzip" else body
        assert text.count(b"\n") == 5001
    connection.close()
