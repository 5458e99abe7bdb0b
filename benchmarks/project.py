"""How long ``abckg validate`` takes on the project itself, and with ``--since`` after an edit in larger data.

The larger data are the records of the project, copied under new names until there are enough triples, as Turtle files
in a git repository with its ontology and shapes. One record is then edited; the index of the revision, which the
first run makes, is timed apart.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pyoxigraph as ox

from abckg import turtle
from abckg.namespaces import ID, SKOS, load_prefixes
from abckg.sources import read
from grow import ROOT, grow

__all__ = ["Timing", "as_installed", "checkout", "edit", "timings"]

_AUTHOR = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.org")


@dataclass(frozen=True)
class Timing:
    """The seconds of the rounds of one command, and what is aimed at."""

    name: str
    seconds: tuple[float, ...]
    target: float | None = None

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return median(self.seconds)


def as_installed() -> dict[str, str]:
    """Return an environment in which Python keeps what it has compiled, as it does where nobody forbids it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def checkout(triples: int, root: Path) -> int:
    """Write the real data in a size as a repository; return the number of triples of its records."""
    for folder in ("ontology", "shapes", "data/queries"):
        shutil.copytree(ROOT / folder, root / folder)
    sources = read(ROOT)
    own = {triple for file in sources.files if file.kind != "data" for triple in file.triples}
    records: dict[Path, list[ox.Triple]] = defaultdict(list)
    for triple in grow(sources, triples, one_in=0):
        if triple not in own and isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(ID):
            kind, slug = triple.subject.value.removeprefix(ID).split("/")[:2]
            records[Path("data", kind, f"{slug}.ttl")].append(triple)
    prefixes = load_prefixes(ROOT)
    for path, about in records.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(turtle.serialize(about, prefixes), encoding="utf-8")
    for words in (("init", "-q"), ("add", "-A"), (*_AUTHOR, "commit", "-q", "-m", "data")):
        subprocess.run(["git", "-C", str(root), *words], check=True)
    return sum(map(len, records.values()))


def edit(root: Path) -> Path:
    """Give one hub another name, and return its file."""
    path = min((root / "data/hub").glob("*.ttl"))
    prefixes = load_prefixes(root)
    about = turtle.parse(path.read_text(encoding="utf-8"), path)
    name = ox.NamedNode(f"{SKOS}altLabel")
    about.append(ox.Triple(ox.NamedNode(f"{ID}hub/{path.stem}"), name, ox.Literal("Edited name", language="en")))
    path.write_text(turtle.serialize(about, prefixes), encoding="utf-8")
    return path


def timings(triples: int, folder: Path, rounds: int) -> list[Timing]:
    """Time the commands; the repository and the indexes are made in a folder."""
    root = folder / "checkout"
    root.mkdir()
    count = checkout(triples, root)
    edit(root)
    cache = {**as_installed(), "XDG_CACHE_HOME": str(folder / "cache")}
    since = ("--root", str(root), "--since", "HEAD")
    first = _seconds(since, cache)
    rest = tuple(_seconds(since, cache) for _ in range(rounds))
    full = tuple(_seconds(("--root", str(ROOT)), cache) for _ in range(rounds))
    return [
        Timing(f"`abckg validate --since HEAD`, one record of {count:,} triples edited", rest, 1.0),
        Timing("the first such run, which makes the index", (first,)),
        Timing("`abckg validate` of the project itself", full, 5.0),
    ]


def _seconds(words: Sequence[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "abckg", "validate", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1) or "everything was checked" in done.stderr:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")
    return time.perf_counter() - began
