"""The parts of a query, so far that they can be rewritten: its groups with their triples, paths and filters.

Each part keeps its place in the text, so that a rewrite is an edit of the text and everything else stays as it was
written. ``pattern_reader`` makes them from a text. Layer: imports nothing of the package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

__all__ = [
    "RDF_TYPE",
    "Block",
    "Element",
    "Filter",
    "Group",
    "Other",
    "Path",
    "Query",
    "Select",
    "Step",
    "Term",
    "Token",
    "Triple",
]

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


class Token(NamedTuple):
    """A token and its place in the text."""

    kind: str
    text: str
    start: int
    end: int


TermKind: TypeAlias = Literal["variable", "iri", "literal"]


class Term(NamedTuple):
    """A term of a pattern as it is written; the text of a variable begins with ``?``."""

    kind: TermKind
    text: str


class Step(NamedTuple):
    """A step of a path: what is repeated, and ``*``, ``+``, ``?`` or nothing; ``name`` where it is a plain IRI."""

    text: str
    modifier: str
    name: str


class Path(NamedTuple):
    """What stands between subject and object: a variable, or a path of one or more steps."""

    text: str
    steps: tuple[Step, ...]
    variable: str = ""

    @property
    def name(self) -> str:
        """The IRI as it is written where the path is one; else empty."""
        return self.steps[0].name if len(self.steps) == 1 and not self.steps[0].modifier else ""


class Triple(NamedTuple):
    """A triple pattern or a path pattern."""

    subject: Term
    path: Path
    object: Term

    def __str__(self) -> str:
        return f"{self.subject.text} {self.path.text} {self.object.text} ."

    def variables(self) -> set[str]:
        """Return the variables, with question mark."""
        found = {term.text for term in (self.subject, self.object) if term.kind == "variable"}
        return found | {self.path.variable} if self.path.variable else found


@dataclass(frozen=True)
class Block:
    """Triples that follow one another, up to and with the last full stop."""

    start: int
    end: int
    triples: tuple[Triple, ...]


@dataclass(frozen=True)
class Filter:
    """A FILTER: its tokens after the word, or where it is (NOT) EXISTS the group."""

    tokens: tuple[Token, ...]
    exists: Group | None = None


@dataclass(frozen=True)
class Other:
    """Any other element: the word that it begins with (empty for a group or union) and the groups inside it."""

    word: str
    groups: tuple[Group, ...]
    select: Select | None = None


Element: TypeAlias = Block | Filter | Other


@dataclass(frozen=True)
class Group:
    """What stands in braces; ``start`` is after the one that opens, ``end`` before the one that closes."""

    start: int
    end: int
    elements: tuple[Element, ...]

    def leading(self) -> tuple[Block | Filter, ...]:
        """Return the triples and filters before anything else: their triples are joined with each other only."""
        found: list[Block | Filter] = []
        for element in self.elements:
            if isinstance(element, Other):
                break
            found.append(element)
        return tuple(found)

    def walk(self) -> Iterator[Group]:
        """Yield this group and those inside it, but not those of EXISTS."""
        yield self
        for element in self.elements:
            if isinstance(element, Other):
                for group in element.groups:
                    yield from group.walk()


@dataclass(frozen=True)
class Select:
    """A SELECT: the tokens before its group and after it."""

    head: tuple[Token, ...]
    group: Group
    tail: tuple[Token, ...]


@dataclass(frozen=True)
class Query:
    """A query: its form, the namespaces of its prologue, and its outermost part."""

    text: str
    form: str
    prefixes: Mapping[str, str]
    has_base: bool
    select: Select

    def resolve(self, written: str) -> str | None:
        """Return the IRI that is written as ``<...>``, as a prefixed name or as ``a``; None where that is not certain.

        An IRI with dot segments is not certain: a parser removes them where there is a base.
        """
        if written == "a":
            return RDF_TYPE
        if written.startswith("<"):
            iri = written[1:-1]
        else:
            label, _, local = written.partition(":")
            if label not in self.prefixes:
                return None
            iri = self.prefixes[label] + local
        scheme = iri.partition(":")[0]
        return iri if scheme.isalpha() and ":" in iri and "/." not in iri else None
