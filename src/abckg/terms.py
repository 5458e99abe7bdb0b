"""The ontology as a reader wants it: every class and property with its words, its place and its axioms.

Layer: imports ``dataset``, ``namespaces`` and ``store``.
Specification: https://www.w3.org/TR/owl2-mapping-to-rdf/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from abckg.dataset import ONTOLOGY_GRAPH
from abckg.namespaces import ABC, BASE, OWL, RDF, RDFS, SKOS
from abckg.store import Store, Term

__all__ = ["ONTOLOGY", "Expression", "Ontology", "TermEntry", "load_ontology"]

ONTOLOGY = f"{BASE}ontology"

_DCTERMS = "http://purl.org/dc/terms/"
_SCHEMA = "https://schema.org/"
_CLASS = f"{OWL}Class"
_PROPERTIES = (f"{OWL}ObjectProperty", f"{OWL}DatatypeProperty", f"{OWL}AnnotationProperty")
_CHARACTERISTICS = (
    "TransitiveProperty",
    "SymmetricProperty",
    "FunctionalProperty",
    "InverseFunctionalProperty",
    "IrreflexiveProperty",
    "AsymmetricProperty",
)

Words = Mapping[str, str]
Triples = Mapping[Term, Mapping[str, tuple[Term, ...]]]


@dataclass(frozen=True)
class Expression:
    """A class expression as words in a row: IRIs to be shown by name, and the connectives between them."""

    tokens: tuple[ox.NamedNode | ox.Literal | str, ...]


@dataclass(frozen=True)
class TermEntry:
    """One class or property; the lists hold IRIs, the words are by language tag."""

    iri: str
    is_class: bool
    labels: Words
    definitions: Words
    parents: tuple[str, ...]
    children: tuple[str, ...]
    domain: tuple[str, ...]
    range: tuple[str, ...]
    inverse: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...]
    equivalents: tuple[Expression, ...]
    disjoint: tuple[str, ...]
    characteristics: tuple[str, ...]
    examples: tuple[ox.Literal | ox.NamedNode, ...]
    sources: tuple[str, ...]
    matches: tuple[str, ...]
    needs_evidence: bool

    @property
    def anchor(self) -> str:
        """The part of the IRI that names the term within the ontology."""
        return self.iri.removeprefix(ABC) if self.iri.startswith(ABC) else self.iri


@dataclass(frozen=True)
class Ontology:
    """The terms by IRI; ``classes`` and ``properties`` are its own, ``borrowed`` are those of other vocabularies."""

    labels: Words
    descriptions: Words
    terms: Mapping[str, TermEntry] = field(repr=False)

    @cached_property
    def classes(self) -> tuple[TermEntry, ...]:
        """The classes that it defines, by IRI."""
        return tuple(entry for entry in self._own() if entry.is_class)

    @cached_property
    def properties(self) -> tuple[TermEntry, ...]:
        """The properties that it defines, by IRI."""
        return tuple(entry for entry in self._own() if not entry.is_class)

    @cached_property
    def borrowed(self) -> tuple[TermEntry, ...]:
        """The terms of other vocabularies of which it says something."""
        return tuple(entry for entry in self.terms.values() if not entry.iri.startswith(ABC))

    def roots(self) -> tuple[TermEntry, ...]:
        """Return the classes that stand under no other of its classes."""
        return tuple(entry for entry in self.classes if not any(parent.startswith(ABC) for parent in entry.parents))

    def inverses(self, iri: str) -> tuple[str, ...]:
        """Return the inverses of a property."""
        entry = self.terms.get(iri)
        return entry.inverse if entry else ()

    def _own(self) -> tuple[TermEntry, ...]:
        return tuple(entry for entry in self.terms.values() if entry.iri.startswith(ABC))


def load_ontology(store: Store) -> Ontology:
    """Read the ontology graph of ``store``."""
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{ONTOLOGY_GRAPH}> {{ ?s ?p ?o }} }}"
    index: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in store.query(query).triples():
        index[triple.subject][triple.predicate.value].append(triple.object)
    reader = _Reader({s: {p: tuple(sorted(o, key=str)) for p, o in po.items()} for s, po in index.items()})
    terms = {entry.iri: entry for entry in reader.entries()}
    head = ox.NamedNode(ONTOLOGY)
    return Ontology(
        labels=reader.words(head, f"{RDFS}label"),
        descriptions=reader.words(head, f"{_DCTERMS}description"),
        terms=terms,
    )


class _Reader:
    def __init__(self, triples: Triples) -> None:
        self._triples = triples
        self._children: dict[str, list[str]] = defaultdict(list)
        for subject in triples:
            for name in ("subClassOf", "subPropertyOf"):
                for parent in self._iris(subject, f"{RDFS}{name}"):
                    if isinstance(subject, ox.NamedNode):
                        self._children[parent].append(subject.value)

    def entries(self) -> list[TermEntry]:
        """Return the entries of all classes and properties that have an IRI, by IRI."""
        found = []
        for subject in self._triples:
            types = self._iris(subject, f"{RDF}type")
            if isinstance(subject, ox.NamedNode) and (_CLASS in types or any(kind in types for kind in _PROPERTIES)):
                found.append(self._entry(subject, types))
        return sorted(found, key=lambda entry: entry.iri)

    def words(self, subject: Term, predicate: str) -> dict[str, str]:
        """Return the texts of ``predicate`` by language tag."""
        values = self._get(subject, predicate)
        return {value.language or "": value.value for value in values if isinstance(value, ox.Literal)}

    def _entry(self, subject: ox.NamedNode, types: tuple[str, ...]) -> TermEntry:
        def iris(*predicates: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(iri for predicate in predicates for iri in self._iris(subject, predicate)))

        examples = self._get(subject, f"{SKOS}example")
        return TermEntry(
            iri=subject.value,
            is_class=_CLASS in types,
            labels=self.words(subject, f"{RDFS}label"),
            definitions=self.words(subject, f"{SKOS}definition"),
            parents=iris(f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"),
            children=tuple(sorted(self._children[subject.value])),
            domain=iris(f"{RDFS}domain", f"{_SCHEMA}domainIncludes"),
            range=iris(f"{RDFS}range", f"{_SCHEMA}rangeIncludes"),
            inverse=self._inverses(subject),
            chains=tuple(self._chain(head) for head in self._get(subject, f"{OWL}propertyChainAxiom")),
            equivalents=tuple(self._expression(node) for node in self._get(subject, f"{OWL}equivalentClass")),
            disjoint=iris(f"{OWL}disjointWith"),
            characteristics=tuple(name for name in _CHARACTERISTICS if f"{OWL}{name}" in types),
            examples=tuple(value for value in examples if isinstance(value, (ox.Literal, ox.NamedNode))),
            sources=iris(f"{_DCTERMS}source"),
            matches=iris(f"{SKOS}closeMatch", f"{SKOS}exactMatch"),
            needs_evidence="true" in self.words(subject, f"{ABC}requiresEvidence").values(),
        )

    def _inverses(self, subject: ox.NamedNode) -> tuple[str, ...]:
        stated = self._iris(subject, f"{OWL}inverseOf")
        other = tuple(
            term.value
            for term in self._triples
            if isinstance(term, ox.NamedNode) and subject.value in self._iris(term, f"{OWL}inverseOf")
        )
        return tuple(dict.fromkeys((*stated, *other)))

    def _chain(self, head: Term) -> tuple[str, ...]:
        return tuple(self._step(item) for item in self._items(head))

    def _step(self, item: Term) -> str:
        if isinstance(item, ox.NamedNode):
            return item.value
        inverse = self._iris(item, f"{OWL}inverseOf")
        return f"^{inverse[0]}" if inverse else str(item)

    def _items(self, head: Term) -> list[Term]:
        items: list[Term] = []
        while head in self._triples and len(items) < len(self._triples):
            items += self._get(head, f"{RDF}first")
            head = next(iter(self._get(head, f"{RDF}rest")), ox.NamedNode(f"{RDF}nil"))
        return items

    def _expression(self, node: Term) -> Expression:
        return Expression(tuple(self._tokens(node)))

    def _tokens(self, node: Term) -> list[ox.NamedNode | ox.Literal | str]:
        if isinstance(node, (ox.NamedNode, ox.Literal)):
            return [node]
        for predicate, word in (("intersectionOf", "and"), ("unionOf", "or"), ("oneOf", ",")):
            for head in self._get(node, f"{OWL}{predicate}"):
                return self._joined(self._items(head), word)
        return self._restriction(node)

    def _joined(self, items: list[Term], word: str) -> list[ox.NamedNode | ox.Literal | str]:
        tokens: list[ox.NamedNode | ox.Literal | str] = []
        for number, item in enumerate(items):
            inner = self._tokens(item)
            tokens += [word] if number else []
            tokens += ["(", *inner, ")"] if len(inner) > 1 else inner
        return tokens

    def _restriction(self, node: Term) -> list[ox.NamedNode | ox.Literal | str]:
        for predicate, word in (("someValuesFrom", "some"), ("hasValue", "value"), ("allValuesFrom", "only")):
            for value in self._get(node, f"{OWL}{predicate}"):
                inner = self._tokens(value)
                prop = [term for term in self._get(node, f"{OWL}onProperty") if isinstance(term, ox.NamedNode)]
                return [*prop, word, *(["(", *inner, ")"] if len(inner) > 1 else inner)]
        return ["…"]

    def _get(self, subject: Term, predicate: str) -> tuple[Term, ...]:
        return self._triples.get(subject, {}).get(predicate, ())

    def _iris(self, subject: Term, predicate: str) -> tuple[str, ...]:
        return tuple(term.value for term in self._get(subject, predicate) if isinstance(term, ox.NamedNode))
