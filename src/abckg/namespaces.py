"""Prefixes and the few IRIs that code needs by name.

The one prefix list is ``ontology/prefixes.ttl``; Python, SPARQL and the formatter read it from there.
Layer: imports ``errors`` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import MissingSource, TurtleSyntaxError

__all__ = [
    "ABC",
    "ASSERTED_GRAPHS",
    "BASE",
    "DATA_GRAPH",
    "ID",
    "INFERRED_GRAPH",
    "ONTOLOGY_GRAPH",
    "OWL",
    "PREFIX_FILE",
    "RDF",
    "RDFS",
    "RULES",
    "SH",
    "SKOS",
    "XSD",
    "Prefixes",
    "load_prefixes",
    "prefixes_in",
    "used_prefixes",
]

BASE = "https://w3id.org/abc-kg/"
ABC = f"{BASE}ontology#"
ID = f"{BASE}id/"
ONTOLOGY_GRAPH = f"{BASE}graph/ontology"
DATA_GRAPH = f"{BASE}graph/data"
ASSERTED_GRAPHS = (ONTOLOGY_GRAPH, DATA_GRAPH)
INFERRED_GRAPH = f"{BASE}graph/inferred"
RULES = f"{BASE}rules"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIX_FILE = Path("ontology/prefixes.ttl")

_LOCAL_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?\Z")


class Prefixes(Mapping[str, str]):
    """Prefix labels with their namespaces, and the way from an IRI to its CURIE and back."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self._namespaces = dict(sorted(namespaces.items()))
        self._parts: dict[str, tuple[str, str] | None] = {}

    def __getitem__(self, label: str) -> str:
        return self._namespaces[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._namespaces)

    def __len__(self) -> int:
        return len(self._namespaces)

    @cached_property
    def _by_length(self) -> list[tuple[str, str]]:
        return sorted(((ns, label) for label, ns in self.items()), key=lambda pair: -len(pair[0]))

    def split(self, iri: str) -> tuple[str, str] | None:
        """Return the label and local name of ``iri``, or None where no prefix fits."""
        if iri not in self._parts:
            self._parts[iri] = self._split(iri)
        return self._parts[iri]

    def _split(self, iri: str) -> tuple[str, str] | None:
        for namespace, label in self._by_length:
            if iri.startswith(namespace):
                local = iri[len(namespace) :]
                return (label, local) if _LOCAL_NAME.match(local) else None
        return None

    def curie(self, iri: str) -> str:
        """Return ``label:name`` for ``iri``, or the IRI in angle brackets where no prefix fits."""
        parts = self.split(iri)
        return f"{parts[0]}:{parts[1]}" if parts else f"<{iri}>"

    def expand(self, curie: str) -> str:
        """Return the IRI that ``label:name`` stands for; a KeyError where the label is unknown."""
        label, _, local = curie.partition(":")
        return self._namespaces[label] + local

    def sparql(self) -> str:
        """Return the list as PREFIX lines of SPARQL."""
        return "".join(f"PREFIX {label}: <{namespace}>\n" for label, namespace in self.items())


def load_prefixes(root: Path) -> Prefixes:
    """Read the prefix list of the dataset at ``root``; MissingSource where there is none."""
    path = root / PREFIX_FILE
    if not path.is_file():
        raise MissingSource(path, "no prefix list here; give --root a checkout of the graph")
    try:
        return prefixes_in(quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    except SyntaxError as fault:
        raise TurtleSyntaxError(path, fault.msg, fault.lineno, fault.offset) from fault


def prefixes_in(triples: Iterable[ox.Triple]) -> Prefixes:
    """Return the prefixes that some triples declare with ``sh:prefix`` and ``sh:namespace``."""
    names: dict[str, str] = {}
    namespaces: dict[str, str] = {}
    for triple in triples:
        if isinstance(triple.object, ox.Literal):
            {f"{SH}prefix": names, f"{SH}namespace": namespaces}.get(triple.predicate.value, {})[
                str(triple.subject)
            ] = triple.object.value
    return Prefixes({label: namespaces[subject] for subject, label in names.items() if subject in namespaces})


def used_prefixes(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``prefixes`` that some IRI of ``triples`` begins with."""
    stems = {
        term.value[: max(term.value.rfind("/"), term.value.rfind("#")) + 1]
        for triple in triples
        for term in _iris(triple)
    }
    return {label: namespace for label, namespace in prefixes.items() if namespace in stems}


def _iris(triple: ox.Triple) -> Iterator[ox.NamedNode]:
    for term in triple:
        if isinstance(term, ox.NamedNode):
            yield term
        elif isinstance(term, ox.Literal):
            yield term.datatype
