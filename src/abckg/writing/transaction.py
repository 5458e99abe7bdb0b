"""Applies a write to the named graphs of the served dataset and works out all that changes with it.

The default graph that a query sees is the union of ontology, data and what follows from them. To an update it reads
as that union, and what is written to it is written to the data. What follows is worked out once, when all operations
are done; graphs of other names take no part in it.
Layer: imports ``dataset``, ``errors``, ``judge``, ``namespaces``, ``safety``, ``store`` and ``updates``.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from abckg.dataset import DATA_GRAPH, ONTOLOGY_GRAPH
from abckg.errors import MalformedGraph, QueryError, WriteError, WriteRefused
from abckg.namespaces import INFERRED_GRAPH
from abckg.safety import refuse_oversize
from abckg.shacl.results import Result
from abckg.store import DatasetSelection
from abckg.writing.judge import Judge
from abckg.writing.updates import DEFAULT, Operation, operations_of

__all__ = ["Body", "Change", "GraphWrite", "Update", "apply", "consequences", "graph_of"]

_KEPT = frozenset({ONTOLOGY_GRAPH, INFERRED_GRAPH})
_SERVED = (ONTOLOGY_GRAPH, DATA_GRAPH, INFERRED_GRAPH)
_NO_GRAPHS = DatasetSelection()


@dataclass(frozen=True)
class Update:
    """A SPARQL update with what relative IRIs are resolved against, the graphs that the request chose, and limits.

    ``timeout`` is the number of seconds after which the client wants it ended, where it says so.
    """

    text: str
    base: str
    using: DatasetSelection = _NO_GRAPHS
    nesting: int = 64
    operators: int = 1000
    timeout: float | None = None


@dataclass(frozen=True)
class Body:
    """RDF in one of the formats of Oxigraph, by media type; relative IRIs are resolved against ``base``."""

    media_type: str
    base: str
    content: bytes


@dataclass(frozen=True)
class GraphWrite:
    """A write of the Graph Store Protocol: the graph (``DEFAULT`` too), whether it is emptied first, what is added.

    ``timeout`` is as for an update.
    """

    graph: str
    bodies: tuple[Body, ...] = ()
    replaces: bool = False
    removes: bool = False
    timeout: float | None = None


@dataclass(frozen=True)
class Change:
    """What a write changes, in named graphs and the default graph; ``graphs`` are those that are not as before."""

    added: frozenset[ox.Quad]
    removed: frozenset[ox.Quad]
    created: frozenset[str]
    dropped: frozenset[str]
    violations: tuple[Result, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.created or self.dropped)

    @property
    def graphs(self) -> frozenset[str]:
        """The graphs that the change touches."""
        return frozenset(graph_of(quad) for quad in (*self.added, *self.removed)) | self.created | self.dropped


def graph_of(quad: ox.Quad) -> str:
    """Return the IRI of the graph of ``quad``, ``DEFAULT`` for the default graph."""
    return quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else DEFAULT


def apply(write: Update | GraphWrite, store: ox.Store) -> None:
    """Apply a write to ``store``, which holds the named graphs alone; it is of no use after an error.

    Raises:
        QueryError: The update is malformed, refused or too large.
        MalformedGraph: A body is malformed.
        WriteError: A graph is missing, or there already.
    """
    if isinstance(write, GraphWrite):
        _put(write, store)
        return
    refuse_oversize(write.text, write.nesting, sys.maxsize)  # data may be long, but no parser is to see them deep
    operations = operations_of(write.text, write.base)
    if write.using and any(operation.using or operation.graph for operation in operations):
        raise QueryError("The request names graphs and the update has USING or WITH; the protocol allows one of them.")
    for operation in operations:
        refuse_oversize(operation.where, write.nesting, write.operators)
        _run(operation, write, store)


def consequences(before: Collection[ox.Quad], names: Collection[str], store: ox.Store, judge: Judge) -> Change:
    """Return what changed from the quads and graph names of before to ``store``, with all that follows.

    ``judge`` has the state of before, and after that is of no use.

    Raises:
        WriteRefused: A graph changed that nobody writes.
        WriteError: The data contradict the ontology, or hold axioms or terms that are not of RDF 1.1.
    """
    earlier, after = frozenset(before), frozenset(store)
    added, removed = after - earlier, earlier - after
    now = frozenset(name.value for name in store.named_graphs() if isinstance(name, ox.NamedNode))
    created, dropped = now - frozenset(names), frozenset(names) - now
    touched = {graph_of(quad) for quad in (*added, *removed)}
    if _KEPT & (touched | dropped):
        raise WriteRefused(
            f"<{min(_KEPT & (touched | dropped))}> cannot be written: the ontology changes by a build, and what "
            f"follows is worked out. Write statements to the default graph or to <{DATA_GRAPH}>."
        )
    _refuse_beyond_rdf_11(added)
    if DATA_GRAPH not in touched:
        return Change(added, removed, created, dropped - {DATA_GRAPH})
    judgement = judge.judge(earlier, _triples(removed, DATA_GRAPH), _triples(added, DATA_GRAPH))
    added |= _quads(judgement.added, ox.NamedNode(INFERRED_GRAPH))
    removed |= _quads(judgement.removed, ox.NamedNode(INFERRED_GRAPH))
    changed = {quad.triple for quad in (*added, *removed) if graph_of(quad) in _SERVED}
    was = frozenset(triple for triple in changed if any(quad in earlier for quad in _in_served(triple)))
    holds = frozenset(
        triple
        for triple in changed
        if any(quad in added or (quad in earlier and quad not in removed) for quad in _in_served(triple))
    )
    added |= _quads(holds - was)
    removed |= _quads(was - holds)
    return Change(added, removed, created, dropped - {DATA_GRAPH}, judgement.violations)


def _triples(quads: Iterable[ox.Quad], graph: str) -> frozenset[ox.Triple]:
    return frozenset(quad.triple for quad in quads if graph_of(quad) == graph)


def _quads(triples: Iterable[ox.Triple], graph: ox.NamedNode | None = None) -> frozenset[ox.Quad]:
    name = graph or ox.DefaultGraph()
    return frozenset(ox.Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples)


def _in_served(triple: ox.Triple) -> Iterator[ox.Quad]:
    """Yield a triple in each of the graphs that make up the default graph."""
    for name in _SERVED:
        yield ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(name))


def _refuse_beyond_rdf_11(quads: Iterable[ox.Quad]) -> None:
    for quad in quads:
        value = quad.object
        if isinstance(value, ox.Triple) or (isinstance(value, ox.Literal) and value.direction is not None):
            raise QueryError(f"{value} is not a term of RDF 1.1, which is all that this store holds.")


def _put(write: GraphWrite, store: ox.Store) -> None:
    name = ox.NamedNode(write.graph or DATA_GRAPH)
    quads = [quad for body in write.bodies for quad in _read(body, name)]
    if write.removes and name.value != DATA_GRAPH:
        store.remove_graph(name)
        return
    if write.replaces or write.removes:
        store.clear_graph(name)
    store.add_graph(name)
    store.extend(quads)


def _read(body: Body, name: ox.NamedNode) -> Iterator[ox.Quad]:
    form = ox.RdfFormat.from_media_type(body.media_type)
    try:
        for quad in ox.parse(body.content, form, base_iri=body.base, rename_blank_nodes=True):
            if graph_of(quad) not in (DEFAULT, name.value):
                raise MalformedGraph(f"it has statements in the graph {quad.graph_name}, which this address is not.")
            yield ox.Quad(quad.subject, quad.predicate, quad.object, name)
    except SyntaxError as fault:
        if "LoadDocumentCallback" in str(fault.msg) or "remote context" in str(fault.msg):
            raise MalformedGraph(
                "its @context is an address, and this server fetches nothing; write the context into the document."
            ) from None
        raise MalformedGraph(" ".join(str(fault.msg).split()), fault.lineno, fault.offset) from None


def _run(operation: Operation, write: Update, store: ox.Store) -> None:
    if operation.verb == "MODIFY":
        text = _modification(operation, write.using, store)
        try:
            store.update(text, base_iri=write.base)
        except SyntaxError as fault:
            raise QueryError("The update cannot be taken apart for certain; write it more plainly.") from fault
        except (OSError, RuntimeError, ValueError) as fault:
            raise WriteError(f"The update was not applied: {fault}") from fault
        return
    if operation.verb in ("CLEAR", "DROP"):
        _clear(operation, store)
    elif operation.verb == "CREATE":
        if _exists(operation.source, store) and not operation.is_silent:
            raise WriteError(f"CREATE: there is a graph <{operation.source}> already; CREATE SILENT leaves it.")
        store.add_graph(ox.NamedNode(operation.source))
    else:
        _transfer(operation, store)


def _modification(operation: Operation, using: DatasetSelection, store: ox.Store) -> str:
    """Return the operation with the graphs that its templates and its pattern are about."""
    clauses = operation.using
    if not clauses and using:
        clauses = _using(using.default, using.named)
    elif not clauses and not operation.graph:
        clauses = _using(_SERVED, [name.value for name in store.named_graphs() if isinstance(name, ox.NamedNode)])
    delete = f"DELETE {operation.delete} " if operation.delete else ""
    insert = f"INSERT {operation.insert} " if operation.insert else ""
    graph = operation.graph or f"<{DATA_GRAPH}>"
    return f"{operation.head}WITH {graph} {delete}{insert}{clauses}WHERE {operation.where}"


def _using(default: Iterable[str], named: Iterable[str]) -> str:
    return "".join((*(f"USING <{iri}> " for iri in default), *(f"USING NAMED <{iri}> " for iri in named)))


def _exists(graph: str, store: ox.Store) -> bool:
    return graph in (DEFAULT, *_SERVED) or store.contains_named_graph(ox.NamedNode(graph))


def _clear(operation: Operation, store: ox.Store) -> None:
    graph = operation.source
    if graph in ("ALL", "NAMED"):
        # The graphs that nobody writes are no part of what is meant; the data are the default graph.
        names = {name.value for name in store.named_graphs() if isinstance(name, ox.NamedNode)} - _KEPT
        chosen = names | {DATA_GRAPH} if graph == "ALL" else names - {DATA_GRAPH}
    elif not _exists(graph, store):
        if operation.is_silent:
            return
        raise WriteError(f"{operation.verb}: there is no graph <{graph}>; {operation.verb} SILENT does not mind.")
    else:
        chosen = {graph or DATA_GRAPH}
    for name in sorted(chosen):
        if operation.verb == "DROP" and name != DATA_GRAPH:
            store.remove_graph(ox.NamedNode(name))
        else:
            store.clear_graph(ox.NamedNode(name))


def _transfer(operation: Operation, store: ox.Store) -> None:
    source, target = operation.source, operation.target or DATA_GRAPH
    if (source or DATA_GRAPH) == target:
        return
    if not _exists(source, store):
        if operation.is_silent:
            return
        raise WriteError(f"{operation.verb}: there is no graph <{source}>; {operation.verb} SILENT does not mind.")
    names = _SERVED if source == DEFAULT else (source,)
    quads = [quad for name in names for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(name))]
    if operation.verb in ("MOVE", "COPY"):
        store.clear_graph(ox.NamedNode(target))
    store.add_graph(ox.NamedNode(target))
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(target)) for quad in quads)
    if operation.verb == "MOVE":
        _clear(Operation("CLEAR" if source == DEFAULT else "DROP", True, source), store)
