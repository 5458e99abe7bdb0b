"""The graphs of a dataset in one store, and the few ways in which the incremental checks read and change them.

The graphs of the records, the ontology and what was inferred are those that are served; beside them stand the parts
of the ontology one by one, since the reasoner and the shapes read other parts of it than the rules do.
Layer: part of ``since``; imports ``dataset``, ``sources`` and ``store``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from abckg.dataset import DATA_GRAPH, ONTOLOGY_GRAPH
from abckg.namespaces import BASE, INFERRED_GRAPH
from abckg.sources import Sources
from abckg.store import Answer

__all__ = ["CHECKED", "REASONED", "SHAPED", "Index", "Pattern", "contents"]

_PRIVATE = f"{BASE}graph/part/"
DATA = ox.NamedNode(DATA_GRAPH)
INFERRED = ox.NamedNode(INFERRED_GRAPH)
ONTOLOGY = ox.NamedNode(ONTOLOGY_GRAPH)
SCHEMA = ox.NamedNode(f"{_PRIVATE}schema")
VOCABULARY = ox.NamedNode(f"{_PRIVATE}vocab")
SHAPES = ox.NamedNode(f"{_PRIVATE}shapes")
CHECKED = (DATA, ONTOLOGY, INFERRED)
"""What a rule over the whole graph sees."""
SHAPED = (DATA, VOCABULARY)
"""What the shapes see, beside the class hierarchy."""
REASONED = (DATA, VOCABULARY, SCHEMA, INFERRED)
"""What the axioms see, and what they concluded."""

Node = ox.NamedNode | ox.BlankNode
Object = Node | ox.Literal | ox.Triple


@dataclass(frozen=True)
class Pattern:
    """A triple of which any part may be open."""

    subject: Node | None = None
    predicate: ox.NamedNode | None = None
    object: Object | None = None

    def fits(self, triple: ox.Triple) -> bool:
        """Return whether a triple is one of those."""
        return (
            self.subject in (None, triple.subject)
            and self.predicate in (None, triple.predicate)
            and self.object in (None, triple.object)
        )


class Index:
    """A store with the graphs of one state of a dataset."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store

    def find(self, pattern: Pattern, graphs: Sequence[ox.NamedNode]) -> list[ox.Triple]:
        """Return the triples of some graphs that fit a pattern, each once."""
        found: dict[ox.Triple, None] = {}
        for graph in graphs:
            quads = self.store.quads_for_pattern(pattern.subject, pattern.predicate, pattern.object, graph)
            found.update(dict.fromkeys(quad.triple for quad in quads))
        return list(found)

    def holds(self, triple: ox.Triple, graphs: Sequence[ox.NamedNode]) -> bool:
        """Return whether a triple stands in one of some graphs."""
        return any(_quad(triple, graph) in self.store for graph in graphs)

    def all(self, graph: ox.NamedNode) -> Iterator[ox.Triple]:
        """Yield the triples of one graph."""
        for quad in self.store.quads_for_pattern(None, None, None, graph):
            yield quad.triple

    def ask(self, query: str, values: Mapping[str, ox.NamedNode | ox.Literal] | None = None) -> Answer:
        """Answer a SELECT query about what the rules see, with values for some variables of its rows."""
        graphs: list[ox.NamedNode | ox.BlankNode] = list(CHECKED)
        given: dict[ox.Variable, Object] = {ox.Variable(name): value for name, value in (values or {}).items()}
        return Answer.of(
            self.store.query(query, default_graph=[*graphs], named_graphs=graphs, substitutions=given or None)
        )

    def apply(self, removed: Iterable[ox.Triple], added: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Take triples out of a graph and put others in."""
        for triple in removed:
            self.store.remove(_quad(triple, graph))
        for triple in added:
            self.store.add(_quad(triple, graph))


def _quad(triple: ox.Triple, graph: ox.NamedNode) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def contents(sources: Sources, inferred: Iterable[ox.Triple]) -> Iterator[ox.Quad]:
    """Yield what the index of a dataset holds."""
    parts = [
        (DATA, sources.triples("data")),
        (ONTOLOGY, sources.triples("ontology", "vocab", "alignment")),
        (SCHEMA, sources.triples("ontology")),
        (VOCABULARY, sources.triples("vocab")),
        (SHAPES, sources.triples("shapes")),
        (INFERRED, inferred),
    ]
    for graph, triples in parts:
        for triple in triples:
            yield _quad(triple, graph)
