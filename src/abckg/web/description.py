"""Describes the endpoint and what it serves: languages, formats, limits, graphs, and the statistics of the dataset.

The statistics are those of the build where one lies beside the store, else they are counted in the store.
Layer: web; imports ``formats``, ``namespaces``, ``settings`` and ``store``.
Specifications: https://www.w3.org/TR/sparql11-service-description/ and https://www.w3.org/TR/void/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import pyoxigraph as ox

from abckg.formats import GRAPH_FORMATS, SOLUTION_FORMATS
from abckg.namespaces import BASE, RDF
from abckg.settings import Settings
from abckg.web.site import Site
from abckg.web.urls import Urls

__all__ = ["DATASET", "PREFIXES", "describe_dataset", "describe_service"]

PREFIXES: Mapping[str, str] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": RDF,
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
DATASET = ox.NamedNode(f"{BASE}dataset")
Value: TypeAlias = ox.NamedNode | ox.Literal
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"


def describe_service(site: Site, host: str) -> list[ox.Triple]:
    """Return the description of the endpoint at ``host`` (such as ``http://localhost:8000/``).

    Raises:
        ValueError: ``host`` is not the beginning of an IRI.
    """
    service = _address(site.settings, host, "/sparql")
    facts: list[tuple[ox.NamedNode, str, Value]] = [
        (service, "rdf:type", _node("sd:Service")),
        (service, "sd:endpoint", service),
        (service, "sd:supportedLanguage", _node("sd:SPARQL11Query")),
        *_updates(site, service, host),
        (service, "sd:feature", _node("sd:UnionDefaultGraph")),
        (service, "sd:defaultDataset", DATASET),
        (service, "sd:availableGraphs", ox.NamedNode(f"{service.value}#graphs")),
        (ox.NamedNode(f"{service.value}#graphs"), "rdf:type", _node("sd:GraphCollection")),
        *((service, "sd:resultFormat", ox.NamedNode(form.iri)) for form in (*SOLUTION_FORMATS, *GRAPH_FORMATS)),
        *_graphs(site, service),
        *_limits(site.settings, service),
    ]
    return [*_triples(facts), *describe_dataset(site, host)]


def _updates(site: Site, service: ox.NamedNode, host: str) -> list[tuple[ox.NamedNode, str, Value]]:
    if site.editable is None:
        return []
    update = _address(site.settings, host, "/update")
    return [
        (service, "sd:supportedLanguage", _node("sd:SPARQL11Update")),
        (update, "rdf:type", _node("sd:Service")),
        (update, "sd:endpoint", update),
        (update, "sd:supportedLanguage", _node("sd:SPARQL11Update")),
        (update, "sd:defaultDataset", DATASET),
    ]


def describe_dataset(site: Site, host: str) -> list[ox.Triple]:
    """Return the description of the dataset with its statistics, its endpoint and its dumps at ``host``."""
    facts: list[tuple[ox.NamedNode, str, Value]] = [
        (DATASET, "void:sparqlEndpoint", _address(site.settings, host, "/sparql")),
        (DATASET, "void:uriSpace", ox.Literal(f"{BASE}id/")),
        *_dumps(site, host),
    ]
    statistics = site.build.description if site.build else _triples(_counted(site))
    return [*statistics, *_triples(facts)]


def _graphs(site: Site, service: ox.NamedNode) -> list[tuple[ox.NamedNode, str, Value]]:
    default = ox.NamedNode(f"{service.value}#default-graph")
    collection = ox.NamedNode(f"{service.value}#graphs")
    facts: list[tuple[ox.NamedNode, str, Value]] = [
        (DATASET, "rdf:type", _node("sd:Dataset")),
        (DATASET, "sd:defaultGraph", default),
        (default, "rdf:type", _node("sd:Graph")),
        (default, "rdf:type", _node("void:Dataset")),
        (default, "void:triples", _number(site.sizes()[""])),
    ]
    for iri in sorted(set(site.sizes()) - {""}):
        graph, entry = ox.NamedNode(iri), ox.NamedNode(f"{service.value}#{iri.rpartition('/')[2]}-graph")
        facts += [
            (DATASET, "sd:namedGraph", entry),
            (collection, "sd:namedGraph", entry),
            (entry, "rdf:type", _node("sd:NamedGraph")),
            (entry, "sd:name", graph),
            (entry, "sd:graph", graph),
            (graph, "rdf:type", _node("sd:Graph")),
        ]
    return facts


def _limits(settings: Settings, service: ox.NamedNode) -> list[tuple[ox.NamedNode, str, Value]]:
    facts: list[tuple[ox.NamedNode, str, Value]] = []
    for name, unit in (
        ("timeout", "second"),
        ("memory", "mebibyte"),
        ("queue", "query"),
        ("max_query_length", "byte"),
        ("max_address_length", "byte"),
        ("max_nesting", "level"),
        ("max_operators", "operator"),
    ):
        limit = ox.NamedNode(f"{service.value}#{name.replace('_', '-')}")
        text = next(help_ for known, _, help_ in Settings.table() if known == name)
        facts += [
            (service, "schema:additionalProperty", limit),
            (limit, "rdf:type", _node("schema:PropertyValue")),
            (limit, "schema:name", ox.Literal(name)),
            (limit, "schema:description", ox.Literal(text, language="en")),
            (limit, "schema:maxValue", ox.Literal(getattr(settings, name))),
            (limit, "schema:unitText", ox.Literal(unit)),
        ]
    return facts


def _dumps(site: Site, host: str) -> list[tuple[ox.NamedNode, str, Value]]:
    facts: list[tuple[ox.NamedNode, str, Value]] = []
    for dump in site.build.dumps if site.build else ():
        address = _address(site.settings, host, f"/dumps/{dump.name}")
        entry, checksum = ox.NamedNode(f"{DATASET.value}/dump/{dump.name}"), f"{DATASET.value}/dump/{dump.name}/sha256"
        kind = "application/gzip" if dump.name.endswith(".gz") else "text/turtle"
        if dump.name.startswith("abc-kg."):
            facts.append((DATASET, "void:dataDump", address))
        facts += [
            (DATASET, "dcat:distribution", entry),
            (entry, "rdf:type", _node("dcat:Distribution")),
            (entry, "dcat:downloadURL", address),
            (entry, "dcat:byteSize", ox.Literal(str(dump.size), datatype=_node("xsd:nonNegativeInteger"))),
            (entry, "dcat:mediaType", ox.NamedNode(_MEDIA_TYPES + kind)),
            (entry, "spdx:checksum", ox.NamedNode(checksum)),
            (ox.NamedNode(checksum), "spdx:algorithm", _node("spdx:checksumAlgorithm_sha256")),
            (
                ox.NamedNode(checksum),
                "spdx:checksumValue",
                ox.Literal(dump.checksum, datatype=_node("xsd:hexBinary")),
            ),
        ]
    return facts


def _counted(site: Site) -> list[tuple[ox.NamedNode, str, Value]]:
    facts: list[tuple[ox.NamedNode, str, Value]] = [
        (DATASET, "rdf:type", _node("void:Dataset")),
        (DATASET, "rdf:type", _node("dcat:Dataset")),
        (DATASET, "void:triples", _number(site.sizes()[""])),
    ]
    if site.store.version:
        facts.append((DATASET, "dcterms:identifier", ox.Literal(site.store.version)))
    for iri, size in site.sizes().items():
        if iri:
            facts += [
                (DATASET, "void:subset", ox.NamedNode(iri)),
                (ox.NamedNode(iri), "rdf:type", _node("void:Dataset")),
                (ox.NamedNode(iri), "void:triples", _number(size)),
            ]
    return facts


def _triples(facts: list[tuple[ox.NamedNode, str, Value]]) -> list[ox.Triple]:
    return [ox.Triple(subject, _node(predicate), value) for subject, predicate, value in facts]


def _node(curie: str) -> ox.NamedNode:
    prefix, _, name = curie.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + name)


def _number(value: int) -> ox.Literal:
    return ox.Literal(value)


def _address(settings: Settings, host: str, path: str) -> ox.NamedNode:
    urls = Urls(settings)
    return ox.NamedNode(urls.absolute(urls.path(path), host))
