"""What of a graph can be searched: its records, concepts and terms, with everything that is written about them.

Read from a store by SPARQL, so that it is the same on every store. The words of the documents are not in the graph and
cannot be found here. Layer: imports ``describe``, ``namespaces`` and ``store``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

import pyoxigraph as ox

from abckg.describe import owner_of
from abckg.namespaces import ABC, BASE, ID, OWL, RDF, RDFS, SKOS
from abckg.store import Store

__all__ = ["Entry", "Field", "Written", "entries_of"]

_ORG = "http://www.w3.org/ns/org#"
_DCTERMS = "http://purl.org/dc/terms/"


class Field(IntEnum):
    """What a text is to the thing it is written about; the better match has the lower number."""

    NAME = 0
    ALIAS = 1
    CODE = 2
    DESCRIPTION = 3


_PROPERTIES = {
    f"{SKOS}prefLabel": Field.NAME,
    f"{RDFS}label": Field.NAME,
    f"{SKOS}altLabel": Field.ALIAS,
    f"{SKOS}hiddenLabel": Field.ALIAS,
    f"{_DCTERMS}title": Field.ALIAS,
    f"{ABC}nameAsPrinted": Field.ALIAS,
    f"{ABC}headingAsPrinted": Field.ALIAS,
    f"{SKOS}notation": Field.CODE,
    f"{_DCTERMS}identifier": Field.CODE,
    f"{ABC}localGovernmentCode": Field.CODE,
    f"{SKOS}definition": Field.DESCRIPTION,
    f"{_DCTERMS}description": Field.DESCRIPTION,
    f"{ABC}statementText": Field.DESCRIPTION,
    f"{ABC}characteristic": Field.DESCRIPTION,
    f"{SKOS}scopeNote": Field.DESCRIPTION,
}
_OF_VOCABULARIES = frozenset({f"{SKOS}Concept", f"{SKOS}ConceptScheme"})
_TYPES_OF_ALL = (f"{OWL}Thing", f"{OWL}NamedIndividual", f"{RDFS}Resource")
_STATED_TEXTS = "SELECT ?thing ?property ?text WHERE { VALUES ?property { %s } ?thing ?property ?text }"
_PRINTED_NAMES = f"SELECT ?thing ?text WHERE {{ ?part <{_ORG}member> ?thing ; <{ABC}nameAsPrinted> ?text }}"
_SAME_ELSEWHERE = f"SELECT ?thing ?other WHERE {{ ?thing <{SKOS}exactMatch> ?other }}"
_NAMED = f"{{ SELECT DISTINCT ?thing WHERE {{ ?thing <{SKOS}prefLabel>|<{RDFS}label> ?name }} }}"
_TYPES = f"SELECT ?thing ?class WHERE {{ {_NAMED} ?thing <{RDF}type> ?class }}"
_REFERENCES = (
    f"SELECT ?thing (COUNT(*) AS ?number) WHERE {{ {_NAMED} ?from ?property ?thing . "
    f"FILTER(?property != <{RDF}subject> && ?property != <{RDF}object>) }} GROUP BY ?thing"
)


@dataclass(frozen=True)
class Written:
    """One text that is written about a thing."""

    field: Field
    language: str
    text: str


@dataclass(frozen=True)
class Entry:
    """One thing that can be found.

    Attributes:
        iri: Its IRI.
        kind: The class that it is stated to be of; the ontology's own before those of other vocabularies.
        kinds: All its classes, inferred ones too.
        texts: What is written about it and its nameless parts; names first.
    """

    iri: str
    kind: str
    kinds: tuple[str, ...]
    texts: tuple[Written, ...]


def entries_of(store: Store) -> list[Entry]:
    """Return what can be found in ``store``, the most important first: records, by how often others refer to them.

    Raises:
        StoreError: The store does not answer.
    """
    stated = _types(store, inference=False)
    inferred = _types(store, inference=True)
    references = _references(store)

    def place(entry: Entry) -> tuple[int, int, str]:
        return _remoteness(entry.iri, stated.get(entry.iri, ())), -references[entry.iri], entry.iri

    entries = [
        Entry(iri, _kind(stated.get(iri, ())), tuple(sorted({*inferred.get(iri, ()), *stated.get(iri, ())})), texts)
        for iri, texts in _texts(store).items()
    ]
    return sorted(entries, key=place)


def _texts(store: Store) -> dict[str, tuple[Written, ...]]:
    found: dict[str, set[Written]] = {}
    of_parts: dict[str, set[Written]] = {}
    for iri, written in _written(store):
        found.setdefault(iri, set()).add(written)
    for iri in [iri for iri, texts in found.items() if all(one.field is not Field.NAME for one in texts)]:
        of_parts.setdefault(owner_of(iri) or iri, set()).update(found.pop(iri))
    for iri, texts in of_parts.items():
        if iri in found:
            found[iri] |= {one for one in texts if one.field is Field.DESCRIPTION}
    for iri, texts in found.items():
        texts.update(Written(Field.CODE, "", code) for code in _codes(iri))
    # What lies elsewhere has no page here.
    return {iri: tuple(sorted(texts, key=_order)) for iri, texts in found.items() if iri.startswith((ID, ABC))}


def _written(store: Store) -> Iterator[tuple[str, Written]]:
    properties = " ".join(f"<{iri}>" for iri in _PROPERTIES)
    for thing, name, text in store.query(_STATED_TEXTS % properties, inference=False).rows():
        if isinstance(thing, ox.NamedNode) and isinstance(name, ox.NamedNode) and isinstance(text, ox.Literal):
            yield thing.value, Written(_PROPERTIES[name.value], _language(text), text.value)
    for thing, text in store.query(_PRINTED_NAMES, inference=False).rows():
        if isinstance(thing, ox.NamedNode) and isinstance(text, ox.Literal):
            yield thing.value, Written(Field.ALIAS, _language(text), text.value)
    for thing, other in store.query(_SAME_ELSEWHERE, inference=False).rows():
        if isinstance(thing, ox.NamedNode) and isinstance(other, ox.NamedNode) and not other.value.startswith(BASE):
            yield thing.value, Written(Field.CODE, "", other.value.rstrip("/").rpartition("/")[2])


def _order(written: Written) -> tuple[int, str, str]:
    return written.field, written.language, written.text


def _language(text: ox.Literal) -> str:
    return (text.language or "").lower()


def _codes(iri: str) -> Iterable[str]:
    """The short name of a record is a code by which it can be found: ``hub:coins``, and ``coins``."""
    kind, slash, slug = iri.removeprefix(ID).partition("/") if iri.startswith(ID) else ("", "", "")
    return (f"{kind}:{slug}", slug) if slash and "/" not in slug else ()


def _types(store: Store, *, inference: bool) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for thing, kind in store.query(_TYPES, inference=inference).rows():
        if isinstance(thing, ox.NamedNode) and isinstance(kind, ox.NamedNode) and kind.value not in _TYPES_OF_ALL:
            found.setdefault(thing.value, []).append(kind.value)
    return {iri: tuple(kinds) for iri, kinds in found.items()}


def _kind(kinds: Iterable[str]) -> str:
    return min(kinds, key=lambda kind: (not kind.startswith(ABC), kind), default="")


def _references(store: Store) -> Counter[str]:
    return Counter(
        {
            thing.value: int(number.value)
            for thing, number in store.query(_REFERENCES, inference=False).rows()
            if isinstance(thing, ox.NamedNode) and isinstance(number, ox.Literal)
        }
    )


def _remoteness(iri: str, kinds: Iterable[str]) -> int:
    """Return how far a thing is from what people look for: records, then concepts and parts, then terms."""
    if not iri.startswith(ID):
        return 2
    return int(owner_of(iri) is not None or not _OF_VOCABULARIES.isdisjoint(kinds))
