"""Refuses the queries that would leave the server or change the graph, and says where a query is wrong.

The parser that decides is the one of the engine that would run the query, so that the two cannot disagree on what is
a keyword and what is a word in a literal, a comment, an IRI or a name. A query that contains the letters of SERVICE
is parsed a second time with that word misspelt everywhere: where the word was only text the query stays well-formed,
where it was the keyword it does not.
Layer: imports ``errors`` only.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import pyoxigraph as ox

from abckg.errors import QueryRefused, QuerySyntaxError

__all__ = ["is_volatile", "parse", "refuse_service", "syntax_error"]

Parsed: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_SERVICE = re.compile("service", re.IGNORECASE)
_CLAUSE = re.compile(r"service\s*(?:silent)?", re.IGNORECASE)
_MISSPELT = "servize"
_POSITION = re.compile(r"error at (\d+):(\d+): ")
_PROLOGUE = re.compile(r"(?:\s+|#[^\r\n]*|BASE\s*<[^>]*>|PREFIX\s*[^\s:<]*:\s*<[^>]*>)*", re.IGNORECASE)
_UPDATE = re.compile(r"(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)
_VOLATILE = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)
_ENTRY = re.compile(r""""(?:[^"\\]|\\.)*"|\[(?:'[^']*'|[^\]])*\]|[^,"]+""")
_NOT_OFFERED = {"LATERAL", "SERVICE"}
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def parse(text: str) -> Parsed:
    """Return the answer of ``text`` on an empty store: its kind and variables, without touching any data.

    Raises:
        QuerySyntaxError: The text is not a SPARQL query.
        QueryRefused: The text is an update or asks another server.
    """
    refuse_service(text)
    # Other engines replace \uXXXX before they parse, this one while it parses: SERVICE may hide in neither reading.
    refuse_service(_CODE_POINT.sub(_character, text))
    return _run_on_nothing(text)


def refuse_service(text: str) -> None:
    """Raise QueryRefused where ``text`` has a SERVICE clause; literals, comments and names may hold the word.

    A text with the word that is not well-formed raises QuerySyntaxError.
    """
    if not _SERVICE.search(text):
        return
    try:
        _run_on_nothing(_SERVICE.sub(_MISSPELT, text))
    except QuerySyntaxError:
        if _asks_elsewhere(text):
            raise QueryRefused(
                "SERVICE is refused: this server asks no other server. "
                "Ask that one yourself and give the answers as VALUES."
            ) from None
        raise


def syntax_error(text: str, fault: SyntaxError) -> QuerySyntaxError | QueryRefused:
    """Return the error to raise where the engine could not parse ``text``."""
    prologue = _PROLOGUE.match(text)
    update = _UPDATE.match(text, prologue.end() if prologue else 0)
    if update:
        return QueryRefused(f"{update.group().upper()} is refused: this address answers queries only.")
    message = " ".join(str(fault.msg).split())
    position = _POSITION.match(message)
    if position is None:
        return QuerySyntaxError(message)
    return QuerySyntaxError(_readable(message[position.end() :]), int(position[1]), int(position[2]))


def is_volatile(text: str) -> bool:
    """Return whether two runs of ``text`` on the same graph may differ (it calls NOW, RAND, UUID ...)."""
    return _VOLATILE.search(text) is not None


def _run_on_nothing(text: str) -> Parsed:
    try:
        return ox.Store().query(text)
    except SyntaxError as fault:
        raise syntax_error(text, fault) from None
    except (OSError, RuntimeError, ValueError) as fault:
        raise QuerySyntaxError(str(fault)) from None


def _readable(message: str) -> str:
    """Return the parser's message without the classes of characters that no reader can use."""
    head, listed, rest = message.partition("expected one of ")
    if head or not listed:
        return message
    entries = [entry.strip() for entry in _ENTRY.findall(rest)]
    wanted = [entry for entry in entries if entry and not entry.startswith("[") and entry not in _NOT_OFFERED]
    return f"expected one of {', '.join(wanted)}" if wanted else "this is not expected here"


def _asks_elsewhere(text: str) -> bool:
    """Return whether ``text`` is well-formed but for its SERVICE clauses: with GRAPH in their place it parses."""
    try:
        _run_on_nothing(_CLAUSE.sub("GRAPH ", text))
    except (QuerySyntaxError, QueryRefused):
        return False
    return True


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]
