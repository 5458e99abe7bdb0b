"""Which triple or subject each comment of a Turtle document is about, so that a formatter can keep it there.

A comment behind a triple on the same line is about that triple, any other about what follows it: the next triple, or
the next subject where a statement begins; behind the last of a statement, about that one.
Layer: text and terms only; imports ``positions`` and ``turtlespans``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from abckg.places.positions import Spans
from abckg.places.spans import Extent, Row, comments

__all__ = ["Comments", "read_comments"]

_DIRECTIVE = re.compile(r"(?:\s|#[^\r\n]*)*@?(?:prefix|base|version)\b", re.IGNORECASE)
_COMMENT = re.compile(r"#[^\r\n]*")
_HEAD = re.compile(r"(?:#[^\n]*(?:\n|\Z))+")
_MAYBE = re.compile(r"""^(?:[^"'<#\n]|<[^<>"\n]*>|"(?:[^"\\\n]|\\.)*+")*+[#"'<]""", re.MULTILINE)
_CLOSE = re.compile(r"[ \t;,.\])|}]*")


@dataclass(frozen=True)
class Comments:
    """The comments of a document, without their line ends.

    Attributes:
        head: those before everything else.
        subjects: those about all that is said of a node.
        triples: those about one triple.
        foot: those behind everything else.
    """

    head: list[str] = field(default_factory=list)
    subjects: dict[object, list[str]] = field(default_factory=lambda: defaultdict(list))
    triples: dict[object, list[str]] = field(default_factory=lambda: defaultdict(list))
    foot: list[str] = field(default_factory=list)


def read_comments(text: str, triples: Sequence[ox.Triple]) -> Comments:
    """Return the comments of a document.

    Args:
        text: the well-formed document.
        triples: its triples as Oxigraph yields them.
    """
    text = text.removeprefix("\ufeff")
    head = _HEAD.match(text)
    end = head.end() if head else 0
    kept = Comments([line.rstrip() for line in text[:end].split("\n") if line])
    if _MAYBE.search(text, end):
        reader = _Reader(text, Spans(text, triples).written)
        for extent in comments(text):
            if extent.start >= end:
                reader.attach(extent, kept)
    return kept


class _Reader:
    """Reads comments and triples side by side, in the order of the text."""

    def __init__(self, text: str, written: Sequence[tuple[ox.Triple, Row]]) -> None:
        self._text = text
        rows = [pair for pair in written if pair[1].kind in ("literal", "other")]
        self._rest = sorted(rows, key=lambda pair: -pair[1].object.start)
        self._open: list[tuple[ox.Triple, Row]] = []
        self._ended: tuple[ox.Triple, Row] | None = None

    def attach(self, comment: Extent, kept: Comments) -> None:
        """Put the next comment where it belongs."""
        self._advance(comment.start)
        text = self._text[comment.start : comment.end].rstrip()
        ended, holder, following = self._ended, next(reversed(self._open), None), next(reversed(self._rest), None)
        if ended is None and holder is None and (following is None or _DIRECTIVE.match(self._text, comment.end)):
            kept.head.append(text)
        elif ended is not None and _CLOSE.fullmatch(self._text, ended[1].object.end, comment.start):
            kept.triples[ended[0]].append(text)
        elif following is not None and self._is_near(following[1], holder, comment):
            kept.triples[following[0]].append(text)
        elif holder is not None:
            inner = ended if ended is not None and ended[1].object.start > holder[1].object.start else holder
            kept.triples[inner[0]].append(text)
        elif ended is not None and "." not in _COMMENT.sub("", self._text[ended[1].object.end : comment.start]):
            kept.triples[ended[0]].append(text)
        elif following is not None:
            kept.subjects[following[0].subject].append(text)
        else:
            kept.foot.append(text)

    def _advance(self, offset: int) -> None:
        """Note which triples are written before an offset and which are still open there."""
        while self._rest and self._rest[-1][1].object.start < offset:
            self._close(self._rest[-1][1].object.start)
            self._open.append(self._rest.pop())
        self._close(offset)

    def _close(self, offset: int) -> None:
        while self._open and self._open[-1][1].object.end <= offset:
            self._ended = self._open.pop()

    @staticmethod
    def _is_near(row: Row, holder: tuple[ox.Triple, Row] | None, comment: Extent) -> bool:
        """Return whether the triple that follows is one of the same statement, or of the same brackets."""
        if holder is None:
            return row.subject.start < comment.start
        return row.object.start < holder[1].object.end
