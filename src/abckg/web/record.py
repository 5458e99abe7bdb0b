"""The page of one record, arranged for reading: statements with their evidence, parts as tables, what refers to it.

Layer: web; imports ``describe``, ``namespaces``, ``store`` and ``terms``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from abckg.describe import Description, Passage, Statement, owner_of
from abckg.namespaces import ABC, RDF, SKOS
from abckg.store import Term
from abckg.terms import Ontology
from abckg.web.display import Namer, Shown
from abckg.web.site import Quote

__all__ = ["Backlinks", "Evidence", "Fact", "PartTable", "RecordPage", "Value"]

_EVIDENCE = f"{ABC}evidencedBy"
_STATUS = f"{ABC}assertionStatus"
_STATED = "status/stated"
_TYPE = f"{RDF}type"
_DEFINITION = f"{SKOS}definition"
_NOTE = f"{SKOS}editorialNote"
_FACT = f"{ABC}FactRecord"
_PASSAGE = f"{ABC}Passage"
_IN_HEADING = {_TYPE, f"{SKOS}prefLabel", _DEFINITION, _EVIDENCE}
_KEPT_IN_ALL_LANGUAGES = {f"{SKOS}altLabel", f"{SKOS}hiddenLabel"}
_NOT_BACKLINKS = {f"{RDF}subject", f"{RDF}object", f"{RDF}predicate", f"{ABC}passageOf"}
_ORDER = (
    "prefLabel",
    "altLabel",
    "hiddenLabel",
    "position",
    "member",
    "nameAsPrinted",
    "inSector",
    "actsThroughPost",
    "role",
    "readingOf",
    "statementText",
    "hasIndicator",
    "valueAsWritten",
    "numericValue",
    "lowerBound",
    "upperBound",
    "hasUnit",
    "valueQualifier",
    "asOfDate",
    "inFiscalYear",
    "dateAsWritten",
)
_LAST = ("editorialNote", "assertionStatus")


@dataclass(frozen=True)
class Value:
    """A value with the numbers of the passages it rests on; ``status`` only where it was not simply stated."""

    shown: Shown
    evidence: tuple[int, ...] = ()
    status: Shown | None = None
    remarks: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Fact:
    """A property with its values."""

    property: Shown
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Evidence:
    """A numbered passage; ``anchor`` is its place on the page."""

    number: int
    anchor: str
    document: Shown
    passage: Passage
    quotation: str | None


@dataclass(frozen=True)
class PartTable:
    """The parts of one class: a row for each, a column for each property."""

    title: Shown
    anchor: str
    columns: tuple[Shown, ...]
    rows: tuple[tuple[str, tuple[tuple[Value, ...], ...]], ...]


@dataclass(frozen=True)
class Backlinks:
    """What points at the record by one property; ``total`` counts also those that are not listed."""

    property: Shown
    subjects: tuple[Shown, ...]
    total: int
    is_inferred: bool


class RecordPage:
    """A description with the names of everything in it, in one language."""

    def __init__(self, description: Description, namer: Namer, ontology: Ontology) -> None:
        self.description = description
        self.namer = namer
        self._ontology = ontology

    @property
    def iri(self) -> str:
        """The IRI of the record."""
        return self.description.iri

    @cached_property
    def title(self) -> Shown:
        """The label in the reader's language."""
        return self.namer.iri(self.iri)

    @cached_property
    def other_title(self) -> Shown | None:
        """The label in the other language."""
        words = (self.namer.labels or {}).get(self.iri, {})
        other = "en" if self.namer.language == "ja" else "ja"
        return Shown(words[other], other) if other in words and words[other] != self.title.text else None

    @cached_property
    def types(self) -> tuple[Shown, ...]:
        """The classes that were stated."""
        return tuple(self.namer.iri(iri) for iri in self.description.types())

    @cached_property
    def definitions(self) -> tuple[Shown, ...]:
        """What the record is, in a sentence."""
        values = self.description.values(_DEFINITION)
        return tuple(map(self.namer.show, self._chosen(_DEFINITION, values)))

    @cached_property
    def evidence_numbers(self) -> tuple[int, ...]:
        """The numbers of the passages that name the record itself."""
        return self._numbers(self.iri)

    def facts(self, *, inferred: bool) -> tuple[Fact, ...]:
        """Return the statements about the record itself, by property."""
        groups: dict[str, list[Statement]] = defaultdict(list)
        for statement in self.description.by_subject[self.iri]:
            if statement.inferred == inferred and not self._is_shown_elsewhere(statement):
                groups[statement.predicate.value].append(statement)
        return tuple(
            Fact(self.namer.iri(predicate), tuple(map(self._value, self._chosen_statements(predicate, group))))
            for predicate, group in sorted(groups.items(), key=lambda pair: _rank(pair[0]))
        )

    def part_tables(self) -> tuple[PartTable, ...]:
        """Return the parts but for passages and those fact records that stand beside their statement."""
        groups: dict[str, list[str]] = defaultdict(list)
        for part in self.description.parts:
            kinds = self.description.types(part)
            if kinds and _PASSAGE not in kinds and not (_FACT in kinds and part in self._merged):
                groups[kinds[0]].append(part)
        return tuple(self._table(kind, parts) for kind, parts in sorted(groups.items()))

    def evidence(self, quote: Quote | None) -> tuple[Evidence, ...]:
        """Return the passages in the order of their numbers, with their words where ``quote`` knows them."""
        return tuple(
            Evidence(
                number,
                self._anchor(passage.iri),
                self.namer.iri(passage.document),
                passage,
                quote(passage) if quote else None,
            )
            for number, passage in enumerate(self.description.passages.values(), 1)
        )

    def backlinks(self, limit: int | None) -> tuple[Backlinks, ...]:
        """Return what points here, by property, at most ``limit`` of each; not what an inverse already says above."""
        said = {
            (inverse, str(one.object))
            for one in self.description.by_subject[self.iri]
            for inverse in self._ontology.inverses(one.predicate.value)
        }
        groups: dict[tuple[str, bool], dict[str, Shown]] = defaultdict(dict)
        for one in self.description.incoming:
            predicate, subject = one.predicate.value, one.subject
            if predicate in _NOT_BACKLINKS or (predicate, str(subject)) in said:
                continue
            # What is inferred of a part is the inverse of what its table says.
            points_here = str(one.object) == str(ox.NamedNode(self.iri)) or not one.inferred
            if isinstance(subject, ox.NamedNode) and points_here:
                groups[predicate, one.inferred].setdefault(subject.value, self.namer.iri(subject.value))
        found = []
        for (predicate, inferred), subjects in sorted(groups.items(), key=lambda pair: (pair[0][1], pair[0][0])):
            listed = sorted(subjects.values(), key=lambda shown: shown.text)
            found.append(Backlinks(self.namer.iri(predicate), tuple(listed[:limit]), len(listed), inferred))
        return tuple(found)

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {iri: number for number, iri in enumerate(self.description.passages, 1)}

    @cached_property
    def _fact_records(self) -> dict[tuple[str, ...], str]:
        """The fact records by the triple that they are about."""
        records = {}
        for part in self.description.parts:
            if _FACT in self.description.types(part):
                ends = [self.description.values(f"{RDF}{end}", part) for end in ("subject", "predicate", "object")]
                if all(ends):
                    records[tuple(str(end[0]) for end in ends)] = part
        return records

    @cached_property
    def _merged(self) -> set[str]:
        stated = {(str(one.subject), str(one.predicate), str(one.object)) for one in self.description.outgoing}
        return {part for triple, part in self._fact_records.items() if triple in stated}

    def _numbers(self, subject: str) -> tuple[int, ...]:
        values = self.description.values(_EVIDENCE, subject)
        numbers = {self._number_of.get(value.value) for value in values if isinstance(value, ox.NamedNode)}
        return tuple(sorted(number for number in numbers if number is not None))

    def _is_shown_elsewhere(self, statement: Statement) -> bool:
        if statement.predicate.value in _IN_HEADING and not statement.inferred:
            return True
        target = statement.object
        # Parts stand in tables of their own.
        return isinstance(target, ox.NamedNode) and owner_of(target.value) == self.iri

    def _value(self, statement: Statement) -> Value:
        triple = (str(statement.subject), str(statement.predicate), str(statement.object))
        record = self._fact_records.get(triple)
        if record is None:
            return Value(self.namer.show(statement.object))
        notes = self._chosen(_NOTE, self.description.values(_NOTE, record))
        return Value(
            self.namer.show(statement.object),
            self._numbers(record),
            self._status(record),
            tuple(map(self.namer.show, notes)),
        )

    def _status(self, subject: str) -> Shown | None:
        for value in self.description.values(_STATUS, subject):
            if isinstance(value, ox.NamedNode) and not value.value.endswith(_STATED):
                return self.namer.iri(value.value)
        return None

    def _table(self, kind: str, parts: Sequence[str]) -> PartTable:
        columns: dict[str, None] = {}
        for part in parts:
            for one in self.description.by_subject[part]:
                if not one.inferred and not self._is_plain(one):
                    columns.setdefault(one.predicate.value)
        ordered = sorted(columns, key=_rank)
        rows = tuple((self._anchor(part), self._row(part, ordered)) for part in sorted(parts, key=self._place))
        title = self.namer.iri(kind)
        return PartTable(title, kind.rpartition("#")[2], tuple(map(self.namer.iri, ordered)), rows)

    def _place(self, part: str) -> tuple[int, tuple[str, int, str]]:
        values = self.description.values(f"{ABC}position", part)
        positions = [int(value.value) for value in values if isinstance(value, ox.Literal) and value.value.isdecimal()]
        return next(iter(positions), 0), _natural(part)

    def _row(self, part: str, columns: Iterable[str]) -> tuple[tuple[Value, ...], ...]:
        told = [one for one in self.description.by_subject[part] if not one.inferred and not self._is_plain(one)]
        cells = []
        for column in columns:
            values = self._chosen(column, [one.object for one in told if one.predicate.value == column])
            cells.append(tuple(Value(self.namer.show(term)) for term in values))
        numbers = self._numbers(part)
        return (*cells, tuple([Value(Shown(""), numbers)] if numbers else []))

    def _is_plain(self, one: Statement) -> bool:
        """Return whether a statement of a part says nothing new on the record's page."""
        return one.predicate.value in (_TYPE, _EVIDENCE) or str(one.object) == str(ox.NamedNode(self.iri))

    def _chosen_statements(self, predicate: str, statements: Sequence[Statement]) -> list[Statement]:
        kept = self._chosen(predicate, [one.object for one in statements])
        return [one for one in statements if one.object in kept]

    def _chosen(self, predicate: str, values: Iterable[Term]) -> list[Term]:
        """Return ``values`` in the reader's language only, where they are there in it."""
        listed = list(values)
        languages = {value.language for value in listed if isinstance(value, ox.Literal)}
        if predicate in _KEPT_IN_ALL_LANGUAGES or self.namer.language not in languages:
            return listed
        return [value for value in listed if not isinstance(value, ox.Literal) or value.language == self.namer.language]

    def _anchor(self, part: str) -> str:
        return part.removeprefix(f"{self.iri}/")


def _rank(iri: str) -> tuple[int, str]:
    name = iri.replace("#", "/").rpartition("/")[2]
    if name in _LAST:
        return len(_ORDER) + 1 + _LAST.index(name), name
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER)), name


def _natural(iri: str) -> tuple[str, int, str]:
    stem = iri.rstrip("0123456789")
    return stem, int(iri[len(stem) :] or 0), iri
