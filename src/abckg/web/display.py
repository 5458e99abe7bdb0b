"""Terms of the graph as a reader sees them: a name, a language, a link.

Layer: web; imports ``describe``, ``namespaces``, ``store`` and ``terms``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from abckg.describe import Labels, labels_of, owner_of
from abckg.namespaces import ID, RDF, Prefixes
from abckg.store import Answer, Store, Term
from abckg.terms import Ontology
from abckg.web.texts import WELL_KNOWN
from abckg.web.urls import Urls

__all__ = ["Namer", "Shown", "Table", "labels_with_owners", "table_of"]

_NUMERIC = ("integer", "decimal", "double", "float")
_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True)
class Shown:
    """One value on a page: its text, the language of the text, where it leads, and what else it is called."""

    text: str
    language: str | None = None
    href: str | None = None
    title: str = ""
    is_number: bool = False
    is_code: bool = False
    is_external: bool = False


@dataclass(frozen=True)
class Table:
    """The first rows of an answer, and whether there are more."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Shown | None, ...], ...]
    is_cut: bool


@dataclass(frozen=True)
class Namer:
    """Names terms in one language; an IRI without label, or every one where ``labels`` is None, by its short name."""

    urls: Urls
    prefixes: Prefixes
    language: str
    labels: Labels | None
    ontology: Ontology | None = None

    def show(self, term: Term) -> Shown:
        """Return ``term`` as it is shown."""
        if isinstance(term, ox.NamedNode):
            return self.iri(term.value)
        if isinstance(term, ox.Literal):
            return _literal(term)
        return Shown(str(term), is_code=True)

    def iri(self, iri: str) -> Shown:
        """Return an IRI with its label, its link, and its short name as title."""
        curie = self.curie(iri)
        entry = self.ontology.terms.get(iri) if self.ontology else None
        href = self.urls.ontology(entry.anchor) if entry else self.urls.for_iri(iri)
        external = href is not None and href == iri
        words = self.label(iri)
        if words is None:
            return Shown(curie, None, href, iri, is_code=True, is_external=external)
        return Shown(words[0], words[1], href, curie, is_external=external)

    def curie(self, iri: str) -> str:
        """Return the short name of an IRI, or the IRI itself where no prefix fits."""
        short = self.prefixes.curie(iri)
        if not short.startswith("<"):
            return short
        return iri.removeprefix(ID) if iri.startswith(ID) else iri

    def label(self, iri: str) -> tuple[str, str | None] | None:
        """Return a label and its language: the reader's language first, any other otherwise."""
        if self.labels is None:
            return None
        words = {**WELL_KNOWN.get(iri, {}), **self.labels.get(iri, {})}
        if not words:
            return None
        for language in (self.language, "en", "ja", ""):
            if language in words:
                return words[language], language or None
        language, text = next(iter(words.items()))
        return text, language


def labels_with_owners(store: Store, iris: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the labels of ``iris``; a part without one is called after its record and its class."""
    wanted = set(iris)
    owners = {iri: owner for iri in wanted if (owner := owner_of(iri)) is not None}
    labels = labels_of(store, wanted | set(owners.values()))
    nameless = [iri for iri in owners if iri not in labels]
    kinds = _kinds(store, nameless)
    class_labels = labels_of(store, set(kinds.values()) - labels.keys())
    for part in nameless:
        words = labels.get(owners[part], {})
        kind = class_labels.get(kinds.get(part, ""), labels.get(kinds.get(part, ""), {}))
        if words:
            labels[part] = {
                language: f"{words[language]} › {kind[language]}" if language in kind else words[language]
                for language in words
            }
    return labels


def table_of(answer: Answer, namer: Namer, limit: int) -> Table:
    """Return the first ``limit`` rows of an answer, ready to be shown."""
    rows = answer.rows()
    shown = tuple(tuple(None if term is None else namer.show(term) for term in row) for row in islice(rows, limit))
    return Table(answer.variables, shown, next(rows, None) is not None)


def _kinds(store: Store, iris: Iterable[str]) -> Mapping[str, str]:
    values = " ".join(f"<{iri}>" for iri in sorted(iris))
    if not values:
        return {}
    query = f"SELECT ?s ?class WHERE {{ VALUES ?s {{ {values} }} ?s <{RDF}type> ?class }} ORDER BY ?s DESC(?class)"
    return {
        subject.value: kind.value
        for subject, kind in store.query(query, inference=False).rows()
        if isinstance(subject, ox.NamedNode) and isinstance(kind, ox.NamedNode)
    }


def _literal(term: ox.Literal) -> Shown:
    datatype = term.datatype.value.removeprefix(_XSD)
    if term.language:
        return Shown(term.value, term.language)
    is_number = datatype in _NUMERIC
    return Shown(term.value, title="" if datatype == "string" else datatype, is_number=is_number)
