"""What the graph says of one thing: the statements about it and its parts, and those that point at it.

A record owns its parts: whatever has an IRI under its own, such as its memberships, its figures and the passages that
are its evidence. Each statement tells whether somebody stated it or whether it was inferred.
Layer: imports ``dataset``, ``namespaces`` and ``store``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from abckg.namespaces import ABC, ID, INFERRED_GRAPH, RDF, RDFS, SKOS
from abckg.store import Store, Term

__all__ = ["Description", "Labels", "Passage", "Statement", "describe", "labels_of", "owner_of"]

_RECORD = re.compile(re.escape(ID) + r"[^/]+/[^/]+")
_DEPTH = 4

Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Statement:
    """One triple, and whether it was inferred."""

    subject: ox.NamedNode | ox.BlankNode | ox.Triple
    predicate: ox.NamedNode
    object: Term
    inferred: bool = False

    @property
    def triple(self) -> ox.Triple:
        """The triple itself."""
        return ox.Triple(self.subject, self.predicate, self.object)


@dataclass(frozen=True)
class Passage:
    """Where a document says something; offsets in characters of the source file, the end exclusive."""

    iri: str
    document: str
    section: str
    start: int
    end: int


@dataclass(frozen=True)
class Description:
    """Everything that the graph says of ``iri``: ``outgoing`` about it and its parts, ``incoming`` from elsewhere."""

    iri: str
    outgoing: tuple[Statement, ...]
    incoming: tuple[Statement, ...]

    @cached_property
    def by_subject(self) -> dict[str, tuple[Statement, ...]]:
        """The statements under the IRI of their subject, the thing itself first."""
        groups: dict[str, list[Statement]] = {self.iri: []}
        for statement in self.outgoing:
            if isinstance(statement.subject, ox.NamedNode):
                groups.setdefault(statement.subject.value, []).append(statement)
        return {subject: tuple(statements) for subject, statements in groups.items()}

    @property
    def parts(self) -> tuple[str, ...]:
        """The IRIs of its parts."""
        return tuple(subject for subject in self.by_subject if subject != self.iri)

    def values(self, predicate: str, subject: str | None = None) -> tuple[Term, ...]:
        """Return the objects of ``predicate`` (an IRI), of the thing itself or of one of its parts."""
        statements = self.by_subject.get(subject or self.iri, ())
        return tuple(statement.object for statement in statements if statement.predicate.value == predicate)

    def types(self, subject: str | None = None) -> tuple[str, ...]:
        """Return the IRIs of the classes that were stated."""
        return tuple(
            statement.object.value
            for statement in self.by_subject.get(subject or self.iri, ())
            if statement.predicate.value == f"{RDF}type"
            and not statement.inferred
            and isinstance(statement.object, ox.NamedNode)
        )

    @cached_property
    def passages(self) -> dict[str, Passage]:
        """The passages that are its evidence, by IRI, in the order of the documents."""
        found = [self._passage(part) for part in self.parts if f"{ABC}Passage" in self.types(part)]
        found.sort(key=lambda passage: (passage.document, passage.start))
        return {passage.iri: passage for passage in found}

    def _passage(self, iri: str) -> Passage:
        def first(name: str) -> str:
            values = self.values(f"{ABC}{name}", iri)
            return values[0].value if values and isinstance(values[0], (ox.NamedNode, ox.Literal)) else ""

        start, end = first("startOffset"), first("endOffset")
        return Passage(iri, first("passageOf"), first("sectionPath"), int(start or 0), int(end or 0))

    def iris(self) -> set[str]:
        """Return every IRI that occurs in it, for looking up labels."""
        return {
            term.value
            for statement in (*self.outgoing, *self.incoming)
            for term in (statement.subject, statement.predicate, statement.object)
            if isinstance(term, ox.NamedNode)
        }


def owner_of(iri: str) -> str | None:
    """Return the record that ``iri`` is a part of, or None where it is a record itself or no part of the graph."""
    match = _RECORD.match(iri)
    return match[0] if match and match[0] != iri else None


def describe(store: Store, iri: str) -> Description | None:
    """Return what ``store`` says of ``iri``, or None where it says nothing."""
    outgoing: dict[ox.Triple, Statement] = {}
    incoming: dict[ox.Triple, Statement] = {}
    frontier, known = {iri}, {iri}
    for _ in range(_DEPTH):
        about, pointing = _about(store, frontier), _pointing_at(store, frontier)
        outgoing.update((statement.triple, statement) for statement in about)
        incoming.update((statement.triple, statement) for statement in pointing)
        ends = [statement.object for statement in about] + [statement.subject for statement in pointing]
        frontier = {
            end.value for end in ends if isinstance(end, ox.NamedNode) and end.value.startswith(f"{iri}/")
        } - known
        known |= frontier
        if not frontier:
            break
    foreign = [statement for statement in incoming.values() if statement.triple not in outgoing]
    if not outgoing and not foreign:
        return None
    return Description(iri, _sorted(outgoing.values()), _sorted(foreign))


def labels_of(store: Store, iris: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the labels of those ``iris`` that have any: IRI -> language tag -> text."""
    found: dict[str, dict[str, str]] = {}
    wanted = list(iris)
    if not wanted:
        return found
    query = (
        f"SELECT ?thing ?label WHERE {{ VALUES ?thing {{ {_list(wanted)} }} "
        f"?thing <{SKOS}prefLabel>|<{RDFS}label> ?label }} ORDER BY ?thing ?label"
    )
    for thing, label in store.query(query, inference=False).rows():
        if isinstance(thing, ox.NamedNode) and isinstance(label, ox.Literal):
            found.setdefault(thing.value, {}).setdefault(label.language or "", label.value)
    return found


def _about(store: Store, iris: Iterable[str]) -> list[Statement]:
    values = f"VALUES ?s {{ {_list(iris)} }}"
    return _statements(store, values)


def _pointing_at(store: Store, iris: Iterable[str]) -> list[Statement]:
    values = f"VALUES ?o {{ {_list(iris)} }}"
    return _statements(store, values)


def _statements(store: Store, values: str) -> list[Statement]:
    stated = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {values} ?s ?p ?o }}"
    inferred = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {values} GRAPH <{INFERRED_GRAPH}> {{ ?s ?p ?o }} }}"
    known = dict.fromkeys(store.query(stated, inference=False).triples())
    more = [triple for triple in store.query(inferred).triples() if triple not in known]
    return [
        Statement(triple.subject, triple.predicate, triple.object, inferred)
        for triples, inferred in ((known, False), (more, True))
        for triple in triples
    ]


def _list(iris: Iterable[str]) -> str:
    return " ".join(str(ox.NamedNode(iri)) for iri in sorted(iris))


def _sorted(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    def key(one: Statement) -> tuple[str, bool, str, str]:
        return str(one.subject), one.inferred, one.predicate.value, str(one.object)

    return tuple(sorted(statements, key=key))
