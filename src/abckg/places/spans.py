"""Where the triples of a Turtle document are written: the extents of their subjects, verbs and objects.

Oxigraph reads the triples but does not say where they stand (https://github.com/oxigraph/oxigraph/issues/1526).
This reader follows the grammar just as far as is needed to list the extents in the order in which Oxigraph yields
the triples, so that the two lists are read side by side and every term, above all every blank node, is Oxigraph's
own. The document must be well-formed: that is for Oxigraph to say first.
Layer: text only; imports nothing of the package.
Specification: https://www.w3.org/TR/rdf12-turtle/#sec-grammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Extent", "Kind", "Row", "comments", "rows"]

Kind: TypeAlias = Literal["first", "rest", "reifies", "literal", "other"]

_TOKEN = re.compile(
    r"""(?P<space>[\x20\t\r\n]+)
    |(?P<comment>\#[^\r\n]*)
    |(?P<string>\"\"\"[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*\"\"\"|'''[^'\\]*(?:(?:\\.|'{1,2}(?!'))[^'\\]*)*'''
        |"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')
    |(?P<sign><<\(|\)>>|<<|>>|\{\||\|\}|\^\^|[\[\](),;~])
    |(?P<iri><[^\x00-\x20<>"{}|^`]*>)
    |(?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?)
    |(?P<number>[+-]?(?:[0-9]+\.[0-9]*[eE][+-]?[0-9]+|\.?[0-9]+[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+))
    |(?P<word>(?:[^\x00-\x20<>"'{}|^`\\\[\](),;.\#~@]|\\.|\.+(?=[^\x00-\x20<>"'{}|^`\[\](),;.\#~@]))+)
    |(?P<dot>\.)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"@?(?:prefix|base|version)\Z", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Extent:
    """A stretch of a text: the offsets of its first character and of the one behind its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """Where one triple is written.

    Attributes:
        subject: the subject; all of ``[ … ]``, and of the triples of a list the member that the cell holds.
        verb: the predicate; where none is written, the same as ``subject``.
        object: the object.
        kind: ``first`` or ``rest`` of a list, ``reifies``, else ``literal`` or ``other`` after the object.
    """

    subject: Extent
    verb: Extent
    object: Extent
    kind: Kind


@dataclass(slots=True)
class _Frame:
    """The document or a bracket that is open; ``role`` is what the bracket is to the frame around it."""

    sign: str
    role: str
    state: str
    extent: Extent
    subject: Extent
    verb: Extent
    is_empty: bool = True


def comments(text: str) -> Iterator[Extent]:
    """Yield where the comments of a document stand, without their line ends."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "comment":
            yield Extent(match.start(), match.end())


def rows(text: str) -> list[Row]:
    """Return where each triple of a well-formed document is written, in the order in which Oxigraph yields them."""
    reader = _Reader()
    for match in _TOKEN.finditer(text):
        if match.lastgroup not in ("space", "comment"):
            reader.read(match.lastgroup or "", match.group(), Extent(match.start(), match.end()))
    return reader.rows


class _Reader:
    """A pushdown automaton over tokens; brackets nest as deep as the text has them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        nothing = Extent(0, 0)
        self._frame = _Frame("", "", "subject", nothing, nothing, nothing)
        self._around: list[_Frame] = []
        self._batch: list[Row] = []
        self._literal: Extent | None = None
        self._wants_datatype = False
        self._ends_directive: tuple[str, ...] = ()
        self._states = {
            "directive": self._in_directive,
            "subject": self._at_subject,
            "verb": self._at_verb,
            "object": self._at_object,
            "member": self._at_member,
            "after": self._after_object,
            "reifier": self._at_reifier,
            "reified": self._after_reifier,
            "end": self._at_end,
            "named": self._after_name,
            "term": self._in_term,
        }

    def read(self, kind: str, lexeme: str, extent: Extent) -> None:
        """Take the next token; of the triples that one token completes Oxigraph yields the last one first."""
        if self._literal is None or not self._takes_suffix(self._literal, kind, lexeme, extent):
            self._states[self._frame.state](kind, lexeme, extent)
        self.rows.extend(reversed(self._batch))
        self._batch.clear()

    def _takes_suffix(self, literal: Extent, kind: str, lexeme: str, extent: Extent) -> bool:
        """Take the language or datatype of a literal, which is complete once something else follows."""
        is_suffix = kind == "at" or lexeme == "^^" or self._wants_datatype
        if is_suffix:
            literal.end = extent.end
        self._wants_datatype = lexeme == "^^"
        if not self._wants_datatype:
            self._literal = None
            self._object(literal, "literal")
        return is_suffix

    def _in_directive(self, kind: str, _token: str, _extent: Extent) -> None:
        if kind in self._ends_directive:
            self._frame.state = "subject"

    def _at_subject(self, kind: str, lexeme: str, extent: Extent) -> None:
        if _DIRECTIVE.match(lexeme):
            self._ends_directive = ("dot",) if kind == "at" else ("iri", "string")
            self._frame.state = "directive"
        elif kind == "sign":
            self._open(lexeme, extent, "subject")
        else:
            self._subject(extent)

    def _at_verb(self, kind: str, lexeme: str, extent: Extent) -> None:
        if kind == "dot":
            self._frame.state = "subject"
        elif lexeme in ("]", "|}"):
            self._close(extent)
        elif lexeme != ";":
            self._frame.verb, self._frame.state = extent, "object"

    def _at_object(self, kind: str, lexeme: str, extent: Extent) -> None:
        if kind == "string":
            self._literal = extent
        elif kind == "sign":
            self._open(lexeme, extent, "object")
        else:
            self._object(extent, "literal" if kind == "number" or lexeme in ("true", "false") else "other")

    def _at_member(self, kind: str, lexeme: str, extent: Extent) -> None:
        frame = self._frame
        if not frame.is_empty:
            self._batch.append(Row(frame.subject, frame.subject, extent, "rest"))
        elif frame.role == "object" and lexeme != ")":
            self._object(frame.extent, "other", self._around[-1])
        frame.is_empty = frame.is_empty and lexeme == ")"
        if lexeme == ")":
            self._close(extent)
        else:
            self._at_object(kind, lexeme, extent)

    def _after_object(self, kind: str, lexeme: str, extent: Extent) -> None:
        frame = self._frame
        if lexeme == "{|":
            self._batch.append(Row(extent, extent, extent, "reifies"))
            self._open(lexeme, extent, "annotation")
        elif lexeme in ("]", "|}"):
            self._close(extent)
        else:
            frame.state = {",": "object", ";": "verb", "~": "reifier"}.get(lexeme, "subject")

    def _at_reifier(self, kind: str, lexeme: str, extent: Extent) -> None:
        self._frame.state = "after"
        if lexeme != "{|":
            self._batch.append(Row(extent, extent, extent, "reifies"))
        if kind in ("sign", "dot"):
            self._after_object(kind, lexeme, extent)
        else:
            self._frame.state = "reified"

    def _after_reifier(self, kind: str, lexeme: str, extent: Extent) -> None:
        self._frame.state = "after"
        if lexeme == "{|":
            self._open(lexeme, extent, "annotation")
        else:
            self._after_object(kind, lexeme, extent)

    def _at_end(self, _kind: str, lexeme: str, extent: Extent) -> None:
        if lexeme == "~":
            return
        whole = self._frame.extent
        self._batch.append(Row(whole, whole, whole, "reifies"))
        if lexeme == ">>":
            self._close(extent)
        else:
            self._frame.state = "named"

    def _after_name(self, _kind: str, _token: str, extent: Extent) -> None:
        self._close(extent)

    def _in_term(self, _kind: str, lexeme: str, extent: Extent) -> None:
        if lexeme == "<<(":
            self._open(lexeme, extent, "")
        elif lexeme == ")>>":
            self._close(extent)

    def _open(self, sign: str, extent: Extent, role: str) -> None:
        state = {"(": "member", "<<": "subject", "<<(": "term"}.get(sign, "verb")
        self._around.append(self._frame)
        self._frame = _Frame(sign, role, state, extent, extent, extent)

    def _close(self, extent: Extent) -> None:
        closed, self._frame = self._frame, self._around.pop()
        closed.extent.end = extent.end
        if closed.role == "subject":
            self._subject(closed.extent)
        elif closed.role == "object" and (closed.sign != "(" or closed.is_empty):
            self._object(closed.extent, "other")

    def _subject(self, extent: Extent) -> None:
        self._frame.subject, self._frame.state = extent, "verb"

    def _object(self, extent: Extent, kind: Kind, frame: _Frame | None = None) -> None:
        frame = frame or self._frame
        if frame.sign == "(":
            self._batch.append(Row(extent, extent, extent, "first"))
            frame.subject = extent
        elif frame.sign == "<<":
            frame.state = "end"
        else:
            self._batch.append(Row(frame.subject, frame.verb, extent, kind))
            frame.state = "after"
