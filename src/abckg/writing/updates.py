"""Reads a SPARQL update: refuses what would fetch, and takes it apart into operations.

The parser that decides what is well-formed is the engine's own, asked without running anything: an operation that
cannot succeed stands before the text, so that a text that parses fails there. What it accepted is taken apart here
only at its outermost level, where the grammar is small; patterns and templates stay as they were written.
Layer: imports ``errors``, ``safety`` and ``tokens``. Specification: https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pyoxigraph as ox

from abckg.errors import QueryError, QueryRefused, QuerySyntaxError, UpdateSyntaxError
from abckg.safety import syntax_error
from abckg.tokens import end_of_block

__all__ = ["DEFAULT", "GraphName", "Operation", "operations_of"]

DEFAULT = ""
GraphName: TypeAlias = str
Verb: TypeAlias = Literal["CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "MODIFY"]

_IMPOSSIBLE = "CLEAR GRAPH <x:none>; "
_SPACE = r"(?:\s|#[^\r\n]*)*"
_NAME = r"(?:<[^<>\s]*>|(?:\\.|[^\s<>{}()#;\\])*:(?:\\.|[^\s<>{}()#;\\])*)"
_FETCHES = {
    "LOAD": (re.compile("load", re.IGNORECASE), "loaf", "Fetch the document yourself and send it to /store."),
    "SERVICE": (re.compile("service", re.IGNORECASE), "servize", "Ask that server yourself and send what it answers."),
}


@dataclass(frozen=True)
class Operation:
    """One operation of an update; graphs by IRI, ``DEFAULT`` for the default graph.

    Attributes:
        verb: What it does; ``MODIFY`` for everything with data, a template or a pattern.
        is_silent: Whether a graph that is missing, or there already, is no error.
        source: The graph of CLEAR, DROP, CREATE, or the one that is read; ``NAMED`` and ``ALL`` stand for several.
        target: The graph that ADD, MOVE and COPY write to.
        head: The prefixes and the base that hold for it.
        graph: The graph of WITH as it was written; empty where there is none.
        delete: The block of DELETE with its braces; empty where there is none.
        insert: The block of INSERT with its braces; empty where there is none.
        using: The clauses USING as they were written.
        where: The pattern with its braces.
    """

    verb: Verb
    is_silent: bool = False
    source: GraphName = DEFAULT
    target: GraphName = DEFAULT
    head: str = ""
    graph: str = ""
    delete: str = ""
    insert: str = ""
    using: str = ""
    where: str = ""


def operations_of(text: str, base: str) -> tuple[Operation, ...]:
    """Return the operations of an update, in their order.

    Args:
        text: The update.
        base: What relative IRIs are resolved against.

    Raises:
        UpdateSyntaxError: It is not well-formed; with line and column.
        QueryRefused: It has LOAD or SERVICE.
        QueryError: It is well-formed, but cannot be taken apart for certain.
    """
    reader = _Reader(text, base)
    lost = 0
    try:
        reader.read()
    except _LostError as fault:
        lost = fault.line
    for operation, place in reader.found:
        _check(operation, text, place, base)
    fault_of_rest = _fault_of(reader.head, text, reader.start if lost else len(text), base)
    if fault_of_rest is not None:
        raise fault_of_rest
    if lost:
        raise QueryError(f"The update cannot be taken apart for certain at line {lost}; write it more plainly.")
    return tuple(operation for operation, _ in reader.found)


class _LostError(Exception):
    """The text is not what the grammar says at a line."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _check(operation: Operation, text: str, place: slice, base: str) -> None:
    """Raise where the engine cannot parse an operation, or where it would fetch."""
    written = text[: place.stop]
    fault = _fault_of(operation.head, written, place.start, base)
    if fault is not None:
        raise fault
    for name, (pattern, misspelt, _) in _FETCHES.items():
        # Where the word is only text, in a literal or a name, all is as well-formed with another word in its place.
        if not pattern.search(written, place.start):
            continue
        other = pattern.sub(misspelt, written[place.start :])
        if _fault_of(pattern.sub(misspelt, operation.head), other, 0, base) is not None:
            raise _refusal(name)


def _refusal(name: str) -> QueryRefused:
    return QueryRefused(f"{name} is refused: this server fetches nothing. {_FETCHES[name][2]}")


def _fault_of(head: str, text: str, start: int, base: str) -> UpdateSyntaxError | None:
    """Return what the engine says of ``text`` from ``start`` on after the prologue ``head``, at its place in ``text``.

    It is not run: the operation before it cannot succeed.
    """
    before = f"{' '.join(head.split())} {_IMPOSSIBLE}"
    blank = "".join(character if character in "\r\n" else " " for character in text[:start])
    try:
        ox.Store().update(f"{before}{blank}{text[start:]}", base_iri=base)
    except SyntaxError as fault:
        found = syntax_error("", fault)  # without the text, which it would take for one sent to the wrong place
        if not isinstance(found, QuerySyntaxError):
            return UpdateSyntaxError(str(fault.msg))
        shift = len(before) if found.line == 1 else 0
        column = None if found.column is None else max(1, found.column - shift)
        return UpdateSyntaxError(found.reason, found.line, column)
    except RuntimeError:
        return None
    except (OSError, ValueError) as fault:
        return UpdateSyntaxError(str(fault))
    return UpdateSyntaxError("this is not expected here")


class _Reader:
    """Goes through the outermost level of an update.

    Attributes:
        found: The operations so far, with their places in the text.
        head: All the prologue so far.
        start: Where the operation begins that is read.
    """

    def __init__(self, text: str, base: str) -> None:
        self._text, self._base = text, base
        self._place = 0
        self.found: list[tuple[Operation, slice]] = []
        self.head = ""
        self.start = 0

    def read(self) -> None:
        """Read to the end; _LostError where that cannot be."""
        while True:
            self._prologue()
            if self._at_end():
                return
            self.start = self._place
            self.found.append((self._operation(), slice(self.start, self._place)))
            if not self._take(";") and not self._at_end():
                raise self._lost()

    def _prologue(self) -> None:
        while True:
            declared = self._take(rf"(?:BASE{_SPACE}|PREFIX{_SPACE}[^\s:<]*:{_SPACE})<[^<>\s]*>")
            if not declared:
                return
            self.head += " ".join(re.sub(r"#[^\r\n]*[\r\n]", " ", declared).split()) + " "

    def _operation(self) -> Operation:
        verb = self._take("CLEAR|DROP|CREATE|ADD|MOVE|COPY|LOAD").upper()
        if verb == "LOAD":
            raise _refusal(verb)
        if not verb:
            return self._modify()
        silent = bool(self._take("SILENT"))
        source = self._graph(allow_many=verb in ("CLEAR", "DROP"))
        target = DEFAULT
        if verb in ("ADD", "MOVE", "COPY"):
            self._expect("TO")
            target = self._graph()
        return Operation(verb, silent, source, target, self.head)  # type: ignore[arg-type]

    def _graph(self, *, allow_many: bool = False) -> GraphName:
        many = self._take("NAMED|ALL").upper() if allow_many else ""
        if many:
            return many
        if self._take("DEFAULT"):
            return DEFAULT
        self._take("GRAPH")
        return self._resolved(self._expect(_NAME))

    def _resolved(self, name: str) -> str:
        try:
            found = ox.Store().query(f"{self.head}SELECT ({name} AS ?graph) {{ }}", base_iri=self._base)
        except (SyntaxError, ValueError) as fault:
            raise self._lost() from fault
        terms = [row[0] for row in found] if isinstance(found, ox.QuerySolutions) else []
        if len(terms) != 1 or not isinstance(terms[0], ox.NamedNode):
            raise self._lost()
        return terms[0].value

    def _modify(self) -> Operation:
        if self._take(f"INSERT{_SPACE}DATA"):
            return Operation("MODIFY", head=self.head, insert=self._block(), where="{ }")
        if self._take(f"DELETE{_SPACE}DATA"):
            return Operation("MODIFY", head=self.head, delete=self._block(), where="{ }")
        if self._take(f"DELETE{_SPACE}WHERE"):
            block = self._block()
            return Operation("MODIFY", head=self.head, delete=block, where=block)
        graph = self._expect(_NAME) if self._take("WITH") else ""
        delete = self._block() if self._take("DELETE") else ""
        insert = self._block() if self._take("INSERT") else ""
        using = ""
        while self._take("USING"):
            named = self._take("NAMED")
            using += f"USING {named} {self._expect(_NAME)} "
        self._expect("WHERE")
        return Operation(
            "MODIFY", head=self.head, graph=graph, delete=delete, insert=insert, using=using, where=self._block()
        )

    def _block(self) -> str:
        self._skip()
        end = end_of_block(self._text, self._place) if self._text[self._place : self._place + 1] == "{" else None
        if end is None:
            raise self._lost()
        block, self._place = self._text[self._place : end], end
        return block

    def _skip(self) -> None:
        space = re.compile(_SPACE).match(self._text, self._place)
        self._place = space.end() if space else self._place

    def _at_end(self) -> bool:
        self._skip()
        return self._place == len(self._text)

    def _take(self, pattern: str) -> str:
        self._skip()
        found = re.compile(pattern, re.IGNORECASE).match(self._text, self._place)
        self._place = found.end() if found else self._place
        return found.group() if found else ""

    def _expect(self, pattern: str) -> str:
        found = self._take(pattern)
        if not found:
            raise self._lost()
        return found

    def _lost(self) -> _LostError:
        return _LostError(self._text.count("\n", 0, self._place) + 1)
