"""Which triples a shape looks at, seen from its focus node: the ground for validating only what a change can break.

A shape consults a triple at the end of a chain of steps that begins at the focus node: the type of a value is one
step along the shape's path and then a triple of ``rdf:type``; what a shape inside a shape consults stands further
on. Read backwards, the chains lead from a changed triple to every focus node whose result it can have changed.
What cannot be followed that way (SPARQL, repeated paths, recursion) is named, so that everything can be run instead.
Layer: part of ``since``; imports ``namespaces``. Specification: https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from abckg.namespaces import OWL, RDF, RDFS, SH
from abckg.since.errors import Unbounded

__all__ = ["Chain", "Dependencies", "Step", "Term", "dependencies"]

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_TYPE = ox.NamedNode(f"{RDF}type")
_NIL = ox.NamedNode(f"{RDF}nil")
_DEPTH = 12

_NESTED = ("node", "property", "not", "qualifiedValueShape")
_NESTED_LISTS = ("and", "or", "xone")
_COMPARED = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
_OF_VALUES = (
    *("datatype", "deactivated", "defaultValue", "description", "flags", "group", "hasValue", "in", "languageIn"),
    *("maxCount", "maxExclusive", "maxInclusive", "maxLength", "message", "minCount", "minExclusive"),
    *("minInclusive", "minLength", "name", "nodeKind", "order", "path", "pattern", "qualifiedMaxCount"),
    *("qualifiedMinCount", "qualifiedValueShapesDisjoint", "severity", "uniqueLang", "ignoredProperties"),
)
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
_KNOWN = frozenset(
    SH + name for name in (*_NESTED, *_NESTED_LISTS, *_COMPARED, *_OF_VALUES, *_TARGETS, "class", "closed")
)


@dataclass(frozen=True, order=True)
class Step:
    """One step along a property, from subject to object or, ``inverse``, from object to subject."""

    predicate: str
    inverse: bool = False


@dataclass(frozen=True, order=True)
class Chain:
    """Where a shape looks: the steps from the focus node, then the property consulted there, None for every one."""

    steps: tuple[Step, ...]
    consulted: Step | None


@dataclass(frozen=True)
class Dependencies:
    """What the shapes of a graph consult.

    Attributes:
        chains: all of them, each once.
        targets: the shapes that have targets of their own, with what makes a node a target.
    """

    chains: tuple[Chain, ...]
    targets: tuple[tuple[Term, str, Term], ...]


def dependencies(shapes: Iterable[ox.Triple]) -> Dependencies:
    """Return what the shapes of a graph consult.

    Raises:
        Unbounded: a construct whose reach is not known from the shapes, such as ``sh:sparql``; the message names it.
    """
    about: dict[Term, list[ox.Triple]] = defaultdict(list)
    for triple in shapes:
        about[triple.subject].append(triple)
    reader = _Reader(about)
    targets = tuple(reader.targets())
    chains: set[Chain] = set()
    for shape in dict.fromkeys(shape for shape, _, _ in targets):
        chains.update(reader.chains(shape, (), 0))
    for _, kind, value in targets:
        chains.update(_of_target(kind, value))
    return Dependencies(tuple(sorted(chains, key=repr)), targets)


def _of_target(kind: str, value: Term) -> Iterator[Chain]:
    if kind == "targetSubjectsOf" and isinstance(value, ox.NamedNode):
        yield Chain((), Step(value.value))
    elif kind == "targetObjectsOf" and isinstance(value, ox.NamedNode):
        yield Chain((), Step(value.value, inverse=True))
    elif kind == "targetClass":
        yield Chain((), Step(_TYPE.value))


class _Reader:
    def __init__(self, about: dict[Term, list[ox.Triple]]) -> None:
        self._about = about

    def targets(self) -> Iterator[tuple[Term, str, Term]]:
        """Yield each shape with the kind and the value of each of its targets; a class that is a shape is its own."""
        for subject, triples in self._about.items():
            kinds = {t.object.value for t in triples if t.predicate == _TYPE and isinstance(t.object, ox.NamedNode)}
            if {f"{SH}NodeShape", f"{SH}PropertyShape"} & kinds and {f"{RDFS}Class", f"{OWL}Class"} & kinds:
                yield subject, "targetClass", subject
            for triple in triples:
                name = triple.predicate.value.removeprefix(SH)
                if name == "target":
                    raise Unbounded("a shape uses sh:target", "シェイプが sh:target を用いている")
                if name in _TARGETS:
                    yield subject, name, triple.object

    def chains(self, shape: Term, steps: tuple[Step, ...], depth: int) -> Iterator[Chain]:
        """Yield what a shape consults for a node that ``steps`` lead to."""
        if depth > _DEPTH:
            raise Unbounded("a shape leads to itself", "シェイプが自身に戻る")
        paths = self._objects(shape, "path")
        if len(paths) > 1:
            raise Unbounded(f"{shape} has two paths", f"{shape} に経路が二つある")
        for values in self._paths(paths[0], steps) if paths else [steps]:
            if values != steps:
                # Each step of the path is looked at itself.
                yield from (Chain(values[:end], values[end]) for end in range(len(steps), len(values)))
            yield from self._constraints(shape, steps, values, depth)

    def _constraints(
        self, shape: Term, focus: tuple[Step, ...], values: tuple[Step, ...], depth: int
    ) -> Iterator[Chain]:
        for triple in self._about.get(shape, ()):
            predicate, value = triple.predicate.value, triple.object
            name = predicate.removeprefix(SH)
            if predicate.startswith(SH) and predicate not in _KNOWN:
                raise Unbounded(f"a shape uses sh:{name}", f"シェイプが sh:{name} を用いている")
            if name == "class":
                yield Chain(values, Step(_TYPE.value))
            elif name == "closed":
                yield Chain(values, None)
            elif name in _COMPARED and isinstance(value, ox.NamedNode):
                yield Chain(focus, Step(value.value))
            elif name in _NESTED:
                yield from self.chains(value, values, depth + 1)
            elif name in _NESTED_LISTS:
                for inner in self._list(value):
                    yield from self.chains(inner, values, depth + 1)
            if name == "qualifiedValueShapesDisjoint":
                yield from self._siblings(shape, values, depth)

    def _siblings(self, shape: Term, values: tuple[Step, ...], depth: int) -> Iterator[Chain]:
        """Yield what the qualified shapes beside one consult, for its values may not be theirs."""
        for triples in self._about.values():
            properties = [t.object for t in triples if t.predicate.value == f"{SH}property"]
            for sibling in properties if shape in properties else ():
                for qualified in self._objects(sibling, "qualifiedValueShape"):
                    yield from self.chains(qualified, values, depth + 1)

    def _paths(self, path: Term, steps: tuple[Step, ...]) -> list[tuple[Step, ...]]:
        """Return every way that a path can go on from ``steps``."""
        if isinstance(path, ox.NamedNode) and path != _NIL:
            return [(*steps, Step(path.value))]
        kinds = {t.predicate.value for t in self._about.get(path, ())}
        if f"{RDF}first" in kinds:
            ways = [steps]
            for part in self._list(path):
                ways = [longer for way in ways for longer in self._paths(part, way)]
            return ways
        for alternatives in self._objects(path, "alternativePath"):
            return [way for part in self._list(alternatives) for way in self._paths(part, steps)]
        for inverse in self._objects(path, "inversePath"):
            if isinstance(inverse, ox.NamedNode):
                return [(*steps, Step(inverse.value, inverse=True))]
        for optional in self._objects(path, "zeroOrOnePath"):
            return [steps, *self._paths(optional, steps)]
        raise Unbounded(
            "a path of a shape may repeat (sh:zeroOrMorePath, sh:oneOrMorePath) or is inverse as a whole",
            "シェイプの経路が繰り返し（sh:zeroOrMorePath、sh:oneOrMorePath）か、全体の逆である",
        )

    def _objects(self, subject: Term, name: str) -> list[Term]:
        return [t.object for t in self._about.get(subject, ()) if t.predicate.value == SH + name]

    def _list(self, head: Term) -> list[Term]:
        members: list[Term] = []
        while head != _NIL:
            cell = {t.predicate.value: t.object for t in self._about.get(head, ())}
            if f"{RDF}first" not in cell or f"{RDF}rest" not in cell or len(members) > len(self._about):
                raise Unbounded("a list in the shapes is malformed", "シェイプの並びの書き方が正しくない")
            members.append(cell[f"{RDF}first"])
            head = cell[f"{RDF}rest"]
        return members
