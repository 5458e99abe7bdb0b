"""Refuses the queries that would leave the server or change the graph, and says where a query is wrong.

The parser that decides is the one of the engine that would run the query, so that the two cannot disagree on what is
a keyword and what is a word in a literal, a comment, an IRI or a name. A query that contains the letters of SERVICE
is parsed a second time with that word misspelt everywhere: where the word was only text the query stays well-formed,
where it was the keyword it does not.
Layer: imports ``errors`` and ``tokens``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, TypeAlias

import pyoxigraph as ox

from abckg.errors import QueryRefused, QuerySyntaxError
from abckg.tokens import Extent, extent_of, final_values, from_clauses, without_escapes

__all__ = [
    "graphs_named_by",
    "is_volatile",
    "kind_of",
    "none_elsewhere",
    "parse",
    "prologue_of",
    "refuse_oversize",
    "refuse_service",
    "resolved",
    "syntax_error",
]

Parsed: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
QueryKind: TypeAlias = Literal["boolean", "solutions", "graph"]

_SERVICE = re.compile("service", re.IGNORECASE)
_CLAUSE = re.compile(r"service\s*(?:silent)?", re.IGNORECASE)
_MISSPELT = "servize"
_POSITION = re.compile(r"error at (\d+):(\d+): ")
_PROLOGUE = re.compile(r"(?:\s+|#[^\r\n]*|BASE\s*<[^>]*>|PREFIX\s*[^\s:<]*:\s*<[^>]*>)*", re.IGNORECASE)
_UPDATE = re.compile(r"(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)
# Too much rather than too little: a name that ends like a function, or the word in a literal, costs a cached answer.
_VOLATILE = re.compile(
    r"(?:NOW|RAND|UUID|BNODE)(?:\s|#[^\r\n]*(?:[\r\n]|\Z))*\(|(?<![\w:-])SERVICE(?![\w:-])", re.IGNORECASE
)
_VOLATILE_WORDS = ("now", "rand", "uuid", "bnode", "service")
_FORM = re.compile(r"SELECT|ASK|CONSTRUCT|DESCRIBE", re.IGNORECASE)
_KINDS: dict[str, QueryKind] = {"SELECT": "solutions", "ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_ENTRY = re.compile(r""""(?:[^"\\]|\\.)*"|\[(?:'[^']*'|[^\]])*\]|[^,"]+""")
_NOT_OFFERED = {"LATERAL", "SERVICE"}


def parse(text: str) -> Parsed:
    """Return the answer of ``text`` on an empty store: its kind and variables, without touching any data.

    Raises:
        QuerySyntaxError: The text is not a SPARQL query.
        QueryRefused: The text is an update or asks another server.
    """
    refuse_service(text)
    # Other engines replace \uXXXX before they parse, this one while it parses: SERVICE may hide in neither reading.
    refuse_service(without_escapes(text))
    return _run_on_nothing(text)


def refuse_service(text: str) -> None:
    """Raise QueryRefused where ``text`` has a SERVICE clause; literals, comments and names may hold the word.

    A text with the word that is not well-formed raises QuerySyntaxError.
    """
    if "service" not in text.casefold():
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


def none_elsewhere(text: str) -> str:
    """Return ``text``, which asks no other server; raise as ``refuse_service`` where it does."""
    refuse_service(text)
    return text


def syntax_error(text: str, fault: SyntaxError) -> QuerySyntaxError | QueryRefused:
    """Return the error to raise where the engine could not parse ``text``."""
    update = _UPDATE.match(text, _end_of_prologue(text))
    if update:
        return QueryRefused(f"{update.group().upper()} is refused: this address answers queries only.")
    message = " ".join(str(fault.msg).split())
    position = _POSITION.match(message)
    if position is None:
        return QuerySyntaxError(message)
    return QuerySyntaxError(_readable(message[position.end() :]), int(position[1]), int(position[2]))


def is_volatile(text: str) -> bool:
    """Return whether two runs of ``text`` on the same graph may differ (it calls NOW, RAND, UUID ..., or SERVICE)."""
    plain = without_escapes(text)
    folded = plain.casefold()
    return any(map(folded.__contains__, _VOLATILE_WORDS)) and _VOLATILE.search(plain) is not None


@lru_cache(maxsize=64)
def kind_of(text: str) -> QueryKind | None:
    """Return the kind of answer that ``text`` asks for, without running it; None where that cannot be told."""
    form = _FORM.match(text, _end_of_prologue(text))
    return _KINDS[form.group().upper()] if form else None


def refuse_oversize(text: str, depth: int, operators: int) -> None:
    """Raise QueryRefused where ``text`` nests deeper or has more operators; the stack of an engine could overflow."""
    extent = extent_of(without_escapes(text), most=Extent(depth, operators))
    if extent.depth > depth:
        raise QueryRefused(f"The query nests {extent.depth} brackets deep; this server reads {depth}. Flatten it.")
    if extent.operators > operators:
        raise QueryRefused(
            f"The query has {extent.operators} patterns and operators; this server reads {operators}. "
            "Give long lists as VALUES, or split the query."
        )


def graphs_named_by(text: str) -> tuple[str, ...]:
    """Return the IRIs of the graphs that ``text`` names by FROM and FROM NAMED, resolved by its prologue."""
    plain = without_escapes(text)
    names = from_clauses(plain)
    prologue = plain[: _end_of_prologue(plain)] if names else ""
    return tuple(dict.fromkeys(iri for name in names for iri in resolved(name, prologue)))


def prologue_of(text: str) -> str:
    """Return what stands before the form of a query: its base and its prefixes."""
    return text[: _end_of_prologue(text)]


def resolved(name: str, prologue: str) -> list[str]:
    """Return the IRI that a name or a relative IRI stands for after ``prologue``; nothing where it stands for none."""
    try:
        found = ox.Store().query(f"{prologue}\nSELECT ({name} AS ?graph) {{ }}")
    except (SyntaxError, OSError, RuntimeError, ValueError):
        return []  # not a name: the engine says so when it reads the query
    rows = [row[0] for row in found] if isinstance(found, ox.QuerySolutions) else []
    return [term.value for term in rows if isinstance(term, ox.NamedNode)]


def _end_of_prologue(text: str) -> int:
    prologue = _PROLOGUE.match(text)
    return prologue.end() if prologue else 0


def _run_on_nothing(text: str) -> Parsed:
    store = ox.Store()
    try:
        # No rows at the end make the whole empty before it is planned: a query that needs no data runs for no time.
        head = final_values(text)
        if head is None:
            return store.query(f"{text}\nVALUES () {{ }}")
        store.query(f"{text[: _end_of_prologue(text)]}\nSELECT * {{ }} {text[head.start :]}")
        return store.query(f"{text[: head.stop]}{{ }}")
    except (SyntaxError, OSError, RuntimeError, ValueError):
        pass  # a fault is reported as of the text that was sent
    try:
        return store.query(text)
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
