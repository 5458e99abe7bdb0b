"""What is asked of the running servers, in turn, and what was measured of each."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from generate import Counts
from measure import JSON_RESULTS, Load, Reply, Traffic, ask, under_load
from processor import ProcessorTime
from servers import Running, awake, memory, settle
from templates import (
    BOUNDED_JOINS,
    LOOKUPS,
    MIX,
    TEMPLATES,
    TWENTY_FIVE_MEGABYTES,
    Parameters,
    cached_query,
    mixed,
    text,
)

__all__ = ["ENCODINGS", "Bench", "Plan"]

ENCODINGS = ("identity", "zstd", "br", "gzip")
_LOG = logging.getLogger("bench")
_GRAPH = "application/n-triples"
# What the slowest server answers within seconds at any size; above the limit it is not asked the rest, not in the mix
# either: its engine takes minutes, and nothing else is answered meanwhile.
_SLOWEST = "rdflib-endpoint"
_LIGHT = (*(name for name in MIX if name != "optional-filter"), "construct")
_LIGHT_ABOVE = 100_000
_NO_ANSWER = 20.0  # seconds after which a query of one connection counts as not answered
_ENOUGH = 10.0  # seconds that one template may take of a server; it is asked at least three times
_BATCH = 5  # queries in a row of a template that is quick: the first finds the server just woken
_FEW, _LONGER, _LONGEST = (
    200,
    10.0,
    30.0,
)  # seconds of a phase where there are few answers, or fewer than two a connection


@dataclass(frozen=True)
class Plan:
    """How much is measured: rounds, seconds of load in each, repetitions of each template."""

    rounds: int
    seconds: float
    repetitions: int


@dataclass(frozen=True)
class _Phase:
    load: Load
    processor: float  # seconds


class Bench:
    """The running servers, what is asked of them and what was measured so far."""

    def __init__(self, running: Sequence[Running], counts: Counts, plan: Plan) -> None:
        self._running = running
        self._counts = counts
        self._plan = plan
        self._nonce = 0
        self.results: dict[str, dict[str, Any]] = {
            server.name: {"load_seconds": server.load, "memory_loaded": memory(server)} for server in running
        }

    def measure(self) -> None:
        """Measure everything, the scanning templates last."""
        for connections in (1, 16):
            self._load(f"mix_{connections}", MIX, Traffic([], connections, self._plan.seconds, nonce=0))
        repeated, rows = cached_query(self._counts), text("10k-rows", Parameters(self._counts), "")
        self._load("cached_16", ["optional-filter"], Traffic([repeated], 16, self._plan.seconds))
        self._not_modified(repeated)
        self._load("rows_4", ["10k-rows"], Traffic([rows], 4, self._plan.seconds, nonce=0))
        for name, query in (("large", TWENTY_FIVE_MEGABYTES), ("10k-rows", rows)):
            for encoding in ENCODINGS:
                self._encoded(name, query, encoding)
        for name in TEMPLATES:
            self._template(name)
        for server in self._running:
            self.results[server.name]["memory_after"] = memory(server)

    def _load(self, name: str, templates: Sequence[str], traffic: Traffic) -> None:
        asked = {server: [one for one in templates if self._takes_part(server, one)] for server in self._running}
        found: dict[str, list[_Phase]] = {server.name: [] for server, names in asked.items() if names}
        for _ in range(self._plan.rounds):
            for server, names in asked.items():
                if names:
                    queries = traffic.queries or mixed(self._counts, 400, seed=3, names=names)
                    with awake(server):
                        former = found[server.name]
                        former.append(self._phase(server, replace(traffic, queries=queries), former))
        for called, phases in found.items():
            self.results[called][name] = _middle(phases)
        _LOG.info("%s: %s", name, {called: _brief(self.results[called][name]["rate"]) for called in found})

    def _phase(self, server: Running, traffic: Traffic, former: Sequence[_Phase] = ()) -> _Phase:
        seconds = round(former[0].load.seconds) if former else traffic.seconds
        self._nonce += 10_000_000
        nonce = None if traffic.nonce is None else self._nonce
        with ProcessorTime(server) as taken:
            load = under_load(server.endpoint, replace(traffic, seconds=seconds, nonce=nonce))
        settle(server)
        wanted = _LONGEST if load.requests < 2 * traffic.connections else _LONGER if load.requests < _FEW else seconds
        if seconds < wanted:
            return self._phase(server, replace(traffic, seconds=wanted))
        return _Phase(load, taken.seconds)

    def _not_modified(self, query: str) -> None:
        for server, connection in self._connections():
            reply = ask(connection, server.endpoint, query) if self._takes_part(server, "optional-filter") else None
            if reply is None or not reply.etag:
                continue
            traffic = Traffic([query], 16, self._plan.seconds, etag=reply.etag)
            phases = [self._phase(server, traffic) for _ in range(self._plan.rounds)]
            self.results[server.name]["not_modified_16"] = _middle(phases)

    def _encoded(self, name: str, query: str, encoding: str) -> None:
        found: dict[str, list[Reply]] = {server.name: [] for server in self._running}
        taken = dict.fromkeys(found, 0.0)
        for turn in range(self._plan.rounds):
            for server, connection in self._connections(60):
                if not self._takes_part(server, name) or len(found[server.name]) < turn:
                    continue
                self._nonce += 1
                with ProcessorTime(server) as processor:
                    reply = ask(connection, server.endpoint, f"{query} # {self._nonce}", encoding=encoding)
                taken[server.name] += processor.seconds
                if reply is None:
                    settle(server)
                elif reply.status == 200 and (reply.encoding or "identity") == encoding:
                    found[server.name].append(reply)
        for asked, replies in found.items():
            if replies:
                entry = {**_encoding(replies), "processor_ms": taken[asked] * 1e3 / len(replies)}
                self.results[asked].setdefault("encodings", {}).setdefault(name, {})[encoding] = entry
        _LOG.info("%s, %s: %s", name, encoding, {asked: len(replies) for asked, replies in found.items()})

    def _template(self, name: str) -> None:
        found: dict[str, list[tuple[float, int]]] = {server.name: [] for server in self._running}
        batch = _BATCH if name in {*MIX, *LOOKUPS, *BOUNDED_JOINS} else 1
        parameters = Parameters(self._counts)
        for turn in range(self._plan.repetitions):
            self._nonce += batch
            queries = [text(name, parameters, str(self._nonce + number)) for number in range(batch)]
            for server, connection in self._connections():
                answers = found[server.name]
                is_slow = turn >= 3 and sum(time for time, _ in answers) > _ENOUGH * 1e3
                if is_slow or not self._takes_part(server, name) or len(answers) < turn * batch:
                    continue
                for query in queries:
                    reply = ask(connection, server.endpoint, query, _GRAPH if name == "construct" else JSON_RESULTS)
                    if reply is None or reply.status != 200:
                        settle(server)
                        break
                    answers.append((reply.last, _rows(name, reply.body)))
        for asked, answers in found.items():
            if answers:
                entry = {"ms": median(time for time, _ in answers), "rows": [rows for _, rows in answers]}
                self.results[asked].setdefault("templates", {})[name] = entry
        times = {server: round(median(time for time, _ in answers), 1) for server, answers in found.items() if answers}
        _LOG.info("%s: %s", name, times)

    def _takes_part(self, server: Running, template: str) -> bool:
        slow = server.name == _SLOWEST and self._counts.triples > _LIGHT_ABOVE
        return template in _LIGHT or not slow

    def _connections(self, timeout: float = _NO_ANSWER) -> Iterator[tuple[Running, HTTPConnection]]:
        for server in self._running:
            connection = HTTPConnection(urlsplit(server.endpoint).netloc, timeout=timeout)
            with awake(server), closing(connection):
                connection.connect()
                yield server, connection


def _middle(phases: Sequence[_Phase]) -> dict[str, float]:
    loads = [phase.load for phase in phases]
    answered = sum(load.requests for load in loads)
    return {
        "rate": median(load.rate for load in loads),
        "p50": median(load.p50 for load in loads),
        "p99": median(load.p99 for load in loads),
        "errors": sum(load.errors for load in loads),
        "requests": answered,
        "processor_ms": sum(phase.processor for phase in phases) * 1e3 / max(1, answered),
    }


def _encoding(replies: Sequence[Reply]) -> dict[str, float]:
    return {
        "first_ms": median(reply.first for reply in replies),
        "last_ms": median(reply.last for reply in replies),
        "bytes": median(len(reply.body) for reply in replies),
    }


def _rows(template: str, body: bytes) -> int:
    if template == "construct":
        return len(set(body.splitlines()))
    return len(json.loads(body)["results"]["bindings"])


def _brief(rate: float) -> float:
    return round(rate) if rate >= 10 else round(rate, 1)
