"""What others notice of queries that run away: ``isolation.py [TRIPLES] [--rounds N] [--limit S] [--peers FOLDER]``.

Sends the mix of interactive queries with wrk in quiet phases and in phases in which one endless query a second is
begun, in turn, and compares throughput and 99th percentile of the others; and what the endless queries were told, and
when. Every query is its own, so that no cache answers.

Each connection sends its next request when it has its answer, or ``--pause`` milliseconds later: without a pause the
machine is busy all the time, which is what throughput needs; with one, the latencies are those of a server that has
something to spare. The percentile is that of all requests of all phases of a kind. How much it says is shown by the
ratios of the single rounds, of which the quartiles are given.

Endless queries come in five shapes, again and again; with ``--strangers`` each is of a shape of its own.

With ``--peers`` Oxigraph's own server is asked the same with its own time limit, started anew for each round, as what
it does not end goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from resource import RLIMIT_AS, prlimit
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from bench import RESULTS
from generate import kept
from latencies import merged, percentile
from measure import Load, Traffic, ask, under_load
from servers import Running, awake, settle, sleep, start_abckg, start_oxigraph, stop
from tables import table
from targets import LATE
from templates import mixed

__all__ = ["Phases", "Told", "main", "summary"]

_ENDLESS = (
    "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} # {}",
    "SELECT ?a ?d {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY ?f ?c # {}",
    'SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "(a|b)+x$")) }} # {}',
    "SELECT ?c (COUNT(?f) AS ?n) {{ ?a ?b ?c . ?d ?e ?f }} GROUP BY ?c # {}",
    "SELECT (COUNT(*) AS ?n) {{ ?a !<http://x.example/>+ ?b . ?b !<http://x.example/>* ?c }} # {}",
)
_PEER_MEMORY = 6 << 30  # bytes that a server without a limit of its own may map


@dataclass(frozen=True)
class Told:
    """What an endless query was told: its status (0: nothing, or a broken answer), after how many seconds."""

    status: int
    seconds: float


@dataclass(frozen=True)
class Phases:
    """What was measured of one server: a quiet and a noisy load each round, and what the endless queries were told."""

    quiet: list[Load] = field(default_factory=list)
    noisy: list[Load] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


@dataclass(frozen=True)
class _Plan:
    queries: Sequence[str]
    connections: int
    seconds: float
    pause: int
    strangers: bool


def _one_round(running: Running, plan: _Plan, phases: Phases, *, end: bool) -> None:
    """Measure a quiet and a noisy phase; ``end`` the server then, with what it still computes."""
    with awake(running):
        settle(running)
        phases.quiet.append(_load(running, plan, len(phases.quiet) * 2))
        over = threading.Event()
        sender = threading.Thread(target=_every_second, args=(running.endpoint, over, phases.told, plan.strangers))
        sender.start()
        time.sleep(1)
        try:
            phases.noisy.append(_load(running, plan, len(phases.noisy) * 2 + 1))
        finally:
            over.set()
            if end:
                time.sleep(5)  # for those that it does end
                stop(running)
            sender.join()


def _load(running: Running, plan: _Plan, number: int) -> Load:
    nonce = (number + 1) * 10_000_000
    return under_load(running.endpoint, Traffic(plan.queries, plan.connections, plan.seconds, nonce, plan.pause))


def _every_second(endpoint: str, over: threading.Event, told: list[Told], strangers: bool) -> None:
    senders: list[threading.Thread] = []
    while not over.is_set():
        now = time.monotonic_ns()
        query = _ENDLESS[len(senders) % len(_ENDLESS)].format(now)
        if strangers:
            query = query.replace("?c", f"?c{now}")
        senders.append(threading.Thread(target=_send, args=(endpoint, query, told)))
        senders[-1].start()
        over.wait(1)
    for sender in senders:
        sender.join()


def _send(endpoint: str, query: str, told: list[Told]) -> None:
    connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=60)
    began = time.monotonic()
    reply = ask(connection, endpoint, query)
    connection.close()
    told.append(Told(reply.status if reply else 0, time.monotonic() - began))


def summary(phases: Phases, limit: float) -> dict[str, Any]:
    """Return what is printed and written of one server: see the names of the figures."""
    quiet, noisy = (merged(load.latencies for load in loads) for loads in (phases.quiet, phases.noisy))
    rates = [
        sum(load.requests for load in loads) / sum(load.seconds for load in loads)
        for loads in (phases.noisy, phases.quiet)
    ]
    tails = [percentile(noisy, 99), percentile(quiet, 99)]
    pairs = list(zip(phases.noisy, phases.quiet, strict=True))
    ended = [one.seconds - limit for one in phases.told if one.status in (503, 504)]
    return {
        "rate": dict(zip(("noisy", "quiet"), rates, strict=True)),
        "rate_ratio": _quotient(*rates),
        "rate_ratio_quartiles": _quartiles([_quotient(one.rate, other.rate) for one, other in pairs]),
        "p99_ms": dict(zip(("noisy", "quiet"), tails, strict=True)),
        "p99_ratio": _quotient(*tails),
        "p99_ratio_quartiles": _quartiles([_quotient(one.p99, other.p99) for one, other in pairs]),
        "p50_ratio": _quotient(percentile(noisy, 50), percentile(quiet, 50)),
        "requests": {"noisy": sum(noisy.values()), "quiet": sum(quiet.values())},
        "errors": sum(load.errors for load in (*phases.quiet, *phases.noisy)),
        "endless": len(phases.told),
        "ended": len(ended),
        "ended_in_time": sum(late <= LATE for late in ended),
        "latest_ms": max(ended, default=0) * 1e3,
    }


def _quotient(one: float, other: float) -> float:
    return one / other if other else 0.0


def _quartiles(values: Sequence[float]) -> list[float]:
    return quantiles(values, n=4, method="inclusive") if len(values) > 1 else list(values) * 3


def _markdown(found: dict[str, dict[str, Any]]) -> str:
    def ratio(one: dict[str, Any], name: str) -> str:
        low, _, high = one[f"{name}_quartiles"]
        return f"{one[name]:.2f} (rounds: {low:.2f} to {high:.2f})"

    rows: dict[str, Callable[[dict[str, Any]], str]] = {
        "requests, quiet + during": lambda one: f"{one['requests']['quiet']:,} + {one['requests']['noisy']:,}",
        "throughput of the others, during / quiet": lambda one: ratio(one, "rate_ratio"),
        "a second": lambda one: f"{one['rate']['noisy']:.0f} / {one['rate']['quiet']:.0f}",
        "p99 of the others, during / quiet": lambda one: ratio(one, "p99_ratio"),
        "ms": lambda one: f"{one['p99_ms']['noisy']:.1f} / {one['p99_ms']['quiet']:.1f}",
        "errors of the others": lambda one: str(one["errors"]),
        "endless queries ended with 503 or 504": lambda one: f"{one['ended']} of {one['endless']}",
        "of these within 100 ms of the limit": lambda one: f"{one['ended_in_time']}, at most {one['latest_ms']:.0f} ms",
    }
    body = [[title, *(cell(one) for one in found.values())] for title, cell in rows.items()]
    return table(["", *found], body)


def _peer(data: Path, folder: Path, command: Path, limit: float) -> Running:
    running = start_oxigraph(data, folder, command, ("--timeout-s", f"{limit:.0f}"))
    prlimit(running.process.pid, RLIMIT_AS, (_PEER_MEMORY, _PEER_MEMORY))
    return running


def _measure(options: argparse.Namespace, plan: _Plan, data: Path) -> dict[str, Phases]:
    found = {"abckg": Phases()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="abckg-isolation-")))
        ours = start_abckg(data, folder, ("--timeout", str(options.limit)))
        stack.callback(stop, ours)
        for number in range(options.rounds):
            sleep(ours)
            if options.peers and number < options.peer_rounds:
                peer = _peer(data, folder, options.peers.absolute() / "oxigraph", options.limit)
                stack.callback(stop, peer)
                _one_round(peer, plan, found.setdefault("oxigraph", Phases()), end=True)
            _one_round(ours, plan, found["abckg"], end=False)
    return found


def main() -> None:
    """Generate, start, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("triples", nargs="?", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--peer-rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--pause", type=int, default=0, help="milliseconds")
    parser.add_argument("--strangers", action="store_true")
    parser.add_argument("--limit", type=float, default=2)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    data, counts = kept(options.triples, options.out / "data")
    queries = [f"{query} #" for query in mixed(counts, 400, seed=3)]
    plan = _Plan(queries, options.connections, options.seconds, options.pause, options.strangers)
    measured = _measure(options, plan, data)
    found = {name: summary(phases, options.limit) for name, phases in measured.items()}
    facts = {
        name: getattr(options, name) for name in ("rounds", "seconds", "connections", "pause", "limit", "strangers")
    }
    results = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "triples": counts.triples, "plan": facts}
    name = f"isolation-{options.triples}" + (f"-pause-{options.pause}" if options.pause else "")
    name += "-strangers" if options.strangers else ""
    (options.out / f"{name}.json").write_text(json.dumps({**results, "isolation": found}, indent=1), encoding="utf-8")
    sys.stdout.write(_markdown(found))


if __name__ == "__main__":
    main()
