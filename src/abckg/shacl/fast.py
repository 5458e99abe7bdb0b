"""Runs a fast SHACL engine, written in Rust, in a process of its own.

The engine reads files and renames blank nodes. Those of the shapes are given IRIs beforehand (``urn:abckg:node:``)
and get their names back in the results; those of the data get theirs back from a second run, over the same graph
with one triple more for each blank node and a shape that reports it, and only where a result holds one.
Layer: imports ``errors``, ``report``, ``shacl`` and ``sources``.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias
from urllib.parse import quote, unquote

import pyoxigraph as ox
import rdflib
from rdflib.namespace import RDF, SH

from abckg.errors import EngineFailed, ValidationFailed
from abckg.shacl.reference import Result, severity_of
from abckg.sources import rdflib_term

__all__ = ["FastEngine", "Source", "triples_of"]

Source: TypeAlias = Path | Sequence[ox.Triple]
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_COMMAND = (sys.executable, "-m", "abckg.shacl.child")
_NODE = "urn:abckg:node:"
_IS = ox.NamedNode("urn:abckg:is")
_SIMPLE_PATH = re.compile(r"<[^<>]*>\Z")
_STRUCTURE = {
    str(name)
    for name in (
        RDF.first,
        SH.inversePath,
        SH.alternativePath,
        SH.zeroOrMorePath,
        SH.oneOrMorePath,
        SH.zeroOrOnePath,
    )
}


@dataclass(frozen=True)
class _Row:
    """One result as the engine words it, terms as in N-Triples."""

    focus: str
    path: str | None
    value: str | None
    shape: str
    component: str
    severity: str
    messages: list[str]


@dataclass(frozen=True)
class FastEngine:
    """The engine of the package ``shacl``.

    Attributes:
        command: what starts the process; the two files are appended.
        timeout: seconds after which the process is ended.
    """

    command: tuple[str, ...] = _COMMAND
    timeout: float = 600

    name = "fast"

    @property
    def version(self) -> str:
        """Name and version of the package that does the work."""
        return f"shacl {version('shacl')}"

    def run(
        self, data: Source, shapes: Iterable[ox.Triple], focus: Collection[rdflib.term.Node] | None = None
    ) -> list[Result]:
        """Validate data against shapes.

        Args:
            data: triples, or a file in N-Triples or Turtle.
            shapes: the shapes graph.
            focus: the focus nodes wanted; all where it is None.

        Raises:
            EngineFailed: the process crashed, ran out of time or wrote what is no result.
            ValidationFailed: no room for temporary files.
        """
        named = _named(shapes)
        try:
            with TemporaryDirectory(prefix="abckg-") as folder:
                rows, blank = self._rows(data, named, Path(folder))
        except OSError as fault:
            raise ValidationFailed(f"The shapes need temporary files and could not write them: {fault}.") from fault
        results = _results(rows, blank, _messages(named))
        return [result for result in results if focus is None or result.focus in focus]

    def _rows(self, data: Source, shapes: list[ox.Triple], folder: Path) -> tuple[list[_Row], Mapping[str, str]]:
        """Return the rows, and the labels in the data of the blank nodes in them."""
        rows = self._validate(data, shapes, folder)
        if not any(term is not None and term.startswith("_:") for row in rows for term in (row.focus, row.value)):
            return rows, {}
        triples = triples_of(data)
        labels = {term for triple in triples for term in triple if isinstance(term, ox.BlankNode)}
        known = [ox.Triple(_node(node), _IS, node) for node in labels]
        rows = self._validate([*triples, *known], [*shapes, *_labelling()], folder)
        labelling = f"<{_NODE}>"
        blank = {row.value or "": _label(row.focus) for row in rows if row.shape == labelling}
        return [row for row in rows if row.shape != labelling], blank

    def _validate(self, data: Source, shapes: list[ox.Triple], folder: Path) -> list[_Row]:
        files = [data if isinstance(data, Path) else folder / "data.nt", folder / "shapes.nt"]
        for file, triples in zip(files, (data, shapes), strict=True):
            if not isinstance(triples, Path):
                ox.serialize(triples, str(file), format=ox.RdfFormat.N_TRIPLES)
        command = [*self.command, *map(str, files)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=self.timeout, stdin=subprocess.DEVNULL)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise EngineFailed(self.version, f"it took longer than {self.timeout:g} seconds") from None
        if done.returncode != 0:
            raise EngineFailed(self.version, _ending(done))
        try:
            return [_Row(*row) for row in json.loads(done.stdout)]
        except (ValueError, TypeError) as fault:
            raise EngineFailed(self.version, f"it wrote what is no result: {fault}") from fault


def triples_of(data: Source) -> Sequence[ox.Triple]:
    """Return the triples of a source."""
    if isinstance(data, Path):
        return [ox.Triple(quad.subject, quad.predicate, quad.object) for quad in ox.parse(path=str(data))]
    return data


def _ending(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode < 0:
        return f"it ended with {signal.Signals(-done.returncode).name}"
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with status {done.returncode}"


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
    yield ox.Triple(shape, ox.NamedNode(str(RDF.type)), ox.NamedNode(str(SH.PropertyShape)))
    yield ox.Triple(shape, ox.NamedNode(str(SH.targetSubjectsOf)), _IS)
    yield ox.Triple(shape, ox.NamedNode(str(SH.path)), _IS)
    yield ox.Triple(shape, ox.NamedNode(str(SH.nodeKind)), ox.NamedNode(str(SH.IRI)))


def _messages(shapes: Iterable[ox.Triple]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for triple in shapes:
        if triple.predicate.value == str(SH.message) and isinstance(triple.object, ox.Literal):
            found.setdefault(str(triple.subject), {})[triple.object.language or "en"] = triple.object.value
    return found


def _results(
    rows: Sequence[_Row], blank: Mapping[str, str], messages: Mapping[str, dict[str, str]]
) -> Iterator[Result]:
    written = {term for row in rows for term in (row.focus, row.value, row.shape) if term is not None}
    terms = _terms(sorted(written), blank)
    for row in rows:
        path = rdflib.URIRef(row.path[1:-1]) if row.path is not None and _SIMPLE_PATH.match(row.path) else None
        said = messages.get(row.shape) or {"en": " ".join(row.messages) or row.component.rpartition("#")[2]}
        yield Result(
            focus=terms[row.focus],
            path=path,
            value=None if row.value is None else terms[row.value],
            shape=rdflib.BNode(_label(row.shape)) if row.shape.startswith(f"<{_NODE}") else terms[row.shape],
            component=rdflib.URIRef(row.component),
            severity=severity_of(row.severity),
            messages=said,
        )


def _terms(written: Sequence[str], blank: Mapping[str, str]) -> dict[str, rdflib.term.Node]:
    """Return each term as rdflib has it, blank nodes under their own labels."""
    terms: dict[str, rdflib.term.Node] = {
        term: rdflib.BNode(blank.get(term, term[2:])) for term in written if term.startswith("_:")
    }
    others = [term for term in written if term not in terms]
    lines = "".join(f"<x:> <x:> {term} .\n" for term in others)
    try:
        parsed = [quad.object for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)]
    except SyntaxError as fault:
        raise EngineFailed("shacl", f"it wrote a term that is not N-Triples: {fault}") from fault
    return terms | {term: rdflib_term(value) for term, value in zip(others, parsed, strict=True)}
