"""What one application serves, and what is worth computing once for it.

Layer: web; imports ``describe``, ``namespaces``, ``published``, ``queries``, ``search``, ``settings``, ``store`` and
``terms``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Request, current_app

from abckg.dataset import DATA_GRAPH
from abckg.describe import Passage
from abckg.namespaces import ABC, ID, INFERRED_GRAPH, OWL, RDF, RDFS, SH, SKOS, Prefixes
from abckg.published import Published
from abckg.queries import Catalogue
from abckg.search.index import INDEX_FILE
from abckg.search.search import Search
from abckg.settings import Settings
from abckg.store import Answer, Store
from abckg.terms import Ontology, load_ontology
from abckg.web.cache import ResponseCache
from abckg.web.connection import Carried
from abckg.web.metrics import Metrics
from abckg.web.texts import LANGUAGES
from abckg.web.urls import LANGUAGE_PARAMETER
from abckg.writing.editable import EditableStore

if TYPE_CHECKING:
    from abckg.rulebook import Rule  # brings the validator, which no lane needs

__all__ = ["EXTENSION", "Quote", "Site", "Statistics", "language_of", "site"]

EXTENSION = "abckg"

Quote = Callable[[Passage], str | None]


@dataclass(frozen=True)
class Statistics:
    """What the graph holds, in numbers; ``classes`` are the stated classes of records with how many there are."""

    triples: int
    inferred: int
    records: int
    documents: int
    passages: int
    classes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Site:
    """A store, its settings and its catalogue; ``quote`` gives the words of a passage where the sources are at hand.

    ``published`` is what a build laid beside the store, where one did. ``carried`` are the requests that were led
    here by the process itself, by the address from which they come.
    """

    store: Store
    settings: Settings
    catalogue: Catalogue
    quote: Quote | None = None
    published: Published | None = None
    rules: Callable[[], Sequence[Rule]] = tuple
    metrics: Metrics = field(default_factory=Metrics)
    carried: dict[str, Carried] = field(default_factory=dict)
    _sizes: dict[str, Mapping[str, int]] = field(default_factory=dict)
    _statistics: dict[str, Statistics] = field(default_factory=dict)

    @property
    def editable(self) -> EditableStore | None:
        """The store where it can be written to and writes are on."""
        return self.store if self.settings.token and isinstance(self.store, EditableStore) else None

    @property
    def build(self) -> Published | None:
        """What a build laid beside the store, as long as nothing was written since."""
        return self.published if self.published and self.published.version == self.store.version else None

    @cached_property
    def search(self) -> Search:
        """The search in what is served, over the index of the build where there is one."""
        place = self.settings.store
        return Search(self.store, None if not place or "://" in place else Path(place).parent / INDEX_FILE)

    @cached_property
    def cache(self) -> ResponseCache:
        """The answers that are kept."""
        return ResponseCache(self.settings.cache_bytes)

    def without_graph(self, iris: Iterable[str]) -> list[str]:
        """Return those of ``iris`` that name no graph of the store."""
        wanted = list(iris)
        values = " ".join(f"<{iri}>" for iri in wanted)
        query = f"SELECT ?g WHERE {{ VALUES ?g {{ {values} }} FILTER EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
        rows = self.store.query(query).rows() if wanted else ()
        found = {row[0].value for row in rows if isinstance(row[0], ox.NamedNode)}
        return [iri for iri in wanted if iri not in found]

    def sizes(self) -> Mapping[str, int]:
        """Return the number of triples of each named graph, and that of the default graph under no name."""
        key = self.store.version
        if not key or key not in self._sizes:
            query = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
            found = {
                graph.value: int(number.value)
                for graph, number in self.store.query(query).rows()
                if isinstance(graph, ox.NamedNode) and isinstance(number, ox.Literal)
            }
            counted = {"": self.store.count(), **found}
            self._sizes.clear()
            self._sizes[key] = counted
            return counted
        return self._sizes[key]

    @cached_property
    def prefixes(self) -> Prefixes:
        """The prefixes that the graph declares, or the few that every page needs."""
        query = f"SELECT ?label ?namespace WHERE {{ ?d <{SH}prefix> ?label ; <{SH}namespace> ?namespace }}"
        found = {
            label.value: namespace.value
            for label, namespace in self.store.query(query).rows()
            if isinstance(label, ox.Literal) and isinstance(namespace, ox.Literal)
        }
        return Prefixes(found or {"abc": ABC, "owl": OWL, "rdf": RDF, "rdfs": RDFS, "skos": SKOS})

    @cached_property
    def ontology(self) -> Ontology:
        """The terms of the ontology."""
        return load_ontology(self.store)

    @property
    def statistics(self) -> Statistics:
        """The numbers of the home page."""
        key = self.store.version
        found = self._statistics.get(key)
        if found is None:
            found = self._counted()
            self._statistics.clear()
            self._statistics[key] = found
        return found

    def _counted(self) -> Statistics:
        classes = self._classes()
        records = f"?s ?p ?o FILTER(REGEX(STR(?s), '^{ID}[^/]+/[^/]+$'))"
        return Statistics(
            triples=self.store.count(),
            inferred=self._number(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{INFERRED_GRAPH}> {{ ?s ?p ?o }} }}"),
            records=self._number(f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ GRAPH <{DATA_GRAPH}> {{ {records} }} }}"),
            documents=dict(classes).get(f"{ABC}Document", 0),
            passages=self._number(f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s a <{ABC}Passage> }}"),
            classes=classes,
        )

    def etag(self, *parts: str) -> str:
        """Return an entity tag for an answer that depends on ``parts``; empty where the store knows no version."""
        if not self.store.version:
            return ""
        return blake2b("\0".join((self.store.version, *parts)).encode(), digest_size=12).hexdigest()

    def _classes(self) -> tuple[tuple[str, int], ...]:
        query = (
            f"SELECT ?class (COUNT(DISTINCT ?s) AS ?n) WHERE {{ GRAPH <{DATA_GRAPH}> {{ ?s a ?class }} "
            f"FILTER(REGEX(STR(?s), '^{ID}[^/]+/[^/]+$')) }} GROUP BY ?class ORDER BY DESC(?n) ?class"
        )
        return tuple(
            (term.value, int(number.value))
            for term, number in self.store.query(query).rows()
            if isinstance(term, ox.NamedNode) and isinstance(number, ox.Literal)
        )

    def _number(self, query: str) -> int:
        answer: Answer = self.store.query(query)
        return next((int(row[0].value) for row in answer.rows() if isinstance(row[0], ox.Literal)), 0)


def site() -> Site:
    """Return what the current application serves."""
    found: Site = current_app.extensions[EXTENSION]
    return found


def language_of(request: Request) -> str:
    """Return the language of the answer: as chosen by address, else as the browser likes, else Japanese."""
    chosen = request.args.get(LANGUAGE_PARAMETER)
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
