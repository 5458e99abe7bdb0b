"""Runs a fast SHACL engine, written in Rust, in a process of its own.

The engine renames blank nodes. Those of the shapes are given IRIs beforehand (``urn:abckg:node:``) and get their
names back in the results; those of the data get theirs back from a second run, over the same graph with one triple
more for each blank node and a shape that reports it, and only where a result holds one.
Layer: imports ``errors``, ``namespaces``, ``process``, ``report`` and ``results``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote, unquote

import pyoxigraph as ox

from abckg.errors import EngineFailed, ValidationFailed
from abckg.namespaces import RDF, SH
from abckg.shacl.process import Forked, fork
from abckg.shacl.results import Node, Result, Source, Term, severity_of, triples_of

if TYPE_CHECKING:
    from abckg.shacl.child import Row

__all__ = ["Begun", "FastEngine", "is_installed"]

_FOCUS: Final = 0
_VALUE: Final = 2
_SHAPE: Final = 3
_MESSAGE = ox.NamedNode(f"{SH}message")
_COMMAND = (sys.executable, "-m", "abckg.shacl.child")
_NODE = "urn:abckg:node:"
_IS = ox.NamedNode("urn:abckg:is")
_SIMPLE_PATH = re.compile(r"<[^<>]*>\Z")
_STRUCTURE = {
    f"{RDF}first",
    *(f"{SH}{name}Path" for name in ("inverse", "alternative", "zeroOrMore", "oneOrMore", "zeroOrOne")),
}


@dataclass(frozen=True)
class Begun:
    """A run that was started before the shapes were read: it holds for this data and these very shapes."""

    process: Forked
    data: Path
    shapes: Sequence[ox.Triple]


@dataclass(frozen=True)
class FastEngine:
    """The engine of the package ``shacl``.

    Attributes:
        command: what to start for it with the names of two files; where there is none, this process is forked or,
            where that is not safe, a fresh interpreter is started.
        timeout: seconds after which the process is ended.
        begun: a run that is under way.
    """

    command: tuple[str, ...] = ()
    timeout: float = 600
    begun: Begun | None = None

    name = "fast"

    @property
    def version(self) -> str:
        """Name and version of the package that does the work."""
        from importlib.metadata import version

        return f"shacl {version('shacl')}" if is_installed() else "shacl"

    def run(self, data: Source, shapes: Sequence[ox.Triple], focus: Collection[Term] | None = None) -> list[Result]:
        """Validate data against shapes.

        Args:
            data: triples, or a file in N-Triples or Turtle.
            shapes: the shapes graph.
            focus: the focus nodes wanted; all where it is None.

        Raises:
            EngineFailed: the process crashed, ran out of time or wrote what is no result.
            ValidationFailed: no room for temporary files.
        """
        messages = _messages(shapes)  # which takes long: a run that is under way goes on meanwhile
        rows = self._under_way(data, shapes)
        if rows is not None:
            results = _results(rows, {}, messages)
        else:
            named = _named(shapes)
            results = _results(*self._rows(data, named), _messages(named))
        return [result for result in results if focus is None or result.focus in focus]

    def _under_way(self, data: Source, shapes: Sequence[ox.Triple]) -> list[Row] | None:
        """Return the rows of the run that is under way, if it is the one asked for and no blank node is in them."""
        begun = self.begun
        if begun is None or begun.shapes is not shapes or begun.data != data:
            return None
        rows = self._taken(begun.process.rows)
        return None if any(map(_has_blank_node, rows)) else rows

    def _rows(self, data: Source, shapes: list[ox.Triple]) -> tuple[list[Row], Mapping[str, str]]:
        """Return the rows, and the labels in the data of the blank nodes in them."""
        rows = self._validate(data, shapes)
        if not any(map(_has_blank_node, rows)):
            return rows, {}
        triples = triples_of(data)
        labels = {term for triple in triples for term in triple if isinstance(term, ox.BlankNode)}
        known = [ox.Triple(_node(node), _IS, node) for node in labels]
        rows = self._validate([*triples, *known], [*shapes, *_labelling()])
        labelling = f"<{_NODE}>"
        blank = {row[_VALUE] or "": _label(row[_FOCUS]) for row in rows if row[_SHAPE] == labelling}
        return [row for row in rows if row[_SHAPE] != labelling], blank

    def _validate(self, data: Source, shapes: list[ox.Triple]) -> list[Row]:
        if not self.command:
            given = str(data) if isinstance(data, Path) else _written(data)
            forked = fork(given, _written(shapes))
            if forked is not None:
                try:
                    return self._taken(forked.rows)
                finally:
                    forked.stop()
        from abckg.shacl.interpreter import spawned

        try:
            return self._taken(partial(spawned, self.command or _COMMAND, data, shapes))
        except OSError as fault:
            raise ValidationFailed(f"The shapes need temporary files and could not write them: {fault}.") from fault

    def _taken(self, rows: Callable[[float], list[Row]]) -> list[Row]:
        try:
            return rows(self.timeout)
        except TimeoutError:
            raise EngineFailed(self.version, f"it took longer than {self.timeout:g} seconds") from None
        except RuntimeError as fault:
            raise EngineFailed(self.version, str(fault)) from None


def is_installed() -> bool:
    """Return whether the package is there; it has no wheel for some machines (docs/engines.md)."""
    from importlib.util import find_spec

    return find_spec("shacl") is not None


def _written(triples: Iterable[ox.Triple]) -> bytes:
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _has_blank_node(row: Row) -> bool:
    return any(term is not None and term.startswith("_:") for term in (row[_FOCUS], row[_VALUE], row[_SHAPE]))


def _named(shapes: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return shapes with IRIs for blank nodes other than lists and paths, which an IRI would make something else."""
    triples = list(shapes)
    kept = {triple.subject for triple in triples if triple.predicate.value in _STRUCTURE}

    def name(term: Term) -> Term:
        return _node(term) if isinstance(term, ox.BlankNode) and term not in kept else term

    return [ox.Triple(name(t.subject), t.predicate, name(t.object)) for t in triples]  # type: ignore[arg-type]


def _node(node: ox.BlankNode) -> ox.NamedNode:
    return ox.NamedNode(_NODE + quote(node.value, safe=""))


def _label(node: str) -> str:
    return unquote(node.removeprefix(f"<{_NODE}").removesuffix(">"))


def _labelling() -> Iterator[ox.Triple]:
    """Yield a property shape that every value of ``urn:abckg:is`` breaks."""
    shape = ox.NamedNode(_NODE)
    yield ox.Triple(shape, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{SH}PropertyShape"))
    yield ox.Triple(shape, ox.NamedNode(f"{SH}targetSubjectsOf"), _IS)
    yield ox.Triple(shape, ox.NamedNode(f"{SH}path"), _IS)
    yield ox.Triple(shape, ox.NamedNode(f"{SH}nodeKind"), ox.NamedNode(f"{SH}IRI"))


def _messages(shapes: Iterable[ox.Triple]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for triple in shapes:
        if triple.predicate == _MESSAGE and isinstance(triple.object, ox.Literal):
            found.setdefault(str(triple.subject), {})[triple.object.language or "en"] = triple.object.value
    return found


def _results(rows: Sequence[Row], blank: Mapping[str, str], messages: Mapping[str, dict[str, str]]) -> Iterator[Result]:
    """Yield the results that rows stand for.

    Args:
        rows: what the engine gave.
        blank: the labels of blank nodes in the data.
        messages: those of the shapes that the engine was given.
    """
    written = {term for row in rows for term in (row[_FOCUS], row[_VALUE], row[_SHAPE]) if term is not None}
    terms = _terms(sorted(written), blank)
    for focus, path, value, shape, component, severity, said in rows:
        yield Result(
            focus=terms[focus],
            path=ox.NamedNode(path[1:-1]) if path is not None and _SIMPLE_PATH.match(path) else None,
            value=None if value is None else terms[value],
            shape=ox.BlankNode(_label(shape)) if shape.startswith(f"<{_NODE}") else cast("Node", terms[shape]),
            component=component,
            severity=severity_of(severity),
            messages=messages.get(shape) or {"en": " ".join(said) or component.rpartition("#")[2]},
        )


def _terms(written: Sequence[str], blank: Mapping[str, str]) -> dict[str, Term]:
    """Return each term, blank nodes under their own labels."""
    terms: dict[str, Term] = {
        term: ox.BlankNode(blank.get(term, term[2:])) for term in written if term.startswith("_:")
    }
    others = [term for term in written if term not in terms]
    lines = "".join(f"<x:> <x:> {term} .\n" for term in others)
    try:
        parsed = [quad.object for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)]
    except SyntaxError as fault:
        raise EngineFailed("shacl", f"it wrote a term that is not N-Triples: {fault}") from fault
    return terms | dict(zip(others, parsed, strict=True))
