"""Answers queries that count a whole pattern from the statistics of the store.

Such a query becomes one that has its rows as VALUES: the engine still sorts, cuts and writes them. What is answered:
``COUNT`` of all triples, of those with a predicate, of those with a predicate and an object; the same grouped by
predicate or by object; and the different predicates and objects.
Layer: imports ``patterns`` and ``statistics``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from abckg.rewriting.patterns import Block, Query, Token, Triple
from abckg.rewriting.statistics import Statistics

__all__ = ["counted"]


class _Column(NamedTuple):
    """A column: a variable, or where ``of`` is not None the number of rows or of the values of a variable."""

    variable: str
    of: str | None = None
    is_distinct: bool = False


class _Tail(NamedTuple):
    """What follows the pattern: the variables grouped by and sorted by, and the text without GROUP BY."""

    groups: tuple[str, ...]
    keys: tuple[str, ...]
    text: str


def counted(query: Query, statistics: Statistics) -> str | None:
    """Return a query with the same answer as ``query`` from counts; None where they do not have it."""
    if query.form != "SELECT":
        return None
    elements = query.select.group.elements
    if len(elements) != 1 or not isinstance(elements[0], Block) or len(elements[0].triples) != 1:
        return None
    triple = elements[0].triples[0]
    read = _columns(query.select.head)
    tail = _tail(query.select.tail)
    if read is None or tail is None:
        return None
    is_distinct, columns = read
    names = [column.variable for column in columns]
    made = {column.variable for column in columns if column.of is not None}
    if len(set(names)) != len(names) or made & triple.variables() or not set(tail.keys) <= set(names):
        return None
    rows = _rows(query, statistics, triple, columns, tail.groups, is_distinct=is_distinct)
    if rows is None:
        return None
    body = " ".join(f"({' '.join(row)})" for row in rows)
    head = f"SELECT {'DISTINCT ' if is_distinct else ''}{' '.join(names)}"
    return f"{head} WHERE {{ VALUES ({' '.join(names)}) {{ {body} }} }} {tail.text}"


def _rows(
    query: Query,
    statistics: Statistics,
    triple: Triple,
    columns: list[_Column],
    groups: tuple[str, ...],
    *,
    is_distinct: bool,
) -> list[list[str]] | None:
    """Return the rows of the answer, or None."""
    plain = [column.variable for column in columns if column.of is None]
    aggregates = [column for column in columns if column.of is not None]
    by = groups or (tuple(plain) if is_distinct and not aggregates else ())
    if len(by) > 1 or set(plain) - set(by) or not (by or aggregates):
        return None
    counts = _counts(query, statistics, triple, by[0] if by else None)
    # Of the different values of a variable: known only where each row has another.
    single = _single(triple, by[0] if by else None)
    if counts is None or any(not _is_known(column, triple, single) for column in aggregates):
        return None
    return [[str(number) if column.of is not None else term for column in columns] for term, number in counts]


def _is_known(column: _Column, triple: Triple, single: str | None) -> bool:
    if column.of == "*":
        return True
    return column.of in triple.variables() and (not column.is_distinct or column.of == single)


def _single(triple: Triple, by: str | None) -> str | None:
    """Return the only variable that differs within a group."""
    rest = triple.variables() - {by}
    return rest.pop() if len(rest) == 1 else None


def _counts(query: Query, statistics: Statistics, triple: Triple, by: str | None) -> Iterable[tuple[str, int]] | None:
    """Return the terms of the variable ``by`` with their numbers of triples; without one, one number of all."""
    subject, path, value = triple
    written = [path.variable, *(term.text for term in (subject, value) if term.kind == "variable")]
    if subject.kind != "variable" or len({*written, ""}) != len(written) + bool(path.variable):
        return None  # one variable in two places
    if path.variable:
        if value.kind != "variable":
            return None
        if by is None:
            return [("", statistics.triples)]
        found = {f"<{name}>": counts.triples for name, counts in statistics.predicates.items()}
        return found.items() if by == path.variable else None
    name = query.resolve(path.name) if path.name else None
    if name is None:
        return None
    counts = statistics.predicates.get(name)
    if value.kind == "variable":
        if by is None:
            return [("", counts.triples if counts else 0)]
        if by != value.text:
            return None
        return () if counts is None else None if counts.objects is None else counts.objects.items()
    iri = query.resolve(value.text) if value.kind == "iri" else None
    if by is not None or iri is None or (counts is not None and counts.objects is None):
        return None
    objects = (counts.objects if counts else None) or {}
    return [("", objects.get(f"<{iri}>", 0))]


def _columns(head: tuple[Token, ...]) -> tuple[bool, list[_Column]] | None:
    """Return whether SELECT has DISTINCT, and its columns; None where one is something else."""
    words = [token.text.upper() if token.kind == "word" else token.text for token in head]
    if words and words[-1] == "WHERE":
        words.pop()
    is_distinct = bool(words) and words[0] == "DISTINCT"
    columns: list[_Column] = []
    at = int(is_distinct)
    while at < len(words):
        if words[at][0] in "?$":
            columns.append(_Column(f"?{words[at][1:]}"))
            at += 1
            continue
        if words[at : at + 3] != ["(", "COUNT", "("]:
            return None
        at += 3
        has_distinct = words[at] == "DISTINCT"
        at += has_distinct
        of, closing, word, alias, end = words[at : at + 5] if len(words) >= at + 5 else [""] * 5
        if (closing, word, end) != (")", "AS", ")") or alias[0] not in "?$" or (of != "*" and of[0] not in "?$"):
            return None
        columns.append(_Column(f"?{alias[1:]}", of if of == "*" else f"?{of[1:]}", has_distinct))
        at += 5
    return (is_distinct, columns) if columns else None


def _tail(tokens: tuple[Token, ...]) -> _Tail | None:
    """Return what follows the pattern: GROUP BY and ORDER BY variables, LIMIT and OFFSET; None for anything else."""
    words = [token.text.upper() if token.kind == "word" else token.text for token in tokens]
    groups: list[str] = []
    keys: list[str] = []
    text: list[str] = []
    at = 0
    if words[:2] == ["GROUP", "BY"]:
        at = 2
        while at < len(words) and words[at][0] in "?$":
            groups.append(f"?{words[at][1:]}")
            at += 1
        if len(groups) != 1:
            return None
    if words[at : at + 2] == ["ORDER", "BY"]:
        text += words[at : at + 2]
        at += 2
        while at < len(words) and words[at] not in ("LIMIT", "OFFSET"):
            size = 4 if words[at] in ("ASC", "DESC") else 1
            key = words[at : at + size]
            name = key[size // 2] if len(key) == size else " "
            if name[0] not in "?$" or (size == 4 and (key[1], key[3:]) != ("(", [")"])):
                return None
            keys.append(f"?{name[1:]}")
            text += key
            at += size
        if not keys:
            return None
    while words[at : at + 1] and words[at] in ("LIMIT", "OFFSET") and tokens[at + 1 : at + 2]:
        if tokens[at + 1].kind != "number":
            return None
        text += words[at : at + 2]
        at += 2
    return _Tail(tuple(groups), tuple(keys), " ".join(text)) if at == len(words) else None
