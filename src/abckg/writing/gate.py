"""What a write has to pass: the ontology it may not contradict and the shapes it must meet.

A build lays both beside its store, in ``gate/``, so that a store can be served without the checkout it came from.
Layer: imports ``errors``, ``namespaces``, ``reason``, ``report``, ``shacl`` and ``sources``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import rdflib

from abckg.errors import StoreError
from abckg.namespaces import Prefixes
from abckg.reasoning.reason import Closure, materialise
from abckg.reports.report import Severity
from abckg.shacl.reference import Checker, Result, data_graph
from abckg.sources import Kind, SourceFile, Sources, read, to_rdflib

__all__ = ["Gate", "Judge", "find_gate", "write_gate"]

_FOLDER = "gate"
_PARTS: tuple[Kind, ...] = ("ontology", "vocab", "shapes")


@dataclass(frozen=True)
class Gate:
    """The ontology, the vocabularies and the shapes of a dataset, without its data."""

    ontology: tuple[ox.Triple, ...] = ()
    vocab: tuple[ox.Triple, ...] = ()
    shapes: tuple[ox.Triple, ...] = ()

    def infer(self, data: Iterable[ox.Triple]) -> Closure:
        """Return what follows, as the build infers it; ReasoningError where the data hold axioms."""
        return materialise(self.ontology, (*data, *self.vocab))

    def graph(self, data: Iterable[ox.Triple]) -> rdflib.Graph:
        """Return what the shapes are run on, as ``abckg validate`` does."""
        parts: tuple[tuple[Kind, tuple[ox.Triple, ...]], ...]
        parts = (("ontology", self.ontology), ("vocab", self.vocab), ("data", tuple(data)))
        files = tuple(SourceFile(Path(f"{kind}/all.ttl"), kind, "", triples) for kind, triples in parts)
        return data_graph(Sources(Path(), Prefixes({}), files))


class Judge:
    """The shapes of a gate, read once, with data that change from write to write."""

    def __init__(self, gate: Gate, data: Iterable[ox.Triple]) -> None:
        self.gate = gate
        self._fixed = gate.graph(())
        self._graph = gate.graph(data)
        self._checker = Checker(self._graph, to_rdflib(iter(gate.shapes)))

    def change(self, removed: Iterable[ox.Triple], added: Iterable[ox.Triple]) -> None:
        """Take over what changed in the data."""
        for triple in to_rdflib(iter(removed)):
            if triple not in self._fixed:
                self._graph.remove(triple)
        for triple in to_rdflib(iter(added)):
            self._graph.add(triple)

    def violations(self) -> list[Result]:
        """Return what the shapes forbid: the violations that ``abckg validate`` reports, no warnings."""
        results = self._checker.check() if self.gate.shapes else []
        return [result for result in results if result.severity is Severity.VIOLATION]


def write_gate(sources: Sources, build: Path) -> None:
    """Lay the gate of a dataset into the folder of its build."""
    folder = build / _FOLDER
    folder.mkdir(parents=True)
    for part in _PARTS:
        ox.serialize(sources.triples(part), str(folder / f"{part}.nt"), ox.RdfFormat.N_TRIPLES)


def find_gate(store: Path, root: Path | None) -> Gate:
    """Return the gate that lies beside a store, else that of the dataset at ``root``.

    Raises:
        StoreError: There is neither.
        SourceError: The dataset at ``root`` is malformed.
    """
    folder = store.parent / _FOLDER
    if folder.is_dir():
        return Gate(*(_read(folder / f"{part}.nt") for part in _PARTS))
    if root is None:
        raise StoreError(f"{folder}: no ontology and shapes lie beside the store; `abckg build` writes them.")
    sources = read(root)
    return Gate(*(tuple(sources.triples(part)) for part in _PARTS))


def _read(path: Path) -> tuple[ox.Triple, ...]:
    try:
        return tuple(quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES))
    except (OSError, SyntaxError) as fault:
        raise StoreError(f"{path}: this part of the build cannot be read; run: abckg build: {fault}") from fault
