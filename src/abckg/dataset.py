"""What is served: the ontology, the data and what follows from them, each in a graph of its own.

The default graph is the union of the three, so that a plain query sees everything; a query that leaves out
what was inferred reads the first two. Layer: imports ``errors``, ``namespaces``, ``reason`` and ``sources``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from abckg.errors import InconsistentData
from abckg.namespaces import ASSERTED_GRAPHS, DATA_GRAPH, INFERRED_GRAPH, ONTOLOGY_GRAPH, Prefixes
from abckg.reasoning.reason import Closure, materialise
from abckg.sources import Sources

__all__ = ["ASSERTED_GRAPHS", "DATA_GRAPH", "ONTOLOGY_GRAPH", "Dataset", "assemble", "closure"]


@dataclass(frozen=True)
class Dataset:
    """Three sets of triples and the prefixes they are written with."""

    ontology: tuple[ox.Triple, ...]
    data: tuple[ox.Triple, ...]
    inferred: tuple[ox.Triple, ...]
    prefixes: Prefixes

    @cached_property
    def version(self) -> str:
        """Return a short hash of the content, the same for the same triples on any machine."""
        lines = sorted(str(triple) for part in (self.data, self.inferred) for triple in part)
        lines += sorted(
            str(t)
            for t in self.ontology
            if not isinstance(t.subject, ox.BlankNode) and not isinstance(t.object, ox.BlankNode)
        )
        return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()[:12]

    def quads(self) -> Iterator[ox.Quad]:
        """Yield every triple in its named graph and in the default graph."""
        for name, triples in (
            (ONTOLOGY_GRAPH, self.ontology),
            (DATA_GRAPH, self.data),
            (INFERRED_GRAPH, self.inferred),
        ):
            graph = ox.NamedNode(name)
            for triple in triples:
                yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)
                yield ox.Quad(triple.subject, triple.predicate, triple.object)


def closure(sources: Sources) -> Closure:
    """Return what follows from the ontology and the data of a dataset, and the clashes."""
    schema = tuple(sources.triples("ontology"))
    return materialise(schema, (*sources.triples("data"), *sources.triples("vocab")))


def assemble(sources: Sources) -> Dataset:
    """Return the dataset with its inferred triples; InconsistentData where a node is of two disjoint classes."""
    result = closure(sources)
    if result.clashes:
        raise InconsistentData([str(clash) for clash in result.clashes])
    return Dataset(
        ontology=tuple(sources.triples("ontology", "vocab", "alignment")),
        data=tuple(sources.triples("data")),
        inferred=result.inferred,
        prefixes=sources.prefixes,
    )
