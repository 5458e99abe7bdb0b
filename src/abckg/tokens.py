"""Splits a query into tokens, enough to measure it and to find its dataset clause without running anything.

It is no parser: what is well-formed is for the engine to say. Where the two could differ it counts too much, not too
little. Layer: imports nothing of the package. Specification: https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = [
    "Extent",
    "end_of_block",
    "extent_of",
    "final_values",
    "from_clauses",
    "has_relative_iri",
    "tokens_of",
    "without_escapes",
]

_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\r\n]*)
    |(?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<iri><[^\x00-\x20<>"{}|^`\\]*>)
    |(?P<name>[?$@]\w+|(?:[^\W\d][\w-]*)?:[\w:%\\-]*)
    |(?P<number>\d[\d.]*(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<open>[{(\[])
    |(?P<close>[})\]])
    |(?P<operator>[.;,|&+\-*/^!=<>])""",
    re.VERBOSE | re.DOTALL,
)
_OPENING = "{(["
_OPERATORS = ".;,|&+-*/^!=<>"
# Keywords are told from what stands before them by the grammar, not by a space: `1FILTER(...)` is two tokens.
_PATTERN_WORD = re.compile(r"(?:BIND|FILTER|AS)\Z", re.IGNORECASE)
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_PERHAPS_RELATIVE = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*:)")
_FROM_WORD = re.compile(r"FROM(?:NAMED)?\Z", re.IGNORECASE)
_GRAPH = re.compile(r"\s*(?:NAMED\b)?\s*(<[^<>\s]*>|[^\s<>{}()#]*:[^\s<>{}()#]*)", re.IGNORECASE)


class Extent(NamedTuple):
    """How deep the brackets of a query nest, and how many operators and patterns it has."""

    depth: int
    operators: int


def without_escapes(text: str) -> str:
    """Return ``text`` with each escaped code point as the character it stands for."""
    return _CODE_POINT.sub(_character, text) if "\\" in text else text


def extent_of(text: str, most: Extent | None = None) -> Extent:
    """Return how large ``text`` is in the ways on which the stack of a parser and an optimiser depends.

    Where ``text`` has not even the characters to be larger than ``most``, the answer may be larger than the truth.
    """
    if most:
        operators = len(text) if len(text) <= most.operators else _operators_at_most(text)
        bound = Extent(sum(map(text.count, _OPENING)), operators)
        if bound.depth <= most.depth and bound.operators <= most.operators:
            return bound
    depth = operators = 0
    brackets: list[str] = []
    for token in _tokens(text):
        kind, value = token.lastgroup, token.group()
        if kind == "open":
            brackets.append(value)
            depth = max(depth, len(brackets))
            operators += value == "{"
        elif kind == "close" and brackets:
            brackets.pop()
        elif kind == "operator":
            # A comma in parentheses parts arguments or the values of IN, which are flat, however many.
            operators += not (value == "," and brackets[-1:] == ["("])
        elif kind == "word":
            operators += _PATTERN_WORD.search(value) is not None
    return Extent(depth, operators)


def _operators_at_most(text: str) -> int:
    upper = text.upper()
    return sum(map(text.count, _OPERATORS)) + text.count("{") + sum(map(upper.count, ("BIND", "FILTER", "AS")))


def final_values(text: str) -> slice | None:
    """Return the head of the VALUES clause after the pattern of a query, up to its brace; None where it has none."""
    depth, start = 0, None
    for token in _tokens(text):
        if start is not None and token.group() == "{":
            return slice(start, token.start())
        if token.lastgroup in ("open", "close"):
            depth += 1 if token.lastgroup == "open" else -1
        elif token.lastgroup == "word" and depth == 0 and token.group().upper().endswith("VALUES"):
            start = token.end() - len("VALUES")
    return None


def end_of_block(text: str, start: int) -> int | None:
    """Return the place after the brace that closes the one at ``start``; None where none does."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token.group() in ("{", "}"):
            depth += 1 if token.group() == "{" else -1
            if depth == 0:
                return token.end()
    return None


def from_clauses(text: str) -> tuple[str, ...]:
    """Return the graphs that follow FROM and FROM NAMED as they are written: an IRI in brackets or a prefixed name."""
    if "from" not in text.casefold():
        return ()
    found: list[str] = []
    for token in _tokens(text):
        if token.lastgroup == "word" and _FROM_WORD.search(token.group()):
            graph = _GRAPH.match(_blank_comments(text[token.end() :]))
            if graph:
                found.append(graph[1])
    return tuple(found)


def has_relative_iri(text: str) -> bool:
    """Return whether some IRI of ``text`` has no scheme, so that it means something only against a base."""
    if "\\" not in text and not _PERHAPS_RELATIVE.search(text):
        return False
    iris = (token.group() for token in _tokens(without_escapes(text)) if token.lastgroup == "iri")
    return any(not _ABSOLUTE.match(iri) for iri in iris)


def tokens_of(text: str) -> list[re.Match[str]]:
    """Return the tokens of ``text`` that are no comments; the kind of each is its ``lastgroup``."""
    return [token for token in _tokens(text) if token.lastgroup != "comment"]


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(text)


def _blank_comments(text: str) -> str:
    """Return ``text`` without the comments at its very beginning."""
    return re.sub(r"\A(?:\s+|#[^\r\n]*)*(?:NAMED(?:\s+|#[^\r\n]*)*)?", " ", text, flags=re.IGNORECASE)


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]
