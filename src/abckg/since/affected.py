"""Which focus nodes a change can affect, and the part of the graph and of the shapes that is needed to check them.

Layer: part of ``since``; imports ``chains`` and ``index`` of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

import pyoxigraph as ox

from abckg.namespaces import RDF, RDFS, SH
from abckg.since.chains import Chain, Dependencies, Step, Term
from abckg.since.index import Pattern

__all__ = ["Find", "focus_nodes", "neighbourhood", "relevant_shapes"]

Find = Callable[[Pattern], list[ox.Triple]]

_TYPE = ox.NamedNode(f"{RDF}type")
_SUBCLASS = ox.NamedNode(f"{RDFS}subClassOf")


def focus_nodes(needs: Dependencies, changed: Collection[ox.Triple], find: Find) -> set[Term]:
    """Return every node whose validation can have come out otherwise before than after a change.

    Args:
        needs: what the shapes consult.
        changed: the triples added and those removed.
        find: looks up triples of the state before or of the one after; both together may be given.
    """
    found: set[Term] = {term for t in changed for term in (t.subject, t.object)} & _named_targets(needs)
    walks: dict[tuple[Step, ...], set[Term]] = defaultdict(set)
    for chain in needs.chains:
        walks[chain.steps].update(_at_end(chain, changed))
    for steps, nodes in walks.items():
        for step in reversed(steps):
            nodes = {start for node in nodes for start in _before(node, step, find)}
        found |= nodes
    return found


def _named_targets(needs: Dependencies) -> set[Term]:
    return {value for _, kind, value in needs.targets if kind == "targetNode"}


def _at_end(chain: Chain, changed: Iterable[ox.Triple]) -> Iterator[Term]:
    """Yield the nodes at which a changed triple is consulted."""
    for triple in changed:
        if chain.consulted is None:
            yield triple.subject
        elif chain.consulted.predicate == triple.predicate.value:
            yield triple.object if chain.consulted.inverse else triple.subject


def _before(node: Term, step: Step, find: Find) -> Iterator[Term]:
    """Yield the nodes from which a step leads to a node."""
    predicate = ox.NamedNode(step.predicate)
    if not step.inverse:
        yield from (t.subject for t in find(Pattern(None, predicate, node)))
    elif isinstance(node, ox.NamedNode | ox.BlankNode):
        yield from (t.object for t in find(Pattern(node, predicate, None)))


def _consulted(node: Term, step: Step | None, find: Find) -> list[ox.Triple]:
    if step is not None and step.inverse:
        return find(Pattern(None, ox.NamedNode(step.predicate), node))
    if not isinstance(node, ox.NamedNode | ox.BlankNode):
        return []
    return find(Pattern(node, None if step is None else ox.NamedNode(step.predicate), None))


def neighbourhood(needs: Dependencies, nodes: Iterable[Term], find: Find) -> set[ox.Triple]:
    """Return all that the shapes consult when they are run on some nodes of one state."""
    found: set[ox.Triple] = set()
    tree = _tree(needs.chains)
    waiting: list[tuple[Term, tuple[Step, ...]]] = [(node, ()) for node in nodes]
    seen = set(waiting)
    while waiting:
        node, steps = waiting.pop()
        for step in tree[steps]:
            triples = _consulted(node, step, find)
            found.update(triples)
            if step is None or (*steps, step) not in tree:
                continue
            for triple in triples:
                onward = (triple.subject if step.inverse else triple.object, (*steps, step))
                if onward not in seen:
                    seen.add(onward)
                    waiting.append(onward)
    return found


def _tree(chains: Iterable[Chain]) -> dict[tuple[Step, ...], set[Step | None]]:
    tree: dict[tuple[Step, ...], set[Step | None]] = defaultdict(set)
    for chain in chains:
        tree[chain.steps].add(chain.consulted)
        for end, step in enumerate(chain.steps):
            tree[chain.steps[:end]].add(step)
    return dict(tree)


def relevant_shapes(needs: Dependencies, nodes: Collection[Term], find: Find, about: Find) -> set[ox.Triple]:
    """Return the shapes that may target one of some nodes, with all that they lead to.

    Args:
        needs: what the shapes consult.
        nodes: the focus nodes.
        find: looks up triples of the data and of the class hierarchy.
        about: looks up triples of the shapes.
    """
    classes = _classes(nodes, find)
    shapes = {shape for shape, kind, value in needs.targets if _can_target(kind, value, nodes, classes, find)}
    return _closed_under_reference(shapes, about)


def _classes(nodes: Collection[Term], find: Find) -> set[Term]:
    """Return the classes of some nodes and those above them."""
    waiting = [
        t.object
        for node in nodes
        if isinstance(node, ox.NamedNode | ox.BlankNode)
        for t in find(Pattern(node, _TYPE, None))
    ]
    classes: set[Term] = set()
    while waiting:
        name = waiting.pop()
        if name not in classes and isinstance(name, ox.NamedNode | ox.BlankNode):
            classes.add(name)
            waiting += [t.object for t in find(Pattern(name, _SUBCLASS, None))]
    return classes


def _can_target(kind: str, value: Term, nodes: Collection[Term], classes: set[Term], find: Find) -> bool:
    if kind == "targetClass":
        return value in classes
    if kind == "targetNode" or not isinstance(value, ox.NamedNode):
        return value in nodes
    step = Step(value.value, inverse=kind == "targetObjectsOf")
    return any(_consulted(node, step, find) for node in nodes)


def _closed_under_reference(shapes: set[Term], about: Find) -> set[ox.Triple]:
    found: set[ox.Triple] = set()
    waiting = list(shapes)
    seen = set(waiting)
    while waiting:
        subject = waiting.pop()
        triples = about(Pattern(subject)) if isinstance(subject, ox.NamedNode | ox.BlankNode) else []
        found.update(triples)
        onward = {t.object for t in triples if t.predicate.value != f"{SH}targetClass"} - seen
        seen |= onward
        waiting += onward
    return found
