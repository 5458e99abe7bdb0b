"""Runs SHACL engines side by side on the grown real data, with the shapes of this project: see README.md.

    validation.py 10000 100000 [--engines abckg-auto,jena] [--rounds 3] [--limit 600] [--peers PYTHON]
                                [--out FOLDER]

Each run is a fresh process: start, reading, validation and results, by the clock and by processor time, which
other work on the machine changes less; memory is the largest sum over the process and its children. Engines are run
in turn, round by round, so that what else happens falls on all alike; figures are medians of the rounds. An engine
that runs into the time limit is not asked again.
"""

from __future__ import annotations

import argparse
import compileall
import json
import logging
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from grow import write
from project import Timing, as_installed, timings
from validators import NAMES, MissingEngine, command, engine_version, results

__all__ = ["Measured", "command_table", "main", "measure", "table"]

_LOG = logging.getLogger("validation")
_SAMPLE = 0.02
_FASTEST = ("shacl", "shacl-rust", "pyrudof", "jena")
_COMMAND = "pyshacl-command"


@dataclass
class Measured:
    """What came of one engine on one size."""

    engine: str
    version: str
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    memory: float = 0.0
    found: Counter[str] | None = None
    ended: str = ""

    @property
    def median(self) -> float | None:
        """The median of the seconds, None where no run came to its end."""
        return median(self.seconds) if self.seconds else None


def measure(
    engines: Sequence[str], folder: Path, *, rounds: int, limit: float, peers: str = sys.executable
) -> list[Measured]:
    """Run the engines in turn on ``data.nt`` and ``shapes.nt`` of a folder."""
    measured = {name: Measured(name, engine_version(name)) for name in engines}
    for number in range(rounds):
        for name, one in measured.items():
            if not one.ended:
                _run(one, folder, limit, peers)
                _LOG.info("round %d, %s: %s", number + 1, name, one.ended or f"{one.seconds[-1]:.2f} s")
    return list(measured.values())


def _run(one: Measured, folder: Path, limit: float, peers: str) -> None:
    out = folder / f"{one.engine}.txt"
    try:
        words = command(one.engine, folder / "data.nt", folder / "shapes.nt", out, peers)
    except MissingEngine:
        one.ended = "not installed"
        return
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began, used = time.perf_counter(), _processor()
        process = subprocess.Popen(words, stdout=output, stderr=errors, stdin=subprocess.DEVNULL, env=as_installed())
        ended = os.pidfd_open(process.pid)  # to be woken when it ends, not at the next sample
        poller = select.poll()
        poller.register(ended, select.POLLIN)
        while not poller.poll(_SAMPLE * 1000):
            one.memory = max(one.memory, _memory(process.pid))
            if time.perf_counter() - began > limit:
                process.kill()
                process.wait()
                one.ended = f"> {limit:.0f} s"
                os.close(ended)
                return
        seconds = time.perf_counter() - began
        os.close(ended)
        process.wait()
        output.seek(0)
        errors.seek(0)
        said = output.read()
        if process.returncode not in ((0, 1) if one.engine == _COMMAND else (0,)):
            one.ended = f"failed: {errors.read().decode(errors='replace').strip()[-200:]}"
            return
    one.seconds.append(seconds)
    one.processor.append(_processor() - used)
    one.found = results(one.engine, out, said)


def _processor() -> float:
    """Return the processor seconds of all processes that have ended and been waited for."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _memory(number: int) -> float:
    """Return the MiB that a process and its descendants hold."""
    return sum(_resident(one) for one in (number, *_descendants(number)))


def _descendants(number: int) -> Iterator[int]:
    try:
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from _descendants(child)


def _resident(number: int) -> float:
    try:
        pages = int(Path(f"/proc/{number}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def table(size: int, measured: Sequence[Measured]) -> str:
    """Return what was measured on one size as Markdown, with the ratios that are aimed at."""
    expected = next((one.found for one in measured if one.engine == "abckg-pyshacl" and one.found is not None), None)
    expected = expected or next((one.found for one in measured if one.found is not None), Counter())
    head = ("engine", "seconds", "processor s", "MiB", "results", "against the reference")
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for one in measured:
        seconds = f"{one.median:.2f}" if one.median is not None else one.ended
        count = "–" if one.found is None else str(one.found.total())
        memory = f"{one.memory:.0f}" if one.memory else "–"
        processor = f"{median(one.processor):.2f}" if one.processor else "–"
        cells = (f"{one.engine} ({one.version})", seconds, processor, memory, count, _against(expected, one.found))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join((f"### {size:,} triples", "", *lines, "", *_ratios(measured, expected), ""))


def _against(expected: Counter[str], found: Counter[str] | None) -> str:
    if found is None:
        return "–"
    missing, extra = (expected - found).total(), (found - expected).total()
    return "the same" if not missing + extra else f"{missing} missing, {extra} too many"


def _ratios(measured: Sequence[Measured], expected: Counter[str]) -> Iterator[str]:
    by_name = {one.engine: one for one in measured}
    ours = by_name.get("abckg-auto")
    if ours is None or ours.median is None:
        return
    right = [one for name in _FASTEST if (one := by_name.get(name)) and one.median and one.found == expected]
    if right:
        fastest = min(right, key=lambda one: one.median or 0.0)
        yield f"abckg-auto : {fastest.engine} (the fastest that is right) = {ours.median / (fastest.median or 1):.2f}"
    reference = by_name.get(_COMMAND)
    if reference is not None and (reference.median or reference.ended.startswith(">")):
        least = reference.median or float(reference.ended.strip("> s"))
        sign = "" if reference.median else "more than "
        yield f"{_COMMAND} : abckg-auto = {sign}{least / ours.median:.0f}"


def command_table(commands: Sequence[Timing]) -> str:
    """Return how long the commands of the project take as Markdown, against what is aimed at."""
    lines = ["| command | seconds | target |", "| --- | --- | --- |"]
    for one in commands:
        target = "–" if one.target is None else f"under {one.target:g}: {'yes' if one.median < one.target else 'no'}"
        lines.append(f"| {one.name} | {one.median:.2f} | {target} |")
    return "\n".join(("### The command", "", *lines, ""))


def _measure(chosen: argparse.Namespace, folder: Path) -> list[Measured]:
    names = chosen.engines.split(",")
    return measure(names, folder, rounds=chosen.rounds, limit=chosen.limit, peers=chosen.peers)


def main(arguments: Sequence[str] | None = None) -> None:
    """Generate, measure, and write ``validation.md`` and ``validation.json`` into the folder for results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("triples", type=int, nargs="+")
    parser.add_argument("--engines", default=",".join(NAMES))
    parser.add_argument("--edited", type=int, default=100_000, help="triples of the data for --since; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=600)
    parser.add_argument("--peers", default=sys.executable, help="the Python that has shacl-rust and pyrudof")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "results")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    here = Path(__file__).resolve().parent
    for code in (here, here.parent / "src"):
        compileall.compile_dir(code, quiet=2)
    tables: list[str] = []
    data: list[dict[str, object]] = []
    for size in chosen.triples:
        with tempfile.TemporaryDirectory(prefix="abckg-") as folder:
            count = write(size, Path(folder))
            measured = _measure(chosen, Path(folder))
        tables.append(table(count, measured))
        data += [{"triples": count, **asdict(one), "found": one.found and one.found.total()} for one in measured]
    if chosen.edited:
        with tempfile.TemporaryDirectory(prefix="abckg-") as place:
            commands = timings(chosen.edited, Path(place), chosen.rounds)
        tables.append(command_table(commands))
        data += [asdict(one) for one in commands]
    head = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors, medians of {chosen.rounds} rounds.\n"
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "validation.md").write_text("\n".join((head, *tables)), encoding="utf-8")
    _LOG.info("%s", "\n".join((head, *tables)))
    (chosen.out / "validation.json").write_text(json.dumps(data, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
