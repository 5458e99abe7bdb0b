"""Cuts what a query sorts: ``ORDER BY DESC(?v) LIMIT 10`` over many triples needs only the largest values.

From the statistics comes a value that more rows than asked for should reach. Where all values of the predicate are
numbers and every row has one, the rows that reach it are exactly those that come first; whether there are enough of
them is seen when they are there (``Cut.rows``), or else the query is asked as it was.
Layer: imports ``patterns`` and ``statistics``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from abckg.rewriting.patterns import Block, Group, Other, Query, Token, Triple
from abckg.rewriting.statistics import PredicateCounts, Statistics

__all__ = ["Cut", "cut_of"]

_NOT_A_KEY = {"LIMIT", "OFFSET", "VALUES", "HAVING", "GROUP", "{"}
_NUMBER = re.compile(r'"([+-]?\d{1,15}(?:\.\d{0,15})?)"\^\^<http://www\.w3\.org/2001/XMLSchema#(?:integer|decimal)>\Z')
_FEWEST_TRIPLES = 2000  # fewer are sorted at once
_MOST_ROWS = 1000
_SPARE = 10  # times as many rows as are asked for should reach the value
_WORTH = 4  # what leaves out less than this part of all saves nothing


class Cut(NamedTuple):
    """A triple to begin with, the condition on its object, and how many rows the answer must have to be right."""

    triple: Triple
    condition: str
    rows: int


class _Order(NamedTuple):
    variable: str
    is_descending: bool
    limit: int
    offset: int


def cut_of(query: Query, statistics: Statistics) -> Cut | None:
    """Return what the outermost group of ``query`` can be cut to; None where that is not certain or saves nothing."""
    if query.form != "SELECT" or any(token.kind == "sign" and token.text != "*" for token in query.select.head):
        return None
    if any(token.text.upper() in ("DISTINCT", "REDUCED") for token in query.select.head):
        return None
    order = _order(query.select.tail)
    triple = _sorted_by(query.select.group, order.variable) if order else None
    if order is None or triple is None or order.limit == 0 or order.limit + order.offset > _MOST_ROWS:
        return None
    name = query.resolve(triple.path.name)
    counts = statistics.predicates.get(name) if name else None
    if counts is None or counts.triples < _FEWEST_TRIPLES:
        return None
    value = _reached(counts, _SPARE * (order.limit + order.offset), is_descending=order.is_descending)
    if value is None:
        return None
    sign = ">=" if order.is_descending else "<="
    return Cut(triple, f"FILTER({order.variable} {sign} {value})", order.limit)


def _order(tokens: Sequence[Token]) -> _Order | None:
    """Return the first key of ORDER BY, LIMIT and OFFSET; None where something else follows the pattern."""
    words = [token.text.upper() if token.kind == "word" else token.text for token in tokens]
    if words[:2] != ["ORDER", "BY"] or len(words) < 5:
        return None
    if words[2] in ("ASC", "DESC"):
        key, is_descending = (words[4], words[2] == "DESC") if words[3] == "(" and words[5:6] == [")"] else ("", False)
    else:
        key, is_descending = words[2], False
    numbers = {"LIMIT": -1, "OFFSET": 0}
    end = len(words)
    while end > 3 and words[end - 2] in numbers and words[end - 1].isdecimal():
        numbers[words[end - 2]] = int(words[end - 1])
        end -= 2
    rest = set(words[3:end])
    if (
        key[:1] not in ("?", "$")
        or numbers["LIMIT"] < 0
        or rest & {"LIMIT", "OFFSET", "VALUES", "HAVING", "GROUP", "{"}
    ):
        return None
    return _Order(f"?{key[1:]}", is_descending, numbers["LIMIT"], numbers["OFFSET"])


def _sorted_by(group: Group, variable: str) -> Triple | None:
    """Return the triple whose object is sorted by, in a group that nothing else makes smaller."""
    if any(not isinstance(element, Block) and not _is_optional(element) for element in group.elements):
        return None
    blocks = [element for element in group.leading() if isinstance(element, Block)]
    triples = [triple for block in blocks for triple in block.triples]
    if any({triple.subject.kind, triple.object.kind} != {"variable"} or not triple.path.name for triple in triples):
        return None
    found = [triple for triple in triples if triple.object.text == variable and triple.subject.text != variable]
    return found[0] if found else None


def _is_optional(element: object) -> bool:
    return isinstance(element, Other) and element.word == "OPTIONAL"


def _reached(counts: PredicateCounts, rows: int, *, is_descending: bool) -> str | None:
    """Return a value that at least ``rows`` triples should reach, and not a large part of all."""
    if rows * _WORTH > counts.triples:
        return None
    if counts.objects is not None:
        found = _numbers(counts.objects)
        ends = {term: (number, counts.objects[term]) for term, number in found.items()} if found else {}
    elif counts.histogram is not None:
        width, numbers = Decimal(counts.histogram.width), counts.histogram.numbers
        places = {interval: Decimal(interval) + (0 if is_descending else 1) for interval in numbers}
        ends = {f"{place * width:f}": (place, numbers[interval]) for interval, place in places.items()}
    else:
        return None
    ranked = sorted(ends, key=lambda term: ends[term][0], reverse=is_descending)
    reached = accumulate(ends[term][1] for term in ranked)
    term, number = next((pair for pair in zip(ranked, reached, strict=True) if pair[1] >= rows), (None, 0))
    return term if number * _WORTH <= counts.triples * (_WORTH - 1) else None


def _numbers(terms: Iterable[str]) -> dict[str, Decimal] | None:
    """Return the numbers that terms are, as N-Triples write them; None where one is none."""
    found = {term: _NUMBER.match(term) for term in terms}
    return {term: Decimal(match[1]) for term, match in found.items() if match} if all(found.values()) else None
