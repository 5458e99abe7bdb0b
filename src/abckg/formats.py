"""The media types that are served: results of queries and RDF, in one table.

Layer: imports nothing of the package; pyoxigraph writes every format.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pyoxigraph as ox

__all__ = ["GRAPH_FORMATS", "SOLUTION_FORMATS", "FormatKind", "ResultFormat", "formats_for", "named", "with_extension"]

FormatKind: TypeAlias = Literal["solutions", "graph"]


@dataclass(frozen=True)
class ResultFormat:
    """One way to write an answer down.

    Attributes:
        name: What ``format=`` calls it.
        media_type: The registered media type, without parameters.
        extension: The file name extension, without a dot.
        spec: The address of its specification.
        kind: ``solutions`` for SELECT and ASK, ``graph`` for CONSTRUCT and DESCRIBE.
        engine: What pyoxigraph calls it.
        aliases: Other media types that ask for it.
    """

    name: str
    media_type: str
    extension: str
    spec: str
    kind: FormatKind
    engine: ox.QueryResultsFormat | ox.RdfFormat
    aliases: tuple[str, ...] = ()

    @property
    def iri(self) -> str:
        """The IRI of the format at https://www.w3.org/ns/formats/."""
        return self.engine.iri

    def content_type(self, media_type: str | None = None) -> str:
        """Return the Content-Type header, under an alias where one was asked for."""
        chosen = media_type or self.media_type
        return f"{chosen}; charset=utf-8" if chosen.startswith("text/") else chosen


SOLUTION_FORMATS: tuple[ResultFormat, ...] = (
    ResultFormat(
        "json",
        "application/sparql-results+json",
        "srj",
        "https://www.w3.org/TR/sparql11-results-json/",
        "solutions",
        ox.QueryResultsFormat.JSON,
        ("application/json",),
    ),
    ResultFormat(
        "xml",
        "application/sparql-results+xml",
        "srx",
        "https://www.w3.org/TR/rdf-sparql-XMLres/",
        "solutions",
        ox.QueryResultsFormat.XML,
        ("application/xml", "text/xml"),
    ),
    ResultFormat(
        "csv",
        "text/csv",
        "csv",
        "https://www.w3.org/TR/sparql11-results-csv-tsv/",
        "solutions",
        ox.QueryResultsFormat.CSV,
        ("text/plain",),
    ),
    ResultFormat(
        "tsv",
        "text/tab-separated-values",
        "tsv",
        "https://www.w3.org/TR/sparql11-results-csv-tsv/",
        "solutions",
        ox.QueryResultsFormat.TSV,
    ),
)
GRAPH_FORMATS: tuple[ResultFormat, ...] = (
    ResultFormat(
        "turtle",
        "text/turtle",
        "ttl",
        "https://www.w3.org/TR/turtle/",
        "graph",
        ox.RdfFormat.TURTLE,
        ("application/x-turtle", "text/n3"),
    ),
    ResultFormat(
        "nt",
        "application/n-triples",
        "nt",
        "https://www.w3.org/TR/n-triples/",
        "graph",
        ox.RdfFormat.N_TRIPLES,
        ("text/plain",),
    ),
    ResultFormat(
        "jsonld",
        "application/ld+json",
        "jsonld",
        "https://www.w3.org/TR/json-ld11/",
        "graph",
        ox.RdfFormat.JSON_LD,
        ("application/json",),
    ),
    ResultFormat(
        "rdfxml",
        "application/rdf+xml",
        "rdf",
        "https://www.w3.org/TR/rdf-syntax-grammar/",
        "graph",
        ox.RdfFormat.RDF_XML,
        ("application/xml", "text/xml"),
    ),
    ResultFormat("trig", "application/trig", "trig", "https://www.w3.org/TR/trig/", "graph", ox.RdfFormat.TRIG),
    ResultFormat("nq", "application/n-quads", "nq", "https://www.w3.org/TR/n-quads/", "graph", ox.RdfFormat.N_QUADS),
)
_SYNONYMS = {
    "ttl": "turtle",
    "ntriples": "nt",
    "n-triples": "nt",
    "json-ld": "jsonld",
    "rdf": "rdfxml",
    "rdf+xml": "rdfxml",
    "nquads": "nq",
    "n-quads": "nq",
}


def formats_for(kind: str) -> tuple[ResultFormat, ...]:
    """Return the formats of an answer of kind ``boolean``, ``solutions`` or ``graph``, the preferred one first."""
    return GRAPH_FORMATS if kind == "graph" else SOLUTION_FORMATS


def named(name: str, formats: Iterable[ResultFormat]) -> ResultFormat | None:
    """Return the format that is called ``name`` (a name, a common synonym or a media type), or None."""
    wanted = _SYNONYMS.get(name.strip().lower(), name.strip().lower())
    offers = tuple(formats)
    for form in offers:
        if wanted in (form.name, form.media_type):
            return form
    return next((form for form in offers if wanted in form.aliases), None) or _for_xml_and_json(wanted, offers)


def _for_xml_and_json(wanted: str, offers: tuple[ResultFormat, ...]) -> ResultFormat | None:
    """``format=json`` and ``format=xml`` are meant for graphs too: JSON-LD and RDF/XML."""
    return next((form for form in offers if f"application/{wanted}" in form.aliases), None)


def with_extension(extension: str, formats: Iterable[ResultFormat] = GRAPH_FORMATS) -> ResultFormat | None:
    """Return the format whose files end in ``.extension``, or None."""
    return next((form for form in formats if form.extension == extension), None)
