"""The gate of a build judges as the build and ``abckg validate`` do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

import tiny
from abckg.dataset import DATA_GRAPH, closure
from abckg.errors import StoreError
from abckg.shacl.data import data_triples
from abckg.sources import Sources
from abckg.writing.gate import Gate, find_gate, write_gate
from abckg.writing.judge import Judge


def test_gate_of_a_build_is_that_of_its_sources(sources: Sources, root: Path, tmp_path: Path) -> None:
    write_gate(sources, tmp_path)

    laid, read = find_gate(tmp_path / "store", None), find_gate(Path("/nowhere/store"), root)

    assert len(laid.shapes) == len(set(sources.triples("shapes")))
    assert {part: len(set(getattr(laid, part))) for part in ("ontology", "vocab")} == {
        part: len(set(getattr(read, part))) for part in ("ontology", "vocab")
    }


def test_gate_infers_and_judges_what_the_build_and_the_validation_do(sources: Sources, tmp_path: Path) -> None:
    write_gate(sources, tmp_path)
    gate, data = find_gate(tmp_path / "store", None), tuple(sources.triples("data"))

    assert gate.infer(data).inferred == closure(sources).inferred
    assert stored(gate.shaped(data)) == stored(data_triples(sources))


def stored(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """Return triples as a store has them, which writes numbers in its own way."""
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return {quad.triple for quad in store}


def test_judge_sees_the_data_change_and_keeps_the_vocabulary(tmp_path: Path) -> None:
    shapes = tiny.triples(
        "abc:S a sh:NodeShape ; sh:targetNode status:x ; sh:property abc:P . abc:P sh:path rdfs:label ; sh:minCount 1 ."
    )
    label = tiny.triples('status:x rdfs:label "x" .')
    gate = find_gate_of(tmp_path, vocab=label, shapes=shapes)
    quads = [ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(DATA_GRAPH)) for t in label]
    judge = Judge(gate, quads)

    judge.change(quads, ())

    assert judge.violations() == ()  # it still stands in the vocabulary
    assert Judge(find_gate_of(tmp_path / "other", (), shapes), ()).violations() != ()


def find_gate_of(folder: Path, vocab: tuple[ox.Triple, ...], shapes: tuple[ox.Triple, ...]) -> Gate:
    gate = folder / "gate"
    (gate / "checks").mkdir(parents=True)
    for name, triples in (("ontology", ()), ("vocab", vocab), ("shapes", shapes)):
        ox.serialize(triples, str(gate / f"{name}.nt"), ox.RdfFormat.N_TRIPLES)
    return find_gate(folder / "store", None)


def test_store_without_gate_and_root_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="abckg build"):
        find_gate(tmp_path / "store", None)
