"""Where one is in a Turtle file that is being written: lines and columns of an editor, and the statement at the cursor.

An editor counts a column in units of UTF-16 unless it agrees on another encoding, a finding in code points.
Layer: part of ``lsp``; imports ``namespaces``.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from abckg.namespaces import RDF, Prefixes

__all__ = ["Cursor", "LineMap", "Name", "Statement", "name_at", "statement_at"]

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\r\n]*)"""
    r"""|(?P<text>\"{3}(?:[^"\\]|\\.|\"{1,2}(?!\"))*(?:\"{3}|\Z)|'{3}(?:[^'\\]|\\.|'{1,2}(?!'))*(?:'{3}|\Z)"""
    r"""|"(?:[^"\\\r\n]|\\.)*"?|'(?:[^'\\\r\n]|\\.)*'?)"""
    r"""|(?P<iri><[^<>"{}|^`\\\s]*>)|(?P<at>@[A-Za-z][A-Za-z0-9-]*)"""
    r"""|(?P<name>[\w.-]*:(?:[\w:%-]|\\.|\.(?=[\w:%-]))*)|(?P<number>[+-]?[0-9][0-9.eE+-]*)"""
    r"""|(?P<word>\w+)|(?P<sign>\^\^|[][(){};,.])""",
    re.DOTALL,
)
Role = Literal["subject", "predicate", "object", "directive", "none"]


class LineMap:
    """The lines of a document, in the units of an editor and in those of findings.

    Args:
        text: the document as the editor has it; a byte order mark counts there and not in findings.
        encoding: ``utf-8``, ``utf-16`` or ``utf-32``, what the editor counts columns in.
    """

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self._text = text
        self._encoding = encoding
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    @cached_property
    def _feeds(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\n", self._text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line from 0 and the column in the editor's units of an offset in code points."""
        line = bisect.bisect_right(self._starts, offset) - 1
        return line, self._units(self._text[self._starts[line] : offset])

    def offset(self, line: int, character: int) -> int:
        """Return the offset in code points of a place; one beyond the end of its line is the end of the line."""
        if line >= len(self._starts):
            return len(self._text)
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        place = self._starts[line]
        for index, sign in enumerate(self._text[place:end].rstrip("\r\n")):
            if character <= 0:
                return place + index
            character -= self._units(sign)
        return place + len(self._text[place:end].rstrip("\r\n"))

    def of_finding(self, line: int, column: int) -> int:
        """Return the offset of a line and a column from 1 as findings have them."""
        start = self._feeds[min(line, len(self._feeds)) - 1]
        mark = 1 if start == 0 and self._text.startswith("\ufeff") else 0
        return min(start + mark + column - 1, len(self._text))

    def word_end(self, offset: int) -> int:
        """Return where the word at an offset ends, or the line where there is none."""
        match = re.compile(r"[^\s;,]+|[^\r\n]*").match(self._text, offset)
        return match.end() if match else offset

    def _units(self, text: str) -> int:
        if self._encoding == "utf-32":
            return len(text)
        return len(text.encode("utf-8")) if self._encoding == "utf-8" else len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True)
class Name:
    """A name in the text: the IRI it stands for and its extent."""

    iri: str
    start: int
    end: int


@dataclass
class Statement:
    """What is being said where the cursor stands: the subject with its types and the property, as far as written."""

    subject: str = ""
    types: list[str] = field(default_factory=list)
    predicate: str = ""


@dataclass(frozen=True)
class Cursor:
    """The place of the cursor in a statement.

    Attributes:
        role: what a name here would be.
        statement: the statement so far.
        typed: the beginning of the name in front of the cursor.
        start: where it begins.
    """

    role: Role
    statement: Statement
    typed: str
    start: int


def name_at(text: str, offset: int, prefixes: Prefixes) -> Name | None:
    """Return the name at an offset, None where none is or where its prefix is unknown."""
    for match in _tokens(text):
        if match.start() > offset:
            return None
        if offset <= match.end() and match.lastgroup in ("iri", "name", "word"):
            iri = _expand(match, prefixes)
            return Name(iri, match.start(), match.end()) if iri else None
    return None


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(text)


def _expand(match: re.Match[str], prefixes: Prefixes) -> str:
    text = match[0]
    if match.lastgroup == "iri":
        return text[1:-1]
    if match.lastgroup == "word":
        return f"{RDF}type" if text == "a" else ""
    label = text.partition(":")[0]
    return prefixes.expand(text).replace("\\", "") if label in prefixes else ""


def statement_at(text: str, offset: int, prefixes: Prefixes) -> Cursor:
    """Return what is being written at an offset; the text behind it does not matter."""
    walk = _Walk(prefixes)
    for match in _tokens(text[:offset]):
        touches = match.end() == offset
        if touches and match.lastgroup in ("comment", "text", "at"):
            return Cursor("none", Statement(), "", offset)
        if touches and match.lastgroup in ("name", "word", "iri"):
            return Cursor(walk.role, walk.statement, match[0], match.start())
        walk.take(match)
    return Cursor(walk.role, walk.statement, "", offset)


class _Walk:
    """Follows the statements of a file, token by token, into brackets and out of them."""

    def __init__(self, prefixes: Prefixes) -> None:
        self._prefixes = prefixes
        self._stack: list[tuple[Statement, Role]] = []
        self.statement = Statement()
        self.role: Role = "subject"

    def take(self, match: re.Match[str]) -> None:
        kind, sign = match.lastgroup or "", match[0]
        if kind == "at" and sign in ("@prefix", "@base"):
            self.role = "directive"
        elif kind == "sign":
            self._sign(sign)
        elif kind in ("name", "iri", "word", "text", "number"):
            self._term(_expand(match, self._prefixes) if kind in ("name", "iri", "word") else "")

    def _sign(self, sign: str) -> None:
        if sign == "." and not self._stack:
            self.statement, self.role = Statement(), "subject"
        elif sign == ";" and self.role != "directive":
            self.role = "predicate"
        elif sign == ",":
            self.role = "object"
        elif sign == "[":
            self._stack.append((self.statement, self.role))
            self.statement, self.role = Statement(), "predicate"
        elif sign == "(":
            self._stack.append((self.statement, self.role))
        elif sign in ("]", ")") and self._stack:
            self.statement, role = self._stack.pop()
            self.role = "predicate" if role == "subject" else role

    def _term(self, iri: str) -> None:
        if self.role == "subject":
            self.statement, self.role = Statement(iri), "predicate"
        elif self.role == "predicate":
            self.statement.predicate, self.role = iri, "object"
        elif self.role == "object" and self.statement.predicate == f"{RDF}type" and iri:
            self.statement.types.append(iri)
