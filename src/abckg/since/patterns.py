"""The patterns of a query: which triples its answer comes from.

Layer: part of ``since``; imports ``rows`` of it and rdflib, which takes long: a run that finds its index made needs
none of it. Specification: https://www.w3.org/TR/sparql11-query/#sparqlAlgebra
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Literal, Node, URIRef, Variable

from abckg.since.errors import Unbounded
from abckg.since.rows import Lookup, Part, Patterns

__all__ = ["patterns_of"]

Triple = tuple[Node, Node, Node]

_WRAPPERS = ("SelectQuery", "Project", "Distinct", "Reduced", "OrderBy")
_EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")
_UNTRANSLATED = ("GroupGraphPatternSub", "TriplesBlock", "SubSelect", "ServiceGraphPattern")
_ANY: Part = ("any", "")


def patterns_of(query: str) -> Patterns:
    """Return all that is known of a query; nothing where it cannot be read."""
    try:
        algebra = translateQuery(parseQuery(query)).algebra
    except Exception:  # the parser raises what it likes
        return Patterns(None, None)
    return Patterns(_if_bounded(_rows, algebra), _if_bounded(_consulted, algebra))


def _if_bounded(read: Callable[[CompValue], tuple[Lookup, ...]], algebra: CompValue) -> tuple[Lookup, ...] | None:
    try:
        return read(algebra)
    except Unbounded:
        return None


def _rows(algebra: CompValue) -> tuple[Lookup, ...]:
    if algebra.name != "SelectQuery":
        raise Unbounded("a rule is no SELECT query", "規則がSELECTの問いではない")
    reader = _Reader(frozenset(str(name) for name in algebra.PV))
    reader.read(algebra, "")
    return tuple(dict.fromkeys(reader.finished()))


def _consulted(algebra: CompValue) -> tuple[Lookup, ...]:
    if algebra.name == "DescribeQuery":
        raise Unbounded("a query describes", "問いがDESCRIBEである")
    found = (pattern for triples in _blocks(algebra) for triple in triples for pattern in _looked_at(triple, triples))
    return tuple(dict.fromkeys(found))


def _blocks(part: object) -> Iterator[Sequence[Triple]]:
    """Yield the triples that stand together, wherever they do in the algebra."""
    if isinstance(part, CompValue):
        if part.name in _UNTRANSLATED:
            raise Unbounded(f"a query uses {part.name}", f"問いが {part.name} を用いている")
        if part.name == "BGP":
            yield part.triples
        for inner in [part.graph] if part.name in _EXISTS else part.values():
            yield from _blocks(inner)
    elif isinstance(part, list | tuple | set):
        for inner in part:
            yield from _blocks(inner)


def _looked_at(triple: Triple, block: Sequence[Triple]) -> Iterator[Lookup]:
    subject, verb, value = triple
    if not isinstance(verb, Path):
        yield Lookup((_fixed(subject), _fixed(verb), _fixed(value)), "", nested=False)
        return
    for step in _steps(verb):
        yield Lookup((_ANY, _ANY if step is None else _fixed(step), _ANY), "", nested=False)
    if _may_be_empty(verb) and not any(_is_held(end, triple, block) for end in (subject, value)):
        # The path leads from each node to itself: from a term that is given where it is a node, else from any.
        end = _fixed(value) if isinstance(subject, Variable | BNode) else _fixed(subject)
        yield from (Lookup(parts, "", nested=False) for parts in ((end, _ANY, _ANY), (_ANY, _ANY, end)))


def _is_held(end: Node, triple: Triple, block: Sequence[Triple]) -> bool:
    """Return whether an end of a path stands in another triple, too, so that it is a node of the graph."""
    others = (other for other in block if other is not triple and not _may_be_empty(other[1]))
    return any(end in (other[0], other[2]) for other in others)


def _may_be_empty(verb: Node | Path) -> bool:
    if isinstance(verb, MulPath):
        return verb.mod in "*?" or _may_be_empty(verb.path)
    if isinstance(verb, SequencePath | AlternativePath):
        every = all if isinstance(verb, SequencePath) else any
        return every(map(_may_be_empty, verb.args))
    return isinstance(verb, InvPath) and _may_be_empty(verb.arg)


def _steps(verb: Node | Path) -> Iterator[Node | None]:
    """Yield the properties in a path, None for any."""
    if isinstance(verb, SequencePath | AlternativePath):
        for part in verb.args:
            yield from _steps(part)
    elif isinstance(verb, MulPath):
        yield from _steps(verb.path)
    elif isinstance(verb, InvPath):
        yield from _steps(verb.arg)
    else:
        yield None if isinstance(verb, Path) else verb


def _fixed(term: Node) -> Part:
    return _part(term, frozenset())


@dataclass(frozen=True)
class _Pattern:
    terms: tuple[Node, Node, Node]
    graph: str
    bindable: frozenset[str] | None


class _Reader:
    def __init__(self, projected: frozenset[str]) -> None:
        self._projected = projected
        self._computed: set[str] = set()
        self._hidden: set[str] = set()
        self._patterns: list[_Pattern] = []

    def finished(self) -> Iterator[Lookup]:
        free = self._projected - self._computed - self._hidden
        for pattern in self._patterns:
            names = free if pattern.bindable is None else free & pattern.bindable
            first, verb, last = (_part(term, names) for term in pattern.terms)
            yield Lookup((first, verb, last), pattern.graph, pattern.bindable is not None)

    def read(self, part: CompValue, graph: str, bindable: frozenset[str] | None = None) -> frozenset[str]:
        """Note the patterns of a part of the algebra and return the variables that each of its solutions binds."""
        if part.name in _WRAPPERS:
            if part.name == "Project" and frozenset(map(str, part.PV)) != self._projected:
                raise Unbounded("a rule has a query within a query", "規則が問いの中に問いを含む")
            return self.read(part.p, graph, bindable)
        if part.name == "BGP":
            return frozenset().union(*(self._triple(triple, graph, bindable) for triple in part.triples))
        if part.name == "Join":
            return self.read(part.p1, graph, bindable) | self.read(part.p2, graph, bindable)
        if part.name == "Union":
            return self.read(part.p1, graph, bindable) & self.read(part.p2, graph, bindable)
        if part.name == "LeftJoin":
            return self._optional(part, graph, bindable)
        if part.name == "Graph":
            return self._graph(part, bindable)
        if part.name == "Filter":
            bound = self.read(part.p, graph, bindable)
            self._expression(part.expr, graph, bound, is_nested=bindable is not None)
            return bound
        if part.name == "Extend":
            self._computed.add(str(part.var))
            bound = self.read(part.p, graph, bindable)
            self._expression(part.expr, graph, bound, is_nested=True)
            return bound
        if part.name in ("ToMultiSet", "values"):
            return self._values(part)
        raise Unbounded(f"a rule uses {part.name}", f"規則が {part.name} を用いている")

    def _triple(self, triple: tuple[Node, Node, Node], graph: str, bindable: frozenset[str] | None) -> frozenset[str]:
        subject, verb, value = triple
        for predicate, inverse in _plain(verb):
            ends = (value, predicate, subject) if inverse else (subject, predicate, value)
            self._patterns.append(_Pattern(ends, graph, bindable))
        return frozenset(str(term) for term in triple if isinstance(term, Variable))

    def _optional(self, part: CompValue, graph: str, bindable: frozenset[str] | None) -> frozenset[str]:
        """Note both sides of OPTIONAL; a row is new, too, where what was optional came or went."""
        bound = self.read(part.p1, graph, bindable)
        before = len(self._patterns)
        self.read(part.p2, graph, bound if bindable is None else bound & bindable)
        self._hidden |= self._variables_since(before) - bound
        self._expression(part.expr, graph, bound, is_nested=True)
        return bound

    def _variables_since(self, before: int) -> set[str]:
        return {str(t) for p in self._patterns[before:] for t in p.terms if isinstance(t, Variable)}

    def _graph(self, part: CompValue, bindable: frozenset[str] | None) -> frozenset[str]:
        if isinstance(part.term, URIRef):
            return self.read(part.p, str(part.term), bindable)
        return self.read(part.p, "", bindable) | {str(part.term)}

    def _values(self, part: CompValue) -> frozenset[str]:
        rows = part.res if part.name == "values" else part.p.res if part.p.name == "values" else None
        if rows is None:
            raise Unbounded("a rule has a query within a query", "規則が問いの中に問いを含む")
        names = [frozenset(str(name) for name, value in row.items() if value != "UNDEF") for row in rows]
        return frozenset.intersection(*names) if names else frozenset()

    def _expression(self, part: object, graph: str, bound: frozenset[str], *, is_nested: bool) -> None:
        """Note the patterns under EXISTS and NOT EXISTS within an expression."""
        if isinstance(part, list | tuple):
            for inner in part:
                self._expression(inner, graph, bound, is_nested=is_nested)
        name = getattr(part, "name", None)
        if not isinstance(part, dict) or name is None:  # no part of the algebra
            return
        if name in _EXISTS:
            if is_nested:
                raise Unbounded("a rule has EXISTS within EXISTS or BIND", "規則がEXISTSやBINDの中にEXISTSを含む")
            before = len(self._patterns)
            self.read(cast("CompValue", part).graph, graph, bound)
            self._hidden |= self._variables_since(before) - bound
            return
        for inner in part.values():
            self._expression(inner, graph, bound, is_nested=is_nested)


def _plain(verb: Node | Path) -> list[tuple[Node, bool]]:
    """Return the properties that a path of one step may be, each with whether it is read backwards."""
    if isinstance(verb, URIRef | Variable):
        return [(verb, False)]
    if isinstance(verb, AlternativePath):
        return [found for part in verb.args for found in _plain(part)]
    if isinstance(verb, InvPath) and isinstance(verb.arg, URIRef):
        return [(verb.arg, True)]
    raise Unbounded("a rule has a path of several steps", "規則が何段もの経路をたどる")


def _part(term: Node, free: frozenset[str]) -> Part:
    if isinstance(term, Variable):
        return ("name", str(term)) if str(term) in free else ("any", "")
    if isinstance(term, BNode):
        return "any", ""
    return ("term", term.n3()) if isinstance(term, URIRef | Literal) else ("any", "")
