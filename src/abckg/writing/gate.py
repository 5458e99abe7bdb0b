"""What a write has to pass: the ontology it may not contradict, the shapes and the rules that it must meet.

A build lays all of it beside its store, in ``gate/``, so that a store can be served without the checkout it came from.
Layer: imports ``checks``, ``errors``, ``namespaces``, ``reason``, ``shacl`` and ``sources``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from abckg.checks import CHECK_FOLDER, Check, check_files, read_check
from abckg.errors import StoreError
from abckg.namespaces import Prefixes, prefixes_in
from abckg.reasoning.reason import Closure, materialise
from abckg.reports.report import Severity
from abckg.shacl.data import data_triples
from abckg.sources import Kind, SourceFile, Sources, read

__all__ = ["Gate", "find_gate", "write_gate"]

_FOLDER = "gate"
_CHECKS = "checks"
_PARTS: tuple[Kind, ...] = ("ontology", "vocab", "shapes")


@dataclass(frozen=True)
class Gate:
    """The ontology, the vocabularies, the shapes and the rules over the whole graph, without the data."""

    ontology: tuple[ox.Triple, ...] = ()
    vocab: tuple[ox.Triple, ...] = ()
    shapes: tuple[ox.Triple, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def rules(self) -> tuple[Check, ...]:
        """The rules of which a breach keeps a write out; the others only warn."""
        return tuple(check for check in self.checks if check.severity is Severity.VIOLATION)

    @cached_property
    def prefixes(self) -> Prefixes:
        """The prefixes that messages are written with."""
        return prefixes_in(self.ontology)

    def infer(self, data: Iterable[ox.Triple]) -> Closure:
        """Return what follows, as the build infers it; ReasoningError where the data hold axioms."""
        return materialise(self.ontology, (*data, *self.vocab))

    def shaped(self, data: Iterable[ox.Triple]) -> list[ox.Triple]:
        """Return what the shapes are run on, as ``abckg validate`` does."""
        parts: tuple[tuple[Kind, tuple[ox.Triple, ...]], ...]
        parts = (("ontology", self.ontology), ("vocab", self.vocab), ("data", tuple(data)))
        files = tuple(SourceFile(Path(f"{kind}/all.ttl"), kind, "", triples) for kind, triples in parts)
        return data_triples(Sources(Path(), Prefixes({}), files))


def write_gate(sources: Sources, build: Path) -> None:
    """Lay the gate of a dataset into the folder of its build."""
    folder = build / _FOLDER
    (folder / _CHECKS).mkdir(parents=True)
    for part in _PARTS:
        ox.serialize(sources.triples(part), str(folder / f"{part}.nt"), ox.RdfFormat.N_TRIPLES)
    for path in check_files(sources.root / CHECK_FOLDER):
        shutil.copy(path, folder / _CHECKS)


def find_gate(store: Path, root: Path | None) -> Gate:
    """Return the gate that lies beside a store, else that of the dataset at ``root``.

    Raises:
        StoreError: There is neither.
        SourceError: The dataset at ``root``, or a rule, is malformed.
    """
    folder = store.parent / _FOLDER
    if folder.is_dir():
        if not (folder / _CHECKS).is_dir():
            raise StoreError(f"{folder}: no rules lie beside the store; an earlier program built it: run: abckg build")
        ontology, vocab, shapes = (_as_stored(_read(folder / f"{part}.nt")) for part in _PARTS)
        return Gate(ontology, vocab, shapes, _checks(folder / _CHECKS))
    if root is None:
        raise StoreError(f"{folder}: no ontology and shapes lie beside the store; `abckg build` writes them.")
    sources = read(root)
    ontology, vocab, shapes = (_as_stored(sources.triples(part)) for part in _PARTS)
    return Gate(ontology, vocab, shapes, _checks(root / CHECK_FOLDER))


def _checks(folder: Path) -> tuple[Check, ...]:
    return tuple(map(read_check, check_files(folder)))


def _as_stored(triples: Iterable[ox.Triple]) -> tuple[ox.Triple, ...]:
    """Return triples as the store that they are compared with has them: it writes 100.0 as 100."""
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return tuple(quad.triple for quad in store)


def _read(path: Path) -> tuple[ox.Triple, ...]:
    try:
        return tuple(quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES))
    except (OSError, SyntaxError) as fault:
        raise StoreError(f"{path}: this part of the build cannot be read; run: abckg build: {fault}") from fault
