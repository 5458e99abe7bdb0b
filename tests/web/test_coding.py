"""Content codings: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator

import brotli
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from abckg.web.coding import CODINGS, accepted_coding, compress, encoded

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ALL = {"query": "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"}
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstd.decompress,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("zstd;q=0, *", "br"),
        ("*;q=0", None),
        ("gzip;q=0.5, identity", None),
        ("deflate", None),
    ],
)
def test_coding_is_chosen_by_weight_then_by_strength(header: str, expected: str | None) -> None:
    assert accepted_coding(header) == expected


@pytest.mark.parametrize("coding", CODINGS)
def test_body_comes_back_as_it_was(coding: str) -> None:
    body = "地域".encode() * 1000

    assert DECODERS[coding](encoded(body, coding)) == body
    assert len(encoded(body, coding)) < len(body) / 10


@pytest.mark.parametrize("coding", CODINGS)
def test_computed_and_kept_answers_are_the_same_in_each_coding(client: FlaskClient, coding: str) -> None:
    plain = client.get("/sparql", query_string=ALL)
    for _ in range(2):
        response = client.get("/sparql", query_string=ALL, headers={"Accept-Encoding": coding})

        assert response.headers["Content-Encoding"] == coding
        assert DECODERS[coding](response.data) == plain.data
        assert "Accept-Encoding" in response.vary
        assert response.headers["ETag"] == plain.headers["ETag"]


@pytest.mark.parametrize("path", ["/", "/void", "/data/hub/coins.ttl", "/records"])
def test_pages_and_data_are_compressed_too(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept-Encoding": "gzip", "Accept": "text/html, text/turtle"})

    assert gzip.decompress(response.data)


def test_short_answer_is_left_alone_and_says_that_it_varies(client: FlaskClient) -> None:
    response = client.get("/sparql?query=ASK%7B%7D", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in response.headers
    assert "Accept-Encoding" in response.vary


@pytest.mark.parametrize("coding", CODINGS)
def test_stream_is_compressed_piece_by_piece_and_breaks_where_it_broke(coding: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a" * 2000
        raise OSError("gone")

    with Flask("stream").test_request_context(headers={"Accept-Encoding": coding}):
        stream = iter(compress(Response(pieces(), content_type="text/csv")).response)

        assert next(stream)
        with pytest.raises(OSError, match="gone"):
            next(stream)
