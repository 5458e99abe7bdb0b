"""How times grow with the data, from the results of two runs: ``growth.py SMALL.json LARGE.json``.

Prints a table with the exponent ``log(t2 / t1) / log(n2 / n1)`` of each template and server: 0 is a time that does not
depend on the size of the data, 1 one that grows like them. Lookups and bounded joins match as much in either size, and
are to stay at or below 0.2 in this project's server: exit status 1 where one does not, 2 where one was not measured or
matches more in the larger data, so that nothing can be said.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from math import log10
from pathlib import Path
from statistics import mean
from typing import Any

from tables import at, table
from templates import BOUNDED_JOINS, LOOKUPS, TEMPLATES

__all__ = ["MOST", "Exponent", "exponents", "main", "markdown", "status"]

MOST = 0.2
US = "abckg"
_SAME = 1.5  # times as many rows, from one size to ten times the size, still count as the same number
Results = dict[str, Any]


@dataclass(frozen=True)
class Exponent:
    """How one template grows.

    Attributes:
        template: Its name.
        kind: "lookup", "bounded join", or "" of the others, which are not held to the target.
        rows: Rows of an answer on average, in the small and in the large data.
        by_server: The exponent of each server that answered it in both sizes.
    """

    template: str
    kind: str
    rows: tuple[float, float]
    by_server: dict[str, float]

    @property
    def is_bounded(self) -> bool:
        """Whether answers in the large data are about as long as in the small data."""
        small, large = self.rows
        return large <= _SAME * max(small, 1)


def exponents(small: Results, large: Results) -> list[Exponent]:
    """Return how each template that was measured in both runs grows; ``large`` is the run with more triples."""
    step = log10(large["counts"]["triples"] / small["counts"]["triples"])
    found = []
    for name in TEMPLATES:
        servers, rows = {}, (0.0, 0.0)
        for server in reversed(large["servers"]):
            before, after = (at(run["servers"], server, "templates", name, "ms") for run in (small, large))
            if before and after:
                servers[server] = log10(after / before) / step
                runs = (run["servers"][server]["templates"][name]["rows"] for run in (small, large))
                rows = (mean(next(runs)), mean(next(runs)))
        if servers:
            in_order = {server: servers[server] for server in large["servers"] if server in servers}
            found.append(Exponent(name, _kind(name), rows, in_order))
    return found


def _kind(name: str) -> str:
    return "lookup" if name in LOOKUPS else "bounded join" if name in BOUNDED_JOINS else ""


def status(found: list[Exponent]) -> int:
    """Return 0 where this server meets the target in every lookup and bounded join, 1 where not, 2 if unknown."""
    held = [entry for entry in found if entry.kind]
    missing = {*LOOKUPS, *BOUNDED_JOINS} - {entry.template for entry in held if US in entry.by_server}
    if missing or not all(entry.is_bounded for entry in held):
        return 2
    return int(any(entry.by_server[US] > MOST for entry in held))


def markdown(small: Results, large: Results) -> str:
    """Return the table of the exponents, those that are held to the target first."""
    found = exponents(small, large)
    servers = [name for name in large["servers"] if any(name in entry.by_server for entry in found)]
    rows = [
        [entry.template, entry.kind or "–", f"{entry.rows[0]:.3g} → {entry.rows[1]:.3g}"]
        + [_cell(entry, server) for server in servers]
        for entry in sorted(found, key=lambda entry: not entry.kind)
    ]
    sizes = [f"{run['counts']['triples']:,}" for run in (small, large)]
    title = f"## Growth from {sizes[0]} to {sizes[1]} triples\n\nExponents; bold: above the target of {MOST}.\n\n"
    return title + table(["template", "held to the target", "rows", *servers], rows)


def _cell(entry: Exponent, server: str) -> str:
    if server not in entry.by_server:
        return "–"
    figure = f"{entry.by_server[server]:.2f}"
    return f"**{figure}**" if entry.kind and server == US and entry.by_server[server] > MOST else figure


def main(arguments: list[str] | None = None) -> int:
    """Read two files of results, print the table, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs=2, type=Path, metavar="RESULTS")
    options = parser.parse_args(arguments)
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in options.runs]
    small, large = sorted(runs, key=lambda run: int(run["counts"]["triples"]))
    if small["counts"]["triples"] == large["counts"]["triples"]:
        parser.error("two runs of different sizes are needed")
    sys.stdout.write(markdown(small, large))
    return status(exponents(small, large))


if __name__ == "__main__":
    sys.exit(main())
