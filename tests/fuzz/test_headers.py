"""No header makes the server fail, on any kind of address."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.client import Client

PATHS = [
    "/",
    "/sparql",
    "/sparql?query=ASK%7B%7D",
    "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%203",
    "/void",
    "/ontology",
    "/queries",
    "/api/queries",
    "/api/openapi.json",
    "/dumps/SHA256SUMS",
    "/static/abc.css",
    "/nothing",
    "/metrics",
    "/healthz",
]
NAMES = ["Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "If-Match", "If-Modified-Since", "If-Range"]
NAMES += [
    "Content-Type",
    "Content-Encoding",
    "Content-Length",
    "Transfer-Encoding",
    "Range",
    "Host",
    "Origin",
    "Cookie",
]
NAMES += [
    "User-Agent",
    "Expect",
    "Authorization",
    "X-Forwarded-Host",
    "X-Forwarded-For",
    "Forwarded",
    "Connection",
    "TE",
]
WORDS = [
    "*",
    "*/*",
    "text/html",
    "text/turtle",
    "application/json",
    "q=",
    ";",
    ",",
    "q=1e9",
    "q=nan",
    "q=-1",
    "W/",
    '"',
]
WORDS += ["gzip", "br", "zstd", "identity", "bytes=", "0-", "-1", "9-1", "99999999999999999999", "utf-8", "charset="]
WORDS += [
    "multipart/form-data",
    "boundary=",
    "application/x-www-form-urlencoded",
    "\u3042",
    "\xe9",
    "\x80",
    "%00",
    "[::1]",
]
WORDS += [
    "localhost",
    ":",
    ":99999",
    "<",
    ">",
    "\\",
    "..",
    "@",
    "ja",
    "en-US",
    "100-continue",
    "chunked",
    "=",
    " ",
    "\t",
]
RUN = settings(
    max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
VALUES = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=8).map("".join),
    st.text(st.characters(min_codepoint=1, max_codepoint=0x3FF, exclude_characters="\r\n"), max_size=40),
    st.integers(0, 3).map(lambda power: "a," * 10**power),
)


def request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return a request; it tells its length rightly unless ``headers`` do not."""
    told = {"Host": "localhost", **({"Content-Length": str(len(body))} if body else {}), **headers}
    if not body:
        told.pop("Content-Length", None)  # it would wait for a body that never comes
    told.pop("Transfer-Encoding", None) if not body else None
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    return "\r\n".join(lines).encode("utf-8") + body


@pytest.mark.slow
@RUN
@given(
    method=st.sampled_from(["GET", "HEAD", "OPTIONS", "DELETE"]),
    path=st.sampled_from(PATHS),
    headers=st.dictionaries(
        st.sampled_from([n for n in NAMES if n not in ("Content-Length", "Transfer-Encoding")]), VALUES, max_size=4
    ),
)
def test_headers_of_any_content_are_borne(client: Client, method: str, path: str, headers: dict[str, str]) -> None:
    client.check(request(method, path, headers, b""), method)


@RUN
@given(
    path=st.sampled_from(["/sparql", "/healthz"]),
    kind=VALUES,
    coding=st.one_of(st.none(), VALUES),
    body=st.binary(max_size=200),
)
def test_bodies_of_any_type_are_borne(client: Client, path: str, kind: str, coding: str | None, body: bytes) -> None:
    headers = {"Content-Type": kind} | ({"Content-Encoding": coding} if coding is not None else {})

    client.check(request("POST", path, headers, body), "POST")


@RUN
@given(path=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x2FF), max_size=60))
def test_addresses_of_any_letters_are_borne(client: Client, path: str) -> None:
    client.check(request("GET", f"/{path}", {}, b""))
