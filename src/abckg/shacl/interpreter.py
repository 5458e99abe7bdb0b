"""Runs the fast SHACL engine in a fresh interpreter, where this process cannot be forked; it reads files.

Layer: imports ``results``.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph as ox

from abckg.shacl.results import Source

__all__ = ["spawned"]


def spawned(command: Sequence[str], data: Source, shapes: Source, timeout: float) -> list[Any]:
    """Return what the process wrote, one array a result, as ``child`` says.

    Args:
        command: what starts the process; the two files are appended.
        data: triples, or a file in N-Triples or Turtle.
        shapes: the same.
        timeout: seconds after which the process is ended.

    Raises:
        TimeoutError: it took longer.
        RuntimeError: it crashed or wrote what is no result.
        OSError: no room for temporary files.
    """
    with TemporaryDirectory(prefix="abckg-") as folder:
        files = [_file(data, Path(folder, "data.nt")), _file(shapes, Path(folder, "shapes.nt"))]
        words = [*command, *map(str, files)]
        try:
            done = subprocess.run(words, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
    if done.returncode != 0:
        raise RuntimeError(_ending(done))
    try:
        return [(*row[:6], list(row[6])) for row in json.loads(done.stdout)]
    except (ValueError, TypeError, IndexError) as fault:
        raise RuntimeError(f"it wrote what is no result: {fault}") from fault


def _file(source: Source, path: Path) -> Path:
    if isinstance(source, Path):
        return source
    ox.serialize(source, str(path), format=ox.RdfFormat.N_TRIPLES)
    return path


def _ending(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode < 0:
        return f"it ended with {signal.Signals(-done.returncode).name}"
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with status {done.returncode}"
