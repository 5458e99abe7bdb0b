"""Runs the servers side by side on the same generated data and writes what was measured: see README.md.

    bench.py --triples 10000 [--servers abckg,oxigraph] [--rounds 3] [--seconds 3] [--peers FOLDER] [--out FOLDER]

All servers are up at the same time, halted but for the one that is asked; they are asked in turn, round by round, so
that what else happens on the machine falls on all alike. Figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from generate import Counts, write
from measure import JSON_RESULTS, Load, Traffic, ask, under_load
from servers import Running, awake, memory, servers, sleep, stop
from tables import markdown
from templates import MIX, TEMPLATES, TWENTY_FIVE_MEGABYTES, Parameters, cached_query, mixed, text

__all__ = ["main"]

_LOG = logging.getLogger("bench")
_GRAPH = "application/n-triples"
# What the slowest engine answers within seconds at any size; it is not asked the rest above the limit.
_LIGHT = (*MIX, "construct", "10k-rows")
_LIGHT_ABOVE = 100_000
_NO_ANSWER = 20.0  # seconds after which a query of one connection counts as not answered


@dataclass(frozen=True)
class Plan:
    """How much is measured: rounds, seconds of load in each, repetitions of each template."""

    rounds: int
    seconds: float
    repetitions: int


class Bench:
    """The running servers, what is asked of them and what was measured so far."""

    def __init__(self, running: list[Running], counts: Counts, plan: Plan) -> None:
        self._running = running
        self._counts = counts
        self._plan = plan
        self._nonce = 0
        self.results: dict[str, dict[str, Any]] = {
            server.name: {"load_seconds": server.load, "memory_loaded": memory(server)} for server in running
        }

    def measure(self) -> None:
        """Measure everything, the scanning templates last."""
        queries = mixed(self._counts, 400, seed=3)
        for connections in (1, 16):
            self._load(f"mix_{connections}", queries, connections)
        self._load("cached_16", [cached_query(self._counts)], 16, same=True)
        self._not_modified()
        self._load("rows_4", [text("10k-rows", Parameters(self._counts), "")], 4)
        self._first_byte()
        for name in TEMPLATES:
            self._template(name)
        for server in self._running:
            self.results[server.name]["memory_after"] = memory(server)

    def _load(self, name: str, queries: list[str], connections: int, *, same: bool = False) -> None:
        found: dict[str, list[Load]] = {server.name: [] for server in self._running}
        for _ in range(self._plan.rounds):
            for server in self._running:
                self._nonce += 10_000_000
                traffic = Traffic(queries, connections, self._plan.seconds, None if same else self._nonce)
                with awake(server):
                    found[server.name].append(under_load(server.endpoint, traffic))
        for asked, loads in found.items():
            self.results[asked][name] = _middle(loads)
        _LOG.info("%s: %s", name, {asked: round(self.results[asked][name]["rate"]) for asked in found})

    def _not_modified(self) -> None:
        for server, connection in self._connections():
            reply = ask(connection, server.endpoint, cached_query(self._counts))
            if reply is None or not reply.etag:
                continue
            traffic = Traffic([cached_query(self._counts)], 16, self._plan.seconds, etag=reply.etag)
            loads = [under_load(server.endpoint, traffic) for _ in range(self._plan.rounds)]
            self.results[server.name]["not_modified_16"] = _middle(loads)

    def _first_byte(self) -> None:
        found: dict[str, list[tuple[float, float, int]]] = {server.name: [] for server in self._running}
        for turn in range(self._plan.rounds):
            for server, connection in self._connections(60):
                if not self._takes_part(server, "large"):
                    continue
                reply = ask(connection, server.endpoint, f"{TWENTY_FIVE_MEGABYTES} # {turn}")
                if reply and reply.status == 200:
                    found[server.name].append((reply.first, reply.last, len(reply.body)))
        for name, replies in found.items():
            if replies:
                first, last, size = (median(values) for values in zip(*replies, strict=True))
                self.results[name]["large"] = {"first_ms": first, "last_ms": last, "bytes": size}

    def _template(self, name: str) -> None:
        found: dict[str, list[float]] = {server.name: [] for server in self._running}
        rows: dict[str, int] = {}
        parameters = Parameters(self._counts)
        for turn in range(self._plan.repetitions):
            self._nonce += 1
            query = text(name, parameters, str(self._nonce))
            for server, connection in self._connections():
                if not self._takes_part(server, name) or len(found[server.name]) < turn:
                    continue
                reply = ask(connection, server.endpoint, query, _GRAPH if name == "construct" else JSON_RESULTS)
                if reply and reply.status == 200:
                    found[server.name].append(reply.last)
                    rows.setdefault(server.name, _rows(name, reply.body))
        for asked, times in found.items():
            if times:
                entry = {"ms": median(times), "rows": rows[asked]}
                self.results[asked].setdefault("templates", {})[name] = entry
        _LOG.info("%s: %s", name, {server: round(median(times), 1) for server, times in found.items() if times})

    def _takes_part(self, server: Running, template: str) -> bool:
        slow = server.name == "rdflib-endpoint" and self._counts.triples > _LIGHT_ABOVE
        return template in _LIGHT or not slow

    def _connections(self, timeout: float = _NO_ANSWER) -> Iterator[tuple[Running, HTTPConnection]]:
        for server in self._running:
            connection = HTTPConnection(urlsplit(server.endpoint).netloc, timeout=timeout)
            with awake(server), closing(connection):
                connection.connect()
                yield server, connection


def _middle(loads: list[Load]) -> dict[str, float]:
    return {
        "rate": median(load.rate for load in loads),
        "p50": median(load.p50 for load in loads),
        "p99": median(load.p99 for load in loads),
        "errors": sum(load.errors for load in loads),
    }


def _rows(template: str, body: bytes) -> int:
    if template == "construct":
        return len(set(body.splitlines()))
    return len(json.loads(body)["results"]["bindings"])


def _machine() -> dict[str, Any]:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processors": os.cpu_count(), "memory_bytes": total, "python": sys.version.split()[0]}


def run(triples: int, names: list[str], plan: Plan, peers: Path | None) -> dict[str, Any]:
    """Generate, start, measure and stop; return the results."""
    known = servers(peers)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="abckg-bench-")))
        (folder / "data").mkdir()
        data = folder / "data" / f"{triples}.nt"
        counts = write(triples, data)
        _LOG.info("%s triples", counts.triples)
        running: list[Running] = []
        for name in names:
            if name not in known:
                _LOG.warning("%s is not installed and is left out; see benchmarks/README.md", name)
                continue
            (folder / name).mkdir()
            running.append(known[name](data, folder / name))
            stack.callback(stop, running[-1])
            _LOG.info("%s: loaded in %.1f s", name, running[-1].load)
            sleep(running[-1])
        bench = Bench(running, counts, plan)
        bench.measure()
    date = datetime.now(UTC).isoformat(timespec="seconds")
    known_facts = {"date": date, "counts": asdict(counts), "plan": asdict(plan), "machine": _machine()}
    return {**known_facts, "servers": bench.results}


def main() -> None:
    """Read the arguments, run, and write results/<size>.json and results/<size>.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, default=10_000)
    parser.add_argument("--servers", default="abckg,oxigraph,oxigraph-disk,rdflib-endpoint,virtuoso")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "results")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended, too
    if not shutil.which("wrk"):
        parser.error("wrk is needed: apt-get install wrk")
    plan = Plan(arguments.rounds, arguments.seconds, arguments.repetitions)
    results = run(arguments.triples, arguments.servers.split(","), plan, arguments.peers)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / f"{arguments.triples}.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    others = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(arguments.out.glob("*.json"))]
    table = markdown(results, others)
    (arguments.out / f"{arguments.triples}.md").write_text(table, encoding="utf-8")
    sys.stdout.write(table)


if __name__ == "__main__":
    main()
