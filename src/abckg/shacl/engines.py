"""The SHACL engines behind one interface, and the choice between them.

``pyshacl`` is the reference, in this process; ``fast`` is an engine in Rust in a process of its own. ``auto`` gives
the fast one all but small data and the shapes that it cannot be trusted with (``limits``). Where it fails, the
reference does all of the work and the outcome says so. The faults of both that are known: docs/engines.md.
Layer: imports ``errors``, ``fastshacl``, ``limits``, ``shacl`` and ``sources``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

import pyoxigraph as ox
import rdflib

from abckg.errors import EngineFailed
from abckg.shacl.fast import FastEngine, Source, triples_of
from abckg.shacl.limits import Limit, divide
from abckg.shacl.reference import Result, check_graph
from abckg.sources import to_rdflib

__all__ = ["ENGINES", "SMALL", "Engine", "EngineName", "Outcome", "ReferenceEngine", "run_shapes"]

EngineName: TypeAlias = Literal["auto", "pyshacl", "fast"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
SMALL = 700  # triples of data and shapes: measured, pySHACL is done with them before another process has started


class Engine(Protocol):
    """What validates a data graph against a shapes graph."""

    @property
    def name(self) -> str:
        """What ``--engine`` calls it."""

    @property
    def version(self) -> str:
        """The package that does the work, with its version."""

    def run(
        self, data: Source, shapes: Iterable[ox.Triple], focus: Collection[rdflib.term.Node] | None = None
    ) -> list[Result]:
        """Return the results of all shapes, or those about some focus nodes; blank nodes keep their labels.

        Args:
            data: triples, or a file in N-Triples or Turtle.
            shapes: the shapes graph.
            focus: the focus nodes wanted; all where it is None.

        Raises:
            ValidationFailed: the engine could not run the shapes.
        """


@dataclass(frozen=True)
class ReferenceEngine:
    """pySHACL, with what ``shacl`` adds to it."""

    name = "pyshacl"

    @property
    def version(self) -> str:
        """Name and version of the package."""
        return f"pyshacl {version('pyshacl')}"

    def run(
        self, data: Source, shapes: Iterable[ox.Triple], focus: Collection[rdflib.term.Node] | None = None
    ) -> list[Result]:
        """Validate data against shapes, as ``Engine`` says."""
        return check_graph(to_rdflib(iter(triples_of(data))), to_rdflib(iter(shapes)), focus=focus)


@dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Attributes:
        results: the validation results, in no particular order.
        engines: the engines that gave them, with their versions.
        limits: why some or all shapes went to the reference, where the choice was ``auto``.
        failure: why the fast engine gave nothing and the reference did its work.
    """

    results: tuple[Result, ...]
    engines: tuple[str, ...]
    limits: tuple[Limit, ...] = ()
    failure: EngineFailed | None = None


def run_shapes(
    data: Source,
    shapes: Sequence[ox.Triple],
    *,
    engine: EngineName = "auto",
    focus: Collection[rdflib.term.Node] | None = None,
    fast: Engine | None = None,
) -> Outcome:
    """Validate data against shapes with the engine asked for.

    Args:
        data: triples, or a file in N-Triples or Turtle.
        shapes: the shapes graph.
        engine: ``auto``, ``pyshacl`` or ``fast``. Where the fast one fails, the reference takes over.
        focus: the focus nodes wanted; all where it is None.
        fast: another fast engine than the one that comes with the package.

    Raises:
        ValidationFailed: the reference could not run the shapes.
    """
    reference = ReferenceEngine()
    fast = FastEngine() if fast is None else fast
    division = divide(shapes) if engine == "auto" else None
    if engine == "pyshacl" or (division and (not division.has_fast or _is_small(data, shapes))):
        limits = division.limits if division and not division.has_fast else ()
        return Outcome(tuple(reference.run(data, shapes, focus)), (reference.version,), limits)
    limits = division.limits if division else ()
    try:
        results = fast.run(data, division.fast if division else shapes, focus)
    except EngineFailed as fault:
        return Outcome(tuple(reference.run(data, shapes, focus)), (reference.version,), failure=fault)
    if division is None or not limits:
        return Outcome(tuple(results), (fast.version,))
    results += reference.run(data, division.reference, focus)
    return Outcome(tuple(results), (fast.version, reference.version), limits)


def _is_small(data: Source, shapes: Sequence[ox.Triple]) -> bool:
    return not isinstance(data, Path) and len(data) + len(shapes) <= SMALL
