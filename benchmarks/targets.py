"""What was measured against the targets that this project set itself: ``targets.py RESULTS.json...``.

Takes results of ``bench.py``, of one size or of several, and of ``isolation.py``. The targets are for 1 million triples
and 16 connections; of other sizes the table is for comparison only. Growth is looked at where two sizes are given.
Exit status 1 where a target is missed. What was not measured is said, and is not a miss.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from growth import MOST, US, exponents, status
from tables import at, table

__all__ = ["Target", "against", "main", "markdown"]

SLOW_SHAPES = ("in-place-path", "filter-in", "count", "class-counts", "top-k", "not-exists")
LATE = 0.1  # seconds after its limit at which a query must have been ended
_AT = 1_000_000
Results = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A target: what, how much at least or at most, and what was reached (None: not measured)."""

    what: str
    limit: float
    reached: float | None
    at_least: bool = True
    unit: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether it is met; None where it was not measured."""
        if self.reached is None:
            return None
        return self.reached >= self.limit if self.at_least else self.reached <= self.limit


def against(runs: Sequence[Results]) -> list[Target]:
    """Return the targets with what these runs reached: those of the size nearest to a million, growth, isolation."""
    sizes = sorted((run for run in runs if "counts" in run), key=lambda run: int(run["counts"]["triples"]))
    found: list[Target] = []
    if sizes:
        nearest = min(sizes, key=lambda run: abs(run["counts"]["triples"] - _AT))
        found += _of_servers(nearest["servers"])
    if len(sizes) > 1:
        found.append(_growth(sizes[-2], sizes[-1]))
    for run in runs:
        if "isolation" in run and not run["plan"]["pause"]:  # throughput needs clients that do not pause
            found += _of_isolation(run)
    return found


def _of_servers(servers: Results) -> list[Target]:
    def ratio(what: str, limit: float, name: str, peer: str, against: str = "", *, at_least: bool = True) -> Target:
        path, other = name.split("."), (against or name).split(".")
        return Target(what, limit, _quotient(at(servers, US, *path), at(servers, peer, *other)), at_least)

    def shape(name: str) -> Target:
        return ratio(f"{name}: time of Virtuoso", 3, f"templates.{name}.ms", "virtuoso", at_least=False)

    mixed, computed = "mix_16.rate", "cached_16.rate"
    return [
        ratio("mixed queries, 16 connections: rate of Oxigraph in memory", 0.5, mixed, "oxigraph"),
        ratio("the same: rate of Virtuoso", 1.2, mixed, "virtuoso"),
        ratio("the same: rate of rdflib-endpoint", 25, mixed, "rdflib-endpoint"),
        ratio("one query repeated: rate of Oxigraph in memory", 4, computed, "oxigraph"),
        ratio("the same with If-None-Match", 4, "not_modified_16.rate", "oxigraph", computed),
        ratio("10,000 rows as JSON: rate of Oxigraph in memory", 0.9, "rows_4.rate", "oxigraph"),
        ratio("the same: rate of Virtuoso", 3, "rows_4.rate", "virtuoso"),
        Target("first byte of 25 MB", 50, at(servers, US, "encodings", "large", "identity", "first_ms"), False, " ms"),
        Target("encodings of three (zstd, br, gzip) on request", 3, _encodings(servers)),
        *(shape(name) for name in SLOW_SHAPES),
        ratio("load: time of Oxigraph's bulk loader", 1.3, "load_seconds", "oxigraph-disk", at_least=False),
    ]


def _quotient(ours: float | None, theirs: float | None) -> float | None:
    if ours is None or theirs is None:
        return None
    if not theirs:
        return inf if ours else None
    return ours / theirs


def _encodings(servers: Results) -> float | None:
    if not at(servers, US, "encodings", "10k-rows", "identity", "bytes"):
        return None
    plain, *coded = (
        at(servers, US, "encodings", "10k-rows", name, "bytes") for name in ("identity", "zstd", "br", "gzip")
    )
    return float(sum(size is not None and plain is not None and size < plain / 2 for size in coded))


def _growth(small: Results, large: Results) -> Target:
    found = exponents(small, large)
    sizes = " to ".join(f"{run['counts']['triples']:,}" for run in (small, large))
    what = f"exponent of lookups and bounded joins, the greatest, {sizes} triples"
    figures = [entry.by_server[US] for entry in found if entry.kind and US in entry.by_server]
    return Target(what, MOST, None if status(found) == 2 else max(figures), at_least=False)


def _of_isolation(run: Results) -> list[Target]:
    found, plan = run["isolation"].get(US, {}), run["plan"]
    which = f"{run['triples']:,} triples, {plan['connections']} connections"
    return [
        Target(f"others while queries run away: throughput ({which})", 0.9, at(found, "rate_ratio")),
        Target("their 99th percentile", 1.5, at(found, "p99_ratio"), at_least=False),
        Target(
            "runaway queries ended within 100 ms of the limit",
            1,
            _quotient(at(found, "ended_in_time"), at(found, "endless")),
        ),
    ]


def markdown(runs: Sequence[Results]) -> str:
    """Return the table of the targets."""
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = [
        [
            one.what,
            f"{'at least' if one.at_least else 'at most'} {one.limit:g}{one.unit}",
            "–" if one.reached is None else f"{one.reached:.3g}{one.unit}",
            words[one.is_met],
        ]
        for one in against(runs)
    ]
    sizes = sorted(run["counts"]["triples"] for run in runs if "counts" in run)
    nearest = min(sizes, key=lambda size: abs(size - _AT), default=_AT)
    note = (
        ""
        if abs(nearest - _AT) < _AT / 10
        else f"Measured with {nearest:,} triples; the targets are for 1 million.\n\n"
    )
    return f"## Targets\n\n{note}" + table(["target", "wanted", "reached", ""], rows)


def main(arguments: list[str] | None = None) -> int:
    """Read the files of results, print the table, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RESULTS")
    options = parser.parse_args(arguments)
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in options.runs]
    sys.stdout.write(markdown(runs))
    return int(any(one.is_met is False for one in against(runs)))


if __name__ == "__main__":
    sys.exit(main())
