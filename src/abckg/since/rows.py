"""Which rows of a rule over the whole graph a change can have brought about.

A row is new only where one of the query's patterns meets an added triple, or one under NOT EXISTS a removed one. The
changed triple then gives a value to a variable of the row, and with it the query is asked: that finds each new row,
and at most old rows beside them. A construct for which this does not hold (aggregates, MINUS, repeated paths) is
named, so that the query is run whole. Layer: part of ``since``; imports ``index`` of it.
Specification: https://www.w3.org/TR/sparql11-query/#sparqlAlgebra
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox
from rdflib.paths import AlternativePath, InvPath, Path
from rdflib.term import BNode, Literal, Node, URIRef, Variable

from abckg.since.errors import Unbounded

if TYPE_CHECKING:
    from rdflib.plugins.sparql.parserutils import CompValue

__all__ = ["Bindings", "Lookup", "bindings", "lookups"]

Value = ox.NamedNode | ox.Literal
Bindings = frozenset[tuple[str, Value]]
Stated = tuple[ox.Triple, frozenset[str]]
Part = tuple[str, str]
"""A part of a pattern: ``("name", "?x")`` for a variable that may be bound, ``("any", "")`` for another one, and
``("term", "<…>")`` for a term as N-Triples write it."""

_WRAPPERS = ("SelectQuery", "Project", "Distinct", "Reduced", "OrderBy")
_REPEATS = 200


@dataclass(frozen=True)
class Lookup:
    """One pattern of a query.

    Attributes:
        parts: subject, predicate and object.
        graph: the graph that it is about, empty where that is open.
        nested: whether it stands under EXISTS or NOT EXISTS, so that a removed triple matters, too.
    """

    parts: tuple[Part, Part, Part]
    graph: str
    nested: bool

    def to_json(self) -> dict[str, object]:
        """Return the pattern as a value that can be written as JSON."""
        return {"parts": self.parts, "graph": self.graph, "nested": self.nested}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Lookup:
        """Return the pattern that ``to_json`` gave."""
        first, verb, last = ((str(kind), str(text)) for kind, text in value["parts"])
        return cls((first, verb, last), str(value["graph"]), bool(value["nested"]))


def lookups(query: str) -> tuple[Lookup, ...]:
    """Return the patterns of a query.

    Raises:
        Unbounded: the query holds something for which new rows cannot be found from its patterns.
    """
    # A run that finds its index made needs no parser of queries, which takes long to import.
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    algebra = translateQuery(parseQuery(query)).algebra
    if algebra.name != "SelectQuery":
        raise Unbounded("a rule is no SELECT query", "規則がSELECTの問いではない")
    reader = _Reader(frozenset(str(name) for name in algebra.PV))
    reader.read(algebra, "")
    return tuple(dict.fromkeys(reader.finished()))


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
        if name in ("Builtin_NOTEXISTS", "Builtin_EXISTS"):
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


def bindings(patterns: Iterable[Lookup], added: Collection[Stated], removed: Collection[Stated]) -> Bindings | None:
    """Return the values with which a query must be asked to find all rows that a change can have brought about.

    Args:
        patterns: the patterns of the query.
        added: the new triples, each with the graphs that it is now in.
        removed: the triples that are gone, each with the graphs that it was in.

    Returns:
        Pairs of a variable and a value, one for each question to ask; none where no row can be new; None where the
        query must be run whole.
    """
    found: set[tuple[str, Value]] = set()
    for pattern in patterns:
        for triple, graphs in (*added, *(removed if pattern.nested else ())):
            if (not pattern.graph or pattern.graph in graphs) and _fits(pattern, triple):
                pair = _binding(pattern, triple)
                if pair is None:
                    return None
                found.add(pair)
    return frozenset(found) if len(found) <= _REPEATS else None


def _fits(pattern: Lookup, triple: ox.Triple) -> bool:
    values: dict[str, object] = {}
    return all(
        _is(term, text) if kind == "term" else kind == "any" or values.setdefault(text, term) == term
        for (kind, text), term in zip(pattern.parts, triple, strict=True)
    )


def _binding(pattern: Lookup, triple: ox.Triple) -> tuple[str, Value] | None:
    """Return the first of subject, object and predicate that is a variable of the row, with its value."""
    for place, term in ((0, triple.subject), (2, triple.object), (1, triple.predicate)):
        kind, name = pattern.parts[place]
        if kind == "name" and isinstance(term, ox.NamedNode | ox.Literal):
            return name, term
    return None


def _is(term: object, text: str) -> bool:
    """Return whether a term may be the one that N-Triples write so; where values are compared, any of a kind may."""
    return str(term) == text if text.startswith("<") else isinstance(term, ox.Literal)
