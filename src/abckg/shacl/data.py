"""What the shapes of a dataset are run on: the records, the vocabularies and the class hierarchy.

With the hierarchy a shape that targets a class also meets its subclasses; blank nodes of the ontology stay out.
Layer: imports ``namespaces`` and ``sources``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from abckg.namespaces import RDFS
from abckg.sources import Sources, to_rdflib

if TYPE_CHECKING:
    import rdflib

__all__ = ["data_graph", "data_triples"]


def data_triples(sources: Sources) -> list[ox.Triple]:
    """Return the triples that the shapes of a dataset are run on."""
    return [*sources.triples("data", "vocab"), *_hierarchy(sources.triples("ontology"))]


def data_graph(sources: Sources) -> rdflib.Graph:
    """Return ``data_triples`` as a graph of rdflib."""
    return to_rdflib(iter(data_triples(sources)))


def _hierarchy(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    for triple in triples:
        if triple.predicate.value == f"{RDFS}subClassOf" and isinstance(triple.object, ox.NamedNode):
            yield triple
