"""From a triple to the place in a file where it is written, in whatever way the Turtle is laid out.

Layer: text and terms only; imports ``namespaces``, ``spans``.
"""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from abckg.namespaces import RDF, Prefixes
from abckg.places.spans import Extent, Row, rows

__all__ = ["Span", "Spans", "is_short", "spelling"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_SHORT = {
    f"{_XSD}integer": re.compile(r"[+-]?[0-9]+\Z"),
    f"{_XSD}decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    f"{_XSD}boolean": re.compile(r"(?:true|false)\Z"),
}

_KINDS = {f"{RDF}{name}": name for name in ("first", "rest", "reifies")}


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a file.

    Lines end with LF and count from 1. Columns count from 1, in code points as SARIF and Python do, without a byte
    order mark; ``end_column`` is the column behind the last character. Turtle is UTF-8, a language server may have to
    convert to UTF-16.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Spans:
    """The places of the triples of one Turtle file; the text is read when the first place is asked for.

    Args:
        text: the well-formed document, as it stands in the file.
        triples: its triples as Oxigraph yields them.
    """

    def __init__(self, text: str, triples: Sequence[ox.Triple]) -> None:
        self._text = text.removeprefix("\ufeff")
        self._triples = triples

    @cached_property
    def written(self) -> Sequence[tuple[ox.Triple, Row]]:
        """Each triple with its extents, in the order of the file; empty should they not fit one another."""
        found = rows(self._text)
        fits = len(found) == len(self._triples) and all(map(_fits, self._triples, found))
        return tuple(zip(self._triples, found, strict=True)) if fits else ()

    @cached_property
    def _by_triple(self) -> dict[object, list[Row]]:
        return _grouped((triple, row) for triple, row in self.written)

    @cached_property
    def _by_subject(self) -> dict[object, list[Row]]:
        return _grouped((triple.subject, row) for triple, row in self.written)

    @cached_property
    def _by_object(self) -> dict[object, list[Row]]:
        return _grouped(
            (triple.object, row)
            for triple, row in self.written
            if isinstance(triple.object, ox.BlankNode) and row.kind != "rest"
        )

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(index + 1 for index, character in enumerate(self._text) if character == "\n")]

    def objects(self, triple: ox.Triple) -> list[Span]:
        """Return where the object of a triple is written; several places where the file states it repeatedly."""
        return [self.span(row.object) for row in self._by_triple.get(triple, ())]

    def verbs(self, triple: ox.Triple) -> list[Span]:
        """Return where the predicate of a triple is written."""
        return [self.span(row.verb) for row in self._by_triple.get(triple, ())]

    def subjects(self, node: object) -> list[Span]:
        """Return where the statements about a node begin; of a blank node written in its place, all of it."""
        found = [row.object for row in self._by_object.get(node, ())] if isinstance(node, ox.BlankNode) else []
        found = found or [row.subject for row in self._by_subject.get(node, ())]
        return [self.span(extent) for extent in dict.fromkeys(found)]

    def span(self, extent: Extent) -> Span:
        """Return lines and columns of an extent."""
        return Span(*self._place(extent.start), *self._place(extent.end))

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1


def _grouped(pairs: Iterable[tuple[object, Row]]) -> dict[object, list[Row]]:
    groups: dict[object, list[Row]] = defaultdict(list)
    for key, row in pairs:
        groups[key].append(row)
    return dict(groups)


def _fits(triple: ox.Triple, row: Row) -> bool:
    kind = _KINDS.get(triple.predicate.value)
    if row.kind in ("first", "rest", "reifies"):
        return row.kind == kind
    return (row.kind == "literal") == isinstance(triple.object, ox.Literal)


def is_short(literal: ox.Literal) -> bool:
    """Return whether a literal is written without quotation marks, such as 2 or true."""
    form = _SHORT.get(literal.datatype.value)
    return form is not None and form.match(literal.value) is not None


def spelling(term: ox.NamedNode | ox.Literal, prefixes: Prefixes) -> str:
    """Return a term as canonical Turtle spells it."""
    if isinstance(term, ox.NamedNode):
        return prefixes.curie(term.value)
    if is_short(term):
        return term.value
    datatype = term.datatype.value
    return str(term).removesuffix(f"<{datatype}>") + (prefixes.curie(datatype) if str(term).endswith(">") else "")
