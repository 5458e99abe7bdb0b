"""Measures one server at a time: throughput under load with wrk, latency and first byte with one connection."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit

__all__ = ["JSON_RESULTS", "Load", "Reply", "Traffic", "ask", "under_load"]

JSON_RESULTS = "application/sparql-results+json"
_SCRIPT = Path(__file__).resolve().with_name("wrk.lua")


@dataclass(frozen=True)
class Load:
    """What a server did under load: requests a second, latencies in milliseconds, answers that were errors."""

    rate: float
    p50: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Reply:
    """One answer: status, milliseconds to the first byte of the body and to the last, the body and its tag."""

    status: int
    first: float
    last: float
    body: bytes
    etag: str


@dataclass(frozen=True)
class Traffic:
    """What is sent: queries in turn, from how many connections, for how many seconds.

    Attributes:
        queries: Each ends in a comment, so that a number can be put at its end.
        nonce: The first of these numbers; None sends the same requests again and again.
        etag: Sent as If-None-Match where given.
    """

    queries: Sequence[str]
    connections: int
    seconds: float
    nonce: int | None = None
    etag: str = ""


def under_load(endpoint: str, traffic: Traffic) -> Load:
    """Send ``traffic`` to ``endpoint`` with wrk and return what came of it."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as targets:
        targets.writelines(f"{_target(endpoint, query)}\n" for query in traffic.queries)
        targets.flush()
        command = ["wrk", "-t1", f"-c{traffic.connections}", f"-d{traffic.seconds:.0f}s", "--timeout", "30s"]
        command += ["-s", str(_SCRIPT), endpoint, "--", targets.name, JSON_RESULTS]
        command += ["same" if traffic.nonce is None else str(traffic.nonce), *([traffic.etag] if traffic.etag else [])]
        done = subprocess.run(command, check=True, capture_output=True, timeout=traffic.seconds + 120)
    found = json.loads(done.stdout.splitlines()[-1])
    return Load(found["requests"] / found["seconds"], found["p50"], found["p99"], found["errors"])


def ask(connection: HTTPConnection, endpoint: str, query: str, accept: str = JSON_RESULTS) -> Reply | None:
    """Send one query; None where no answer came within the time limit of the connection."""
    target = _target(endpoint, query)
    began = time.perf_counter()
    try:
        connection.request("GET", target, headers={"Accept": accept})
        response = connection.getresponse()
        body = bytearray(response.read(1))
        first = time.perf_counter()
        body += response.read()
    except (OSError, HTTPException):
        connection.close()
        return None
    last = time.perf_counter()
    etag = response.headers.get("ETag", "")
    return Reply(response.status, (first - began) * 1e3, (last - began) * 1e3, bytes(body), etag)


def _target(endpoint: str, query: str) -> str:
    parts = urlsplit(endpoint)
    dataset = f"{parts.query}&" if parts.query else ""
    return f"{parts.path}?{dataset}{urlencode({'query': query})}"
