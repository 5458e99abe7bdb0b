"""SHACL property paths: read from the shapes, followed over triples.

Layer: imports ``namespaces`` only. Specification: https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph as ox

from abckg.namespaces import RDF, SH

__all__ = ["Alternative", "Link", "PropertyPath", "Repeated", "Sequence", "Step", "follow", "read_path"]

Node: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class Step:
    """One property, followed from subject to object, or backwards."""

    predicate: ox.NamedNode
    backwards: bool = False


@dataclass(frozen=True)
class Sequence:
    """One path after the other."""

    steps: tuple[PropertyPath, ...]


@dataclass(frozen=True)
class Alternative:
    """Any of several paths."""

    options: tuple[PropertyPath, ...]


@dataclass(frozen=True)
class Repeated:
    """A path any number of times; at least once unless ``may_be_none``, at most once unless ``is_endless``."""

    path: PropertyPath
    may_be_none: bool
    is_endless: bool


PropertyPath: TypeAlias = Step | Sequence | Alternative | Repeated


@dataclass(frozen=True)
class Link:
    """A node that a path leads to, with the triple by which it was reached; None where the path begins."""

    node: Node
    triple: ox.Triple | None = None


def read_path(node: Node, values: Callable[[Node, str], list[Node]], *, backwards: bool = False) -> PropertyPath | None:
    """Return the path that a node of a shapes graph stands for, None where it stands for none.

    Args:
        node: a value of ``sh:path``.
        values: gives the objects of a subject and the IRI of a predicate in the shapes graph.
        backwards: whether the path is read from its end.
    """
    if isinstance(node, ox.NamedNode):
        return Step(node, backwards)
    inverse = values(node, f"{SH}inversePath")
    if inverse:
        return read_path(inverse[0], values, backwards=not backwards)
    for name, may_be_none, is_endless in (
        ("zeroOrMorePath", True, True),
        ("oneOrMorePath", False, True),
        ("zeroOrOnePath", True, False),
    ):
        inner = [read_path(value, values, backwards=backwards) for value in values(node, SH + name)]
        if inner and inner[0] is not None:
            return Repeated(inner[0], may_be_none, is_endless)
    options = values(node, f"{SH}alternativePath")
    parts = [read_path(part, values, backwards=backwards) for part in _members(options[0] if options else node, values)]
    known = tuple(part for part in parts if part is not None)
    if not known:
        return None
    return Alternative(known) if options else Sequence(known[::-1] if backwards else known)


def _members(node: Node, values: Callable[[Node, str], list[Node]]) -> Iterator[Node]:
    seen: set[Node] = set()
    while node not in seen and (first := values(node, f"{RDF}first")):
        seen.add(node)
        yield first[0]
        node = next(iter(values(node, f"{RDF}rest")), node)


def follow(
    path: PropertyPath, starts: Iterable[Link], triples: Callable[[Node, ox.NamedNode, bool], Iterable[ox.Triple]]
) -> list[Link]:
    """Return where a path leads to from some nodes, with the last triple of each way.

    Args:
        path: the path.
        starts: the nodes to start from.
        triples: gives the triples with a node as subject (as object where the third argument is true) and a predicate.
    """
    if isinstance(path, Step):
        return [
            Link(triple.subject if path.backwards else triple.object, triple)
            for start in starts
            for triple in triples(start.node, path.predicate, path.backwards)
        ]
    if isinstance(path, Alternative):
        starts = list(starts)
        return [link for option in path.options for link in follow(option, starts, triples)]
    reached = list(starts)
    if isinstance(path, Sequence):
        for step in path.steps:
            reached = follow(step, reached, triples)
        return reached
    found = dict.fromkeys(reached) if path.may_be_none else {}
    seen: set[Node] = set()
    while reached := [link for link in reached if link.node not in seen]:
        seen.update(link.node for link in reached)
        reached = follow(path.path, reached, triples)
        found.update(dict.fromkeys(reached))
        if not path.is_endless:
            break
    return list(found)
