"""A second opinion on what follows: owlrl, an independent implementation of the OWL 2 RL rules.

It is slow, so it is given only what a rule can touch: the axioms without labels, definitions and declarations,
and of the facts every triple whose predicate, or whose class, occurs in an axiom. What can be touched is read from
the ontology's own triples, not from our compiled rules, so that an axiom we overlook is not overlooked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from unittest.mock import patch

import owlrl
import owlrl.OWLRL
import pyoxigraph as ox
import rdflib

from abckg.namespaces import OWL, RDF, RDFS
from abckg.sources import to_rdflib

_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE = f"{RDF}type"
_DECLARATIONS = {f"{OWL}{kind}" for kind in ("AnnotationProperty", "Class", "DatatypeProperty", "ObjectProperty")}
_COMMENTS = {f"{RDFS}{name}" for name in ("comment", "isDefinedBy", "label", "seeAlso")}


def axioms(schema: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return the triples that state axioms; a datatype range types literals only, which no triple can say."""
    return [
        triple
        for triple in schema
        if triple.predicate.value.startswith((OWL, RDF, RDFS))
        and triple.predicate.value not in _COMMENTS
        and not (triple.predicate.value == _TYPE and _iri(triple.object) in _DECLARATIONS)
        and not (triple.predicate.value == f"{RDFS}range" and _iri(triple.object).startswith((_XSD, RDF)))
    ]


def touched(axioms: list[ox.Triple], facts: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return the facts whose predicate occurs in an axiom, and the typings whose class does."""
    terms = {term for triple in axioms for term in (triple.subject, triple.object)}
    return [t for t in facts if (t.object if t.predicate.value == _TYPE else t.predicate) in terms]


def owlrl_closure(schema: Iterable[ox.Triple], facts: Iterable[ox.Triple]) -> set[ox.Triple]:
    """Return the triples about the facts' IRIs that follow by owlrl and are not asserted."""
    rules = axioms(schema)
    known = touched(rules, facts)
    graph = rdflib.Graph(store="SimpleMemory")
    graph += to_rdflib(iter([*rules, *known]))
    _close(graph)
    about = {term for triple in known for term in _nodes(triple)}
    return {triple for triple in map(_triple, graph) if triple is not None and triple.subject in about} - set(known)


def _close(graph: rdflib.Graph) -> None:
    """Run all rules of owlrl but those of equality, five times faster than out of the box.

    Where nothing is said to be the same as anything, the equality rules say only that each term is itself, which
    doubles the graph. Most of the rest of the time goes into looking up ``RDF.type`` and its like: fixed names here.
    """
    with ExitStack() as stack:
        for name in ("OWL", "RDF", "RDFS"):
            terms = getattr(owlrl.OWLRL, name)
            fixed = SimpleNamespace(**{term: terms[term] for term in terms.__annotations__})
            stack.enter_context(patch.object(owlrl.OWLRL, name, fixed))
        stack.enter_context(patch.object(owlrl.OWLRL_Semantics, "_equality", lambda *_: None))
        owlrl.OWLRL_Semantics(graph, axioms=False, daxioms=False, rdfs=False).closure()
    assert (None, rdflib.OWL.sameAs, None) not in graph, "equality is used: run its rules, too"


def _nodes(triple: ox.Triple) -> Iterator[object]:
    yield triple.subject
    if triple.predicate.value != _TYPE:
        yield triple.object


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _triple(triple: tuple[rdflib.term.Node, ...]) -> ox.Triple | None:
    """Return a triple of the closure if it says something of an individual, None for what holds in any graph."""
    subject, predicate, value = triple
    if not isinstance(subject, rdflib.URIRef) or not isinstance(predicate, rdflib.URIRef):
        return None
    if str(predicate).startswith((OWL, RDFS)) or isinstance(value, rdflib.BNode) or str(value) == f"{OWL}Thing":
        return None
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), _term(value))


def _term(value: rdflib.term.Node) -> ox.NamedNode | ox.Literal:
    if not isinstance(value, rdflib.Literal):
        return ox.NamedNode(str(value))
    if value.language:
        return ox.Literal(str(value), language=value.language)
    return ox.Literal(str(value), datatype=ox.NamedNode(value.datatype or f"{_XSD}string"))
