"""Runs the servers side by side on the same generated data and writes what was measured: see README.md.

    bench.py [SIZE...] [--servers abckg,oxigraph] [--rounds 3] [--seconds 3] [--peers FOLDER] [--out FOLDER]

All servers are up at the same time, halted but for the one that is asked; they are asked in turn, round by round, so
that what else happens on the machine falls on all alike. Figures are medians of the rounds. With two sizes or more, the
growth from each to the next is written, too. The data are written once, into ``data`` beside the results.
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
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import growth
import targets
from generate import Counts, kept
from measurements import Bench, Plan
from servers import Running, servers, sleep, stop
from tables import markdown

__all__ = ["RESULTS", "groups", "main"]

RESULTS = Path(__file__).resolve().parent / "results"
_SERVERS = "abckg,oxigraph,oxigraph-disk,virtuoso,rdflib-endpoint"
_TOGETHER = 5_000_000  # triples above which memory of 24 GB does not hold all; the slowest is asked for itself then
_LOG = logging.getLogger("bench")


def _machine() -> dict[str, Any]:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processors": os.cpu_count(), "memory_bytes": total, "python": sys.version.split()[0]}


def run(data: Path, counts: Counts, chosen: list[list[str]], plan: Plan, peers: Path | None) -> dict[str, Any]:
    """Load, start, measure and stop, one group of servers after the other; return the results."""
    found: dict[str, Any] = {}
    for names in chosen:
        found |= _side_by_side(data, counts, names, plan, peers)
    date = datetime.now(UTC).isoformat(timespec="seconds")
    known_facts = {"date": date, "counts": asdict(counts), "plan": asdict(plan), "machine": _machine()}
    return {**known_facts, "groups": chosen, "servers": found}


def _side_by_side(
    data: Path, counts: Counts, names: list[str], plan: Plan, peers: Path | None
) -> dict[str, dict[str, Any]]:
    known = servers(peers)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="abckg-bench-")))
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
    return bench.results


def groups(text: str, size: int) -> list[list[str]]:
    """Return the names of the servers that are up together, group by group; ``text`` is as of ``--servers``."""
    text = text or (_SERVERS if size <= _TOGETHER else _SERVERS.replace(",rdflib", "/rdflib"))
    return [group.split(",") for group in text.split("/")]


def _report(folder: Path, sizes: list[int]) -> str:
    """Write ``SIZE.md`` for each size; return the targets, the growth and the tables of all."""
    runs = [_read(folder / f"{size}.json") for size in sizes]
    grown = [growth.markdown(small, large) for small, large in pairwise(runs)]
    isolation = [_read(path) for path in sorted(folder.glob("isolation-*.json"))]
    for size, one in zip(sizes, runs, strict=True):
        tables = "\n".join((targets.markdown([one, *isolation]), markdown(one)))
        (folder / f"{size}.md").write_text(tables, encoding="utf-8")
    head = "\n".join((targets.markdown([*runs, *isolation]), *grown))
    (folder / "targets.md").write_text(head, encoding="utf-8")
    return "\n".join((head, *(markdown(one) for one in runs)))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000], metavar="SIZE", help="triples")
    parser.add_argument("--servers", default="", help="names; / between groups that are not up at the same time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser


def main() -> None:
    """Read the arguments, run each size, write and print what was measured."""
    parser = _arguments()
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended, too
    if not shutil.which("wrk"):
        parser.error("wrk is needed: apt-get install wrk")
    plan = Plan(arguments.rounds, arguments.seconds, arguments.repetitions)
    sizes = sorted(set(arguments.sizes))
    for size in sizes:
        data, counts = kept(size, arguments.out / "data")
        _LOG.info("%s triples", counts.triples)
        results = run(data, counts, groups(arguments.servers, size), plan, arguments.peers)
        (arguments.out / f"{size}.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    sys.stdout.write(_report(arguments.out, sizes))


if __name__ == "__main__":
    main()
