"""Turns the axioms of an ontology into rules: one rule an axiom, over one predicate a class and one a property.

The constructs of OWL 2 RL that the ontology uses are compiled; every other one is refused by name, because
an axiom that is silently ignored gives a graph that looks complete and is not. Three readings to know:
a ``someValuesFrom`` makes members of its class but never a new individual; a range that is a datatype
makes no triple (SHACL checks values); ``owl:Thing`` is never concluded.
Layer: terms only; imports ``errors`` and ``namespaces``.
Specification: https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import pyoxigraph as ox

from abckg.errors import AxiomRefused
from abckg.namespaces import OWL, RDF, RDFS

__all__ = ["Atom", "Rule", "RuleSet", "Term", "compile_rules", "refuse_axioms"]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
Node: TypeAlias = ox.NamedNode | ox.BlankNode

_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE = f"{RDF}type"
_THING = ox.NamedNode(f"{OWL}Thing")
_NIL = ox.NamedNode(f"{RDF}nil")

_CLASS_AXIOMS = (f"{RDFS}subClassOf", f"{OWL}equivalentClass", f"{OWL}disjointWith")
_PROPERTY_AXIOMS = (f"{RDFS}subPropertyOf", f"{OWL}equivalentProperty", f"{OWL}inverseOf")
_OTHER_AXIOMS = (f"{RDFS}domain", f"{RDFS}range", f"{OWL}propertyChainAxiom")
_EXPRESSIONS = ("onProperty", "someValuesFrom", "hasValue", "intersectionOf", "members")
_AXIOM_PREDICATES = frozenset((*_CLASS_AXIOMS, *_PROPERTY_AXIOMS, *_OTHER_AXIOMS, *(f"{OWL}{e}" for e in _EXPRESSIONS)))

_ANNOTATIONS = frozenset(
    f"{OWL}{name}"
    for name in (
        *("annotatedProperty", "annotatedSource", "annotatedTarget", "backwardCompatibleWith", "deprecated", "imports"),
        *("incompatibleWith", "priorVersion", "versionIRI", "versionInfo"),
    )
)
_CHARACTERISTICS = frozenset((f"{OWL}TransitiveProperty", f"{OWL}SymmetricProperty", f"{OWL}AllDisjointClasses"))
_DECLARATIONS = frozenset(
    f"{OWL}{name}"
    for name in (
        *("AnnotationProperty", "Axiom", "Class", "DatatypeProperty", "DeprecatedClass", "DeprecatedProperty"),
        *("NamedIndividual", "ObjectProperty", "Ontology", "OntologyProperty", "Restriction", "Thing"),
    )
)


@dataclass(frozen=True)
class Atom:
    """A class with one argument or a property with two; a ``str`` argument is a variable, a term a constant."""

    predicate: Node
    arguments: tuple[str | Term, ...]


@dataclass(frozen=True)
class Rule:
    """The head holds wherever all of the body holds."""

    head: Atom
    body: tuple[Atom, ...]


@dataclass(frozen=True)
class RuleSet:
    """What an ontology says about individuals: rules, and the pairs of classes that may share none."""

    rules: tuple[Rule, ...]
    disjoint: tuple[tuple[ox.NamedNode, ox.NamedNode], ...]


def compile_rules(schema: Iterable[ox.Triple]) -> RuleSet:
    """Return the rules that the axioms among ``schema`` stand for.

    Args:
        schema: triples of the ontology; those that are no axioms are passed over.

    Raises:
        AxiomRefused: a construct of OWL that is not compiled, or a malformed axiom; the message names it.
    """
    triples = list(schema)
    _refuse_unknown_vocabulary(triples)
    return _Compiler(triples).compile()


def refuse_axioms(facts: Iterable[ox.Triple]) -> None:
    """Raise AxiomRefused for the first axiom among ``facts``: it would be passed over there."""
    triples = list(facts)
    _refuse_unknown_vocabulary(triples)
    for triple in triples:
        is_axiom = triple.predicate.value in _AXIOM_PREDICATES
        if is_axiom or (triple.predicate.value == _TYPE and _iri(triple.object) in _CHARACTERISTICS):
            raise AxiomRefused(
                f"{triple} is an axiom among the facts; move it to ontology/.",
                triple.subject,
                f"{triple} は公理です。事実の中には置けません。ontology/ に移してください",
            )


def _refuse_unknown_vocabulary(triples: Iterable[ox.Triple]) -> None:
    """Raise AxiomRefused for the first OWL term, as predicate or as type, that the rules do not cover."""
    for triple in triples:
        predicate = triple.predicate.value
        kind = _iri(triple.object) if predicate == _TYPE else ""
        if predicate.startswith(OWL) and predicate not in _AXIOM_PREDICATES and predicate not in _ANNOTATIONS:
            raise _unsupported(predicate, triple.subject)
        if kind.startswith(OWL) and kind not in _CHARACTERISTICS and kind not in _DECLARATIONS:
            raise _unsupported(kind, triple.subject)


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _unsupported(iri: str, subject: object) -> AxiomRefused:
    name = f"owl:{iri.removeprefix(OWL)}" if iri.startswith(OWL) else f"<{iri}>"
    return AxiomRefused(
        f"{name} at {subject} is not compiled to a rule; say it otherwise or extend rules.py.",
        subject,
        f"{subject} の {name} は推論規則にできません。別の形で記すか、rules.pyを広げてください",
    )


class _Compiler:
    """One pass over an index of the schema; each method yields the rules of one construct."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._by_predicate: dict[str, list[tuple[Node, Term]]] = {}
        self._objects: dict[tuple[Node, str], list[Term]] = {}
        self._types: dict[str, list[Node]] = {}
        for triple in triples:
            subject, predicate, value = _node(triple.subject), triple.predicate.value, triple.object
            if isinstance(value, ox.Triple):
                raise AxiomRefused(
                    f"A quoted triple at {subject} is not an axiom of OWL 2.",
                    subject,
                    f"{subject} の引用されたトリプルは、OWL 2の公理ではありません",
                )
            self._by_predicate.setdefault(predicate, []).append((subject, value))
            self._objects.setdefault((subject, predicate), []).append(value)
            if predicate == _TYPE and isinstance(value, ox.NamedNode):
                self._types.setdefault(value.value, []).append(subject)
        self._datatypes = set(self._types.get(f"{RDFS}Datatype", ()))

    def compile(self) -> RuleSet:
        rules = [*self._classes(), *self._properties(), *self._domains(), *self._chains()]
        rules += [*self._restrictions(), *self._intersections()]
        kept = dict.fromkeys(rule for rule in rules if rule.head.predicate != _THING and rule.head not in rule.body)
        return RuleSet(tuple(kept), tuple(sorted(set(self._disjoint()), key=str)))

    def _axioms(self, predicate: str) -> list[tuple[Node, Term]]:
        return self._by_predicate.get(predicate, [])

    def _classes(self) -> Iterator[Rule]:
        for narrower, wider in self._axioms(f"{RDFS}subClassOf"):
            yield Rule(_is(self._class(wider, thing=True)), (_is(self._class(narrower)),))
        for one, other in self._axioms(f"{OWL}equivalentClass"):
            yield Rule(_is(self._class(one)), (_is(self._class(other)),))
            yield Rule(_is(self._class(other)), (_is(self._class(one)),))

    def _properties(self) -> Iterator[Rule]:
        for narrower, wider in self._axioms(f"{RDFS}subPropertyOf"):
            yield Rule(_has(_property(wider)), (_has(_property(narrower)),))
        for one, other in self._axioms(f"{OWL}equivalentProperty"):
            yield Rule(_has(_property(one)), (_has(_property(other)),))
            yield Rule(_has(_property(other)), (_has(_property(one)),))
        for one, other in self._axioms(f"{OWL}inverseOf"):
            yield Rule(_has(_property(one), "?y", "?x"), (_has(_property(other)),))
            yield Rule(_has(_property(other), "?y", "?x"), (_has(_property(one)),))
        for name in self._types.get(f"{OWL}SymmetricProperty", ()):
            yield Rule(_has(_property(name), "?y", "?x"), (_has(_property(name)),))
        for name in self._types.get(f"{OWL}TransitiveProperty", ()):
            steps = (_has(_property(name)), _has(_property(name), "?y", "?z"))
            yield Rule(_has(_property(name), "?x", "?z"), steps)

    def _domains(self) -> Iterator[Rule]:
        for name, domain in self._axioms(f"{RDFS}domain"):
            yield Rule(_is(self._class(domain, thing=True)), (_has(_property(name)),))
        for name, target in self._axioms(f"{RDFS}range"):
            if not self._is_datatype(target):
                yield Rule(_is(self._class(target, thing=True), "?y"), (_has(_property(name)),))

    def _chains(self) -> Iterator[Rule]:
        for name, chain in self._axioms(f"{OWL}propertyChainAxiom"):
            links = self._list(chain)
            steps = tuple(_has(_property(p), f"?v{i}", f"?v{i + 1}") for i, p in enumerate(links))
            yield Rule(_has(_property(name), "?v0", f"?v{len(links)}"), steps)

    def _restrictions(self) -> Iterator[Rule]:
        restrictions = [node for node, _ in self._axioms(f"{OWL}onProperty")]
        for restriction in (*restrictions, *self._types.get(f"{OWL}Restriction", ())):
            if not any((restriction, f"{OWL}{filler}") in self._objects for filler in ("someValuesFrom", "hasValue")):
                raise AxiomRefused(
                    f"The restriction {restriction} has neither owl:someValuesFrom nor owl:hasValue.",
                    restriction,
                    f"制約 {restriction} に owl:someValuesFrom も owl:hasValue もありません",
                )
        for restriction, some in self._axioms(f"{OWL}someValuesFrom"):
            name = _property(self._single(restriction, f"{OWL}onProperty"))
            filler = self._class(some, thing=True)
            member: tuple[Atom, ...] = () if filler == _THING else (_is(filler, "?y"),)
            yield Rule(_is(restriction), (_has(name), *member))
        for restriction, value in self._axioms(f"{OWL}hasValue"):
            name = _property(self._single(restriction, f"{OWL}onProperty"))
            yield Rule(_is(restriction), (_has(name, "?x", value),))
            yield Rule(_has(name, "?x", value), (_is(restriction),))

    def _intersections(self) -> Iterator[Rule]:
        for whole, members in self._axioms(f"{OWL}intersectionOf"):
            parts = [self._class(member) for member in self._list(members)]
            yield Rule(_is(whole), tuple(_is(part) for part in parts))
            yield from (Rule(_is(part), (_is(whole),)) for part in parts)

    def _disjoint(self) -> Iterator[tuple[ox.NamedNode, ox.NamedNode]]:
        for one, other in self._axioms(f"{OWL}disjointWith"):
            yield self._pair(one, other)
        groups = self._types.get(f"{OWL}AllDisjointClasses", [])
        for node, _ in self._axioms(f"{OWL}members"):
            if node not in groups:
                raise AxiomRefused(
                    f"{node} has owl:members and is not of the type owl:AllDisjointClasses.",
                    node,
                    f"{node} には owl:members がありますが、型が owl:AllDisjointClasses ではありません",
                )
        for node in groups:
            for first, second in combinations(self._list(self._single(node, f"{OWL}members")), 2):
                yield self._pair(first, second)

    def _pair(self, one: Term, other: Term) -> tuple[ox.NamedNode, ox.NamedNode]:
        first, second = sorted((self._class(one), self._class(other)), key=str)
        if isinstance(first, ox.NamedNode) and isinstance(second, ox.NamedNode):
            return first, second
        raise AxiomRefused(
            f"Disjointness of {first} and {second}: both must be named classes; name the expression.",
            first,
            f"{first} と {second} を互いに素とするには、両方に名前が要ります。クラス式に名前を付けてください",
        )

    def _single(self, subject: Term, predicate: str) -> Term:
        values = self._objects.get((_node(subject), predicate), [])
        if len(values) != 1:
            raise AxiomRefused(
                f"{subject} needs exactly one <{predicate}> in the ontology and has {len(values)}.",
                subject,
                f"{subject} には <{predicate}> がちょうど一つ要りますが、オントロジーに{len(values)}個あります",
            )
        return values[0]

    def _list(self, head: Term) -> list[Term]:
        members: list[Term] = []
        seen: set[Term] = set()
        cell: Term = head
        while cell != _NIL:
            if cell in seen:
                raise AxiomRefused(
                    f"The list at {head} in the ontology runs in a circle.",
                    head,
                    f"オントロジーの並び {head} が循環しています",
                )
            seen.add(cell)
            members.append(self._single(cell, f"{RDF}first"))
            cell = self._single(cell, f"{RDF}rest")
        if not members:
            raise AxiomRefused(
                "An axiom of the ontology has an empty list; give it members or delete it.",
                head,
                "公理の並びが空です。要素を記すか、公理を除いてください",
            )
        return members

    def _is_datatype(self, term: Term) -> bool:
        if term in self._datatypes:
            return True
        iri = _iri(term)
        return iri.startswith(_XSD) or iri in (f"{RDF}langString", f"{RDF}PlainLiteral", f"{RDFS}Literal")

    def _class(self, term: Term, *, thing: bool = False) -> Node:
        if self._is_datatype(term):
            raise AxiomRefused(
                f"The datatype {term} stands where the rules need a class.",
                term,
                f"クラスを記すべきところに、データ型 {term} があります",
            )
        if term == _THING and thing:
            return _THING
        return _operand(term)


def _node(term: object) -> Node:
    if isinstance(term, ox.NamedNode | ox.BlankNode):
        return term
    raise AxiomRefused(
        f"{term} stands in an axiom of the ontology where a class, a property or a list must stand.",
        term,
        f"公理の中の、クラス、属性又は並びを記すべきところに {term} があります",
    )


def _operand(term: Term) -> Node:
    node = _node(term)
    if _iri(node).startswith(OWL):
        raise _unsupported(_iri(node), "a class or property axiom")
    return node


def _property(term: Term) -> Node:
    node = _operand(term)
    if _iri(node) == _TYPE or _iri(node) in _AXIOM_PREDICATES:
        raise _unsupported(_iri(node), "a property axiom")
    return node


def _is(name: Node, variable: str = "?x") -> Atom:
    return Atom(name, (variable,))


def _has(name: Node, subject: str | Term = "?x", value: str | Term = "?y") -> Atom:
    return Atom(name, (subject, value))
