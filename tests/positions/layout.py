"""Writes records as Turtle in a random layout and keeps book of the line on which each marked term begins.

It shares no code with the reader under test: it knows the lines because it wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

import pyoxigraph as ox

Value: TypeAlias = "ox.NamedNode | ox.Literal | Brackets | Members"
NAMESPACES = (
    "https://w3id.org/abc-kg/ontology#",
    "http://www.w3.org/2004/02/skos/core#",
    "http://www.w3.org/2001/XMLSchema#",
    "https://w3id.org/abc-kg/id/document/",
    "https://w3id.org/abc-kg/id/status/",
    "https://example.org/",
)
LABELS = ("", "a", "é", "x.y", "z-1", "日本", "true.b", "q", "base")
ROOT = "https://w3id.org/abc-kg/id/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD = "http://www.w3.org/2001/XMLSchema#"
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
NUMBER = {f"{XSD}integer": re.compile(r"[+-]?\d+\Z"), f"{XSD}boolean": re.compile(r"(true|false)\Z")}


@dataclass
class Brackets:
    """A blank node written in its place."""

    pairs: list[tuple[str, Value, str]]


@dataclass
class Members:
    """A list; each member with its mark."""

    items: list[tuple[Value, str]]


@dataclass
class Statement:
    """One triple to write; ``verb_mark`` and ``mark`` name its predicate and its object."""

    subject: str
    predicate: str
    value: Value
    mark: str = ""
    verb_mark: str = ""


@dataclass
class Layout:
    """A random layout of one file."""

    random: Random
    pieces: list[str] = field(default_factory=list)
    starts: dict[str, int] = field(default_factory=dict)
    length: int = 0

    def __post_init__(self) -> None:
        labels = self.random.sample(LABELS, len(NAMESPACES))
        self.newline = self.random.choice(("\n", "\r\n"))
        self.labels = {ns: label for ns, label in zip(NAMESPACES, labels, strict=True) if self.random.random() < 0.7}
        self.has_base = self.random.random() < 0.4

    def write(self, statements: list[Statement]) -> tuple[str, dict[str, int]]:
        """Return the text and the line of each mark, and of each subject where it first stands."""
        self._head()
        for subject in self._shuffled(list(dict.fromkeys(s.subject for s in statements))):
            own = [s for s in self._shuffled(statements) if s.subject == subject]
            cut = self.random.randrange(1, len(own)) if len(own) > 2 and self.random.random() < 0.3 else len(own)
            for block in filter(None, (own[:cut], own[cut:])):
                self._block(subject, block)
        text = "".join(self.pieces)
        lines = {mark: text.count("\n", 0, start) + 1 for mark, start in self.starts.items()}
        return ("\ufeff" if self.random.random() < 0.2 else "") + text, lines

    def _shuffled(self, items: list[Statement] | list[str]) -> list:  # type: ignore[type-arg]
        return self.random.sample(items, len(items))

    def _put(self, text: str, mark: str = "") -> None:
        if mark:
            self.starts.setdefault(mark, self.length)
        self.pieces.append(text)
        self.length += len(text)

    def _gap(self) -> None:
        self._put(
            self.random.choice(
                (" ", "  ", "\t", " ", self.newline, f"{self.newline}    ", f' # [ ( " ; .{self.newline}', " ")
            )
        )

    def _head(self) -> None:
        for namespace, label in self.labels.items():
            at = self.random.random() < 0.5
            self._put(f"@prefix {label}: <{namespace}> ." if at else f"prefix {label}: <{namespace}>")
            self._put(self.newline)
        if self.has_base:
            self._put(self.random.choice((f"@base <{ROOT}> .", f"BASE <{ROOT}>")) + self.newline)

    def _block(self, subject: str, statements: list[Statement]) -> None:
        self._put(self._iri(subject), subject)
        previous = ""
        for number, statement in enumerate(statements):
            if number and statement.predicate == previous and not statement.verb_mark:
                self._loose(",")
            else:
                if number:
                    self._loose(";")
                self._gap()
                self._put(self._verb(statement.predicate), statement.verb_mark)
            self._gap()
            self._value(statement.value, statement.mark)
            previous = statement.predicate
        if self.random.random() < 0.3:
            self._loose(";")
        self._gap()
        self._put(".")
        self._put(self.random.choice((self.newline, self.newline * 2, " ")))

    def _loose(self, sign: str) -> None:
        self._gap()
        self._put(sign)

    def _verb(self, iri: str) -> str:
        return "a" if iri == TYPE and self.random.random() < 0.8 else self._iri(iri)

    def _iri(self, iri: str) -> str:
        for namespace, label in self.labels.items():
            local = iri.removeprefix(namespace)
            if local != iri and PLAIN.match(local) and self.random.random() < 0.8:
                return f"{label}:{local}"
        if self.has_base and iri.startswith(ROOT) and self.random.random() < 0.5:
            return f"<{iri.removeprefix(ROOT)}>"
        return f"<{iri}>"

    def _value(self, value: Value, mark: str) -> None:
        if isinstance(value, ox.NamedNode):
            self._put(self._iri(value.value), mark)
        elif isinstance(value, ox.Literal):
            self._put(self._literal(value), mark)
        elif isinstance(value, Brackets):
            self._put("[", mark)
            for number, (predicate, inner, inner_mark) in enumerate(value.pairs):
                if number:
                    self._loose(";")
                self._gap()
                self._put(self._iri(predicate))
                self._gap()
                self._value(inner, inner_mark)
            self._loose("]")
        else:
            self._put("(", mark)
            for inner, inner_mark in value.items:
                self._gap()
                self._value(inner, inner_mark)
            self._loose(")")

    def _literal(self, literal: ox.Literal) -> str:
        datatype = literal.datatype.value
        if datatype in NUMBER and NUMBER[datatype].match(literal.value) and self.random.random() < 0.7:
            return literal.value
        quotes = self.random.choice(('"', "'", '"""', "'''"))
        text = self._quoted(literal.value, is_long=len(quotes) == 3)
        suffix = f"@{literal.language}" if literal.language else f"^^{self._iri(datatype)}"
        return f"{quotes}{text}{quotes}{'' if datatype == f'{XSD}string' else suffix}"

    def _quoted(self, text: str, *, is_long: bool) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'").replace("\r", "\\r")
        if not is_long:
            escaped = escaped.replace("\n", "\\n")
        chance = 0.2 if self.random.random() < 0.3 else 0.0
        hexed: Callable[[str], str] = lambda c: f"\\u{ord(c):04X}" if "\u3040" <= c <= "\u9fff" else c  # noqa: E731
        return "".join(hexed(c) if self.random.random() < chance else c for c in escaped)
