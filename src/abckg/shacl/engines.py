"""The SHACL engines behind one interface, and the choice between them.

``pyshacl`` is the reference, in this process; ``fast`` is an engine in Rust in a process of its own. ``auto`` gives
the fast one all but small data and the shapes that it cannot be trusted with (``limits``). Where it fails, the
reference does all of the work and the outcome says so. The faults of both that are known: docs/engines.md.
Layer: imports ``errors``, ``fast``, ``limits``, ``results`` and, where it runs, ``reference``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

import pyoxigraph as ox

from abckg.errors import EngineFailed
from abckg.shacl.fast import FastEngine, is_installed
from abckg.shacl.limits import Limit, divide
from abckg.shacl.results import Result, Source, Term, triples_of

__all__ = ["ENGINES", "LARGE", "SMALL", "Engine", "EngineName", "Outcome", "ReferenceEngine", "run_shapes"]

EngineName: TypeAlias = Literal["auto", "pyshacl", "fast"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
SMALL = 700  # triples of data and shapes: measured, pySHACL is done with them before another process has started
LARGE = 100_000  # triples from which it matters that there is no fast engine: pySHACL takes half a minute and more


class Engine(Protocol):
    """What validates a data graph against a shapes graph."""

    @property
    def name(self) -> str:
        """What ``--engine`` calls it."""

    @property
    def version(self) -> str:
        """The package that does the work, with its version."""

    def run(self, data: Source, shapes: Sequence[ox.Triple], focus: Collection[Term] | None = None) -> list[Result]:
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
        from importlib.metadata import version

        return f"pyshacl {version('pyshacl')}"

    def run(self, data: Source, shapes: Sequence[ox.Triple], focus: Collection[Term] | None = None) -> list[Result]:
        """Validate data against shapes, as ``Engine`` says."""
        # Imported when it is needed: that takes half a second, which the fast engine need not wait for.
        from abckg.shacl.reference import check_graph
        from abckg.sources import rdflib_term, to_rdflib

        nodes = None if focus is None else [rdflib_term(term) for term in focus]
        return check_graph(to_rdflib(iter(triples_of(data))), to_rdflib(iter(shapes)), focus=nodes)


@dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Attributes:
        results: the validation results, in no particular order.
        ran: the engines that gave them.
        limits: why some or all shapes went to the reference, where the choice was ``auto``.
        failure: why the fast engine gave nothing and the reference did its work.
    """

    results: tuple[Result, ...]
    ran: tuple[Engine, ...]
    limits: tuple[Limit, ...] = ()
    failure: EngineFailed | None = None

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that gave the results, with their versions."""
        return tuple(engine.version for engine in self.ran)


def run_shapes(
    data: Source,
    shapes: Sequence[ox.Triple],
    *,
    engine: EngineName = "auto",
    focus: Collection[Term] | None = None,
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
    if fast is None and engine != "pyshacl" and not is_installed():
        matters = engine == "fast" or isinstance(data, Path) or len(data) > LARGE
        failure = EngineFailed("shacl", "no such package is installed") if matters else None
        return Outcome(tuple(reference.run(data, shapes, focus)), (reference,), failure=failure)
    fast = FastEngine() if fast is None else fast
    division = divide(shapes) if engine == "auto" else None
    if engine == "pyshacl" or (division and (not division.has_fast or _is_small(data, shapes))):
        limits = division.limits if division and not division.has_fast else ()
        return Outcome(tuple(reference.run(data, shapes, focus)), (reference,), limits)
    limits = division.limits if division else ()
    try:
        results = fast.run(data, division.fast if division and limits else shapes, focus)
    except EngineFailed as fault:
        return Outcome(tuple(reference.run(data, shapes, focus)), (reference,), failure=fault)
    if division is None or not limits:
        return Outcome(tuple(results), (fast,))
    results += reference.run(data, division.reference, focus)
    return Outcome(tuple(results), (fast, reference), limits)


def _is_small(data: Source, shapes: Sequence[ox.Triple]) -> bool:
    return not isinstance(data, Path) and len(data) + len(shapes) <= SMALL
