"""What others notice of a query that runs away every second: ``isolation.py [--triples N] [--rounds N] [--limit S]``.

Sends the mix of interactive queries with wrk in quiet phases and in phases in which one endless query a second is
begun, in turn, and prints the ratios of the medians: throughput and 99th percentile of the others, and what the
endless queries were told, and when. Every query is its own, so that no cache answers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from generate import write
from measure import Load, Traffic, ask, under_load
from servers import start_abckg, stop
from templates import mixed

__all__ = ["Told", "isolation"]

_ENDLESS = (
    "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} # {}",
    "SELECT ?a ?d {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY ?f ?c # {}",
    'SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "(a|b)+x$")) }} # {}',
    "SELECT ?c (COUNT(?f) AS ?n) {{ ?a ?b ?c . ?d ?e ?f }} GROUP BY ?c # {}",
    "SELECT (COUNT(*) AS ?n) {{ ?a !<http://x.example/>+ ?b . ?b !<http://x.example/>* ?c }} # {}",
)


@dataclass(frozen=True)
class Told:
    """What an endless query was told: its status (0: nothing), after how many seconds."""

    status: int
    seconds: float


def isolation(
    endpoint: str, queries: list[str], rounds: int, seconds: float
) -> tuple[list[Load], list[Load], list[Told]]:
    """Return the loads of the quiet phases, those of the others, and what the endless queries were told."""
    quiet: list[Load] = []
    noisy: list[Load] = []
    told: list[Told] = []
    for turn in range(rounds):
        quiet.append(under_load(endpoint, Traffic(queries, 4, seconds, nonce=(2 * turn + 1) * 10_000_000)))
        over = threading.Event()
        sender = threading.Thread(target=_every_second, args=(endpoint, over, told))
        sender.start()
        time.sleep(1)
        noisy.append(under_load(endpoint, Traffic(queries, 4, seconds, nonce=(2 * turn + 2) * 10_000_000)))
        over.set()
        sender.join()
    return quiet, noisy, told


def _every_second(endpoint: str, over: threading.Event, told: list[Told]) -> None:
    senders: list[threading.Thread] = []
    while not over.is_set():
        query = _ENDLESS[len(senders) % len(_ENDLESS)].format(time.monotonic_ns())
        senders.append(threading.Thread(target=_send, args=(endpoint, query, told)))
        senders[-1].start()
        over.wait(1)
    for sender in senders:
        sender.join()


def _send(endpoint: str, query: str, told: list[Told]) -> None:
    connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=60)
    reply = ask(connection, endpoint, query)
    connection.close()
    told.append(Told(reply.status, reply.last / 1e3) if reply else Told(0, 60))


def main() -> None:
    """Generate, start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--limit", type=float, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="abckg-isolation-") as folder:
        data = Path(folder) / "data.nt"
        counts = write(options.triples, data)
        running = start_abckg(data, Path(folder), ("--timeout", str(options.limit)))
        try:
            queries = [f"{query} #" for query in mixed(counts, 400, seed=3)]
            quiet, noisy, told = isolation(running.endpoint, queries, options.rounds, options.seconds)
        finally:
            stop(running)
    _print(quiet, noisy, told, options.limit)


def _print(quiet: list[Load], noisy: list[Load], told: list[Told], limit: float) -> None:
    rates, tails = ([[getattr(load, name) for load in loads] for loads in (noisy, quiet)] for name in ("rate", "p99"))
    rate, p99 = (tuple(map(median, values)) for values in (rates, tails))
    ended = [one for one in told if one.status in (503, 504)]
    late = max((one.seconds - limit for one in ended), default=0) * 1e3
    lines = (
        f"throughput of the others, during / quiet: {rate[0] / rate[1]:.2f} ({rate[0]:.0f} / {rate[1]:.0f} a second)",
        f"p99 of the others, during / quiet: {p99[0] / p99[1]:.2f} ({p99[0]:.1f} / {p99[1]:.1f} ms)",
        f"errors of the others: {sum(load.errors for load in (*quiet, *noisy))}",
        f"endless queries ended with 503 or 504: {len(ended)} of {len(told)}, at most {late:.0f} ms after the limit",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
