"""Which rows of a rule over the whole graph a change can have brought about.

A row is new only where one of the query's patterns meets an added triple, or one under NOT EXISTS a removed one. The
changed triple then gives a value to a variable of the row, and with it the query is asked: that finds each new row,
and at most old rows beside them. Where the patterns of a query are found is in ``patterns``.
Layer: part of ``since``; imports nothing of the package.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

__all__ = ["Bindings", "Lookup", "Part", "Patterns", "bindings"]

Value = ox.NamedNode | ox.Literal
Bindings = frozenset[tuple[str, Value]]
Stated = tuple[ox.Triple, frozenset[str]]
Part = tuple[str, str]
"""A part of a pattern: ``("name", "?x")`` for a variable that may be bound, ``("any", "")`` for another one, and
``("term", "<…>")`` for a term as N-Triples write it."""

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


@dataclass(frozen=True)
class Patterns:
    """The patterns of a query.

    Attributes:
        rows: those from which new rows can be found by ``bindings``; None where the query must be run whole.
        consulted: those of which a changed triple fits one wherever it changes the answer; None where any triple may.
    """

    rows: tuple[Lookup, ...] | None
    consulted: tuple[Lookup, ...] | None

    def are_touched(self, changed: Collection[ox.Triple]) -> bool:
        """Return whether the answer may be another for some changed triples."""
        patterns = self.consulted
        return patterns is None or any(_fits(pattern, triple) for pattern in patterns for triple in changed)

    def to_json(self) -> list[list[dict[str, object]] | None]:
        """Return the patterns as a value that can be written as JSON."""
        both = (self.rows, self.consulted)
        return [None if patterns is None else [one.to_json() for one in patterns] for patterns in both]

    @classmethod
    def from_json(cls, value: Sequence[Any]) -> Patterns:
        """Return the patterns that ``to_json`` gave."""
        rows, consulted = (None if found is None else tuple(map(Lookup.from_json, found)) for found in value)
        return cls(rows, consulted)


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
