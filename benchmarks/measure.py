"""Measures one server at a time: throughput under load with wrk, latency and first byte with one connection."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from latencies import observed, percentile

__all__ = ["JSON_RESULTS", "Load", "Reply", "Traffic", "ask", "under_load"]

JSON_RESULTS = "application/sparql-results+json"
_SCRIPT = Path(__file__).resolve().with_name("wrk.lua")


@dataclass(frozen=True)
class Load:
    """What a server did under load.

    Attributes:
        requests: Answers that came.
        seconds: In how many seconds.
        errors: Answers that were errors, and requests without an answer.
        latencies: Answers by microseconds.
    """

    requests: int
    seconds: float
    errors: int
    latencies: Mapping[int, int]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds

    @property
    def p50(self) -> float:
        """Median latency in milliseconds."""
        return percentile(self.latencies, 50)

    @property
    def p99(self) -> float:
        """99th percentile of the latencies in milliseconds."""
        return percentile(self.latencies, 99)


@dataclass(frozen=True)
class Reply:
    """One answer: status, milliseconds to the first byte of the body and to the last, the body, its tag, its coding."""

    status: int
    first: float
    last: float
    body: bytes
    etag: str
    encoding: str = ""


@dataclass(frozen=True)
class Traffic:
    """What is sent: queries in turn, from how many connections, for how many seconds.

    Attributes:
        queries: Each ends in a comment, so that a number can be put at its end.
        nonce: The first of these numbers; None sends the same requests again and again.
        pause: Milliseconds that each connection waits before a request.
        etag: Sent as If-None-Match where given.
    """

    queries: Sequence[str]
    connections: int
    seconds: float
    nonce: int | None = None
    pause: int = 0
    etag: str = ""


def under_load(endpoint: str, traffic: Traffic) -> Load:
    """Send ``traffic`` to ``endpoint`` with wrk and return what came of it."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as targets:
        targets.writelines(f"{_target(endpoint, query)}\n" for query in traffic.queries)
        targets.flush()
        command = ["wrk", "-t1", f"-c{traffic.connections}", f"-d{traffic.seconds:.0f}s", "--timeout", "30s"]
        command += ["-s", str(_SCRIPT), endpoint, "--", targets.name, JSON_RESULTS]
        command += ["same" if traffic.nonce is None else str(traffic.nonce), str(traffic.pause)]
        command += [traffic.etag] if traffic.etag else []
        done = subprocess.run(command, check=True, capture_output=True, timeout=traffic.seconds + 120)
    return _load(json.loads(done.stdout.splitlines()[-1]), traffic.connections)


def _load(found: dict[str, Any], connections: int) -> Load:
    turns = found["requests"] // connections
    interval = found["microseconds"] // turns if turns else 0  # as wrk computes it
    latencies = observed(dict(found["latencies"]), interval)
    return Load(found["requests"], found["microseconds"] / 1e6, found["errors"], latencies)


def ask(
    connection: HTTPConnection, endpoint: str, query: str, accept: str = JSON_RESULTS, encoding: str = "identity"
) -> Reply | None:
    """Send one query; None where no answer came within the time limit of the connection."""
    target = _target(endpoint, query)
    began = time.perf_counter()
    try:
        connection.request("GET", target, headers={"Accept": accept, "Accept-Encoding": encoding})
        response = connection.getresponse()
        body = bytearray(response.read(1))
        first = time.perf_counter()
        body += response.read()
    except (OSError, HTTPException):
        connection.close()
        return None
    last = time.perf_counter()
    tag, coding = (response.headers.get(name, "") for name in ("ETag", "Content-Encoding"))
    return Reply(response.status, (first - began) * 1e3, (last - began) * 1e3, bytes(body), tag, coding)


def _target(endpoint: str, query: str) -> str:
    parts = urlsplit(endpoint)
    dataset = f"{parts.query}&" if parts.query else ""
    return f"{parts.path}?{dataset}{urlencode({'query': query})}"
