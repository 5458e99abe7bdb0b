"""The W3C suite of SPARQL 1.1 Service Description: its three tests, over HTTP against the real server."""

from __future__ import annotations

from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from conformance.manifest import PATH, Manifest

SD = "http://www.w3.org/ns/sparql-service-description#"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SUITE = Manifest("service-description")
TESTED = {"returns-rdf", "has-endpoint-triple", "conforms-to-schema"}
FORMATS = ["text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"]
# Domain and range of each property, from https://www.w3.org/TR/sparql11-service-description/#properties
SCHEMA = {
    "endpoint": ("Service", None),
    "feature": ("Service", None),
    "supportedLanguage": ("Service", None),
    "resultFormat": ("Service", None),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": (("Dataset", "GraphCollection"), "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
FEATURES = {"DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"}
LANGUAGES = {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"}


def describe(endpoint: str, accept: str = "text/turtle") -> ox.Store:
    request = Request(f"{endpoint}{PATH}", headers={"Accept": accept})  # noqa: S310 - loopback
    graph = ox.Store()
    with urlopen(request, timeout=20) as response:  # noqa: S310 - our own server
        assert response.headers["Content-Type"].startswith(accept)
        form = ox.RdfFormat.from_media_type(accept)
        assert form is not None
        graph.extend(ox.parse(response.read(), format=form, base_iri=f"{endpoint}{PATH}"))
    return graph


def objects(graph: ox.Store, name: str) -> set[str]:
    found = (quad.object for quad in graph.quads_for_pattern(None, ox.NamedNode(SD + name), None))
    return {term.value for term in found if isinstance(term, ox.NamedNode)}


def is_a(graph: ox.Store, node: object, names: tuple[str, ...]) -> bool:
    assert isinstance(node, ox.NamedNode | ox.BlankNode)
    return any(ox.Quad(node, RDF_TYPE, ox.NamedNode(SD + name)) in graph for name in names)


@pytest.mark.parametrize("accept", FORMATS)
def test_w3c_returns_rdf(endpoint: str, accept: str) -> None:
    assert len(describe(endpoint, accept)) > 0


def test_w3c_has_endpoint_triple(endpoint: str) -> None:
    assert objects(describe(endpoint), "endpoint") == {f"{endpoint}{PATH}"}


def test_w3c_conforms_to_schema(endpoint: str) -> None:
    graph = describe(endpoint)
    used = {q.predicate.value.removeprefix(SD) for q in graph if q.predicate.value.startswith(SD)}

    assert used == set(SCHEMA)
    for name, (domain, range_) in SCHEMA.items():
        for quad in graph.quads_for_pattern(None, ox.NamedNode(SD + name), None):
            assert is_a(graph, quad.subject, domain if isinstance(domain, tuple) else (domain,)), quad
            assert range_ is None or is_a(graph, quad.object, (range_,)), quad
    assert {iri.removeprefix(SD) for iri in objects(graph, "feature")} <= FEATURES
    assert {iri.removeprefix(SD) for iri in objects(graph, "supportedLanguage")} <= LANGUAGES


def test_no_test_of_the_suite_is_left_out(endpoint: str) -> None:
    assert set(SUITE.names()) == TESTED
