"""Finds what an ontology says beyond the OWL 2 RL profile.

RL says what is allowed; ``rules`` says what is compiled, which is less. Both halves of the grammar are followed:
what may stand on the left of a subclass axiom is not what may stand on its right. Three departures lose nothing
that the rules would conclude and are therefore only ``info``: an ``owl:someValuesFrom`` in a definition, of which RL
keeps the direction "whoever has such a value is a member"; a range that is a datatype outside RL, which types
literals only; and a class of RDF itself, such as ``rdf:Statement``, which OWL 2 DL reserves.
Layer: terms only; imports ``namespaces`` and ``report``.
Specification: https://www.w3.org/TR/owl2-profiles/#OWL_2_RL
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pyoxigraph as ox

from abckg.namespaces import OWL, RDF, RDFS
from abckg.reports.report import Severity

__all__ = ["PROFILE_RULES", "Departure", "departures"]

Node: TypeAlias = ox.NamedNode | ox.BlankNode
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Position: TypeAlias = Literal["subclass", "superclass", "definition"]

PROFILE_RULES: Mapping[str, Severity] = {
    "rl-axiom": Severity.VIOLATION,
    "rl-cardinality": Severity.VIOLATION,
    "rl-composite-property": Severity.VIOLATION,
    "rl-datatype": Severity.VIOLATION,
    "rl-existential-definition": Severity.INFO,
    "rl-expression": Severity.VIOLATION,
    "rl-malformed": Severity.VIOLATION,
    "rl-range-datatype": Severity.INFO,
    "rl-reserved-class": Severity.INFO,
}
"""Rule by name, and how grave a breach of it is."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE = f"{RDF}type"
_THING = f"{OWL}Thing"
_NIL = ox.NamedNode(f"{RDF}nil")
_DATATYPES = frozenset(
    f"{_XSD}{name}"
    for name in (
        *("anyURI", "base64Binary", "boolean", "byte", "dateTime", "dateTimeStamp", "decimal", "double", "float"),
        *("hexBinary", "int", "integer", "language", "long", "Name", "NCName", "negativeInteger", "NMTOKEN"),
        *("nonNegativeInteger", "nonPositiveInteger", "normalizedString", "positiveInteger", "short", "string"),
        *("token", "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort"),
    )
) | {f"{RDF}PlainLiteral", f"{RDF}XMLLiteral", f"{RDFS}Literal"}
_CARDINALITIES = (
    *("cardinality", "maxCardinality", "maxQualifiedCardinality"),
    *("minCardinality", "minQualifiedCardinality", "qualifiedCardinality"),
)
_CONSTRUCTS = (
    *("allValuesFrom", "complementOf", "hasSelf", "hasValue"),
    *("intersectionOf", "oneOf", "someValuesFrom", "unionOf", *_CARDINALITIES),
)
_ALLOWED: Mapping[Position, frozenset[str]] = {
    "subclass": frozenset(("hasValue", "intersectionOf", "oneOf", "someValuesFrom", "unionOf")),
    "superclass": frozenset(
        ("allValuesFrom", "complementOf", "hasValue", "intersectionOf", "maxCardinality", "maxQualifiedCardinality")
    ),
    "definition": frozenset(("hasValue", "intersectionOf")),
}
_DATA_CONSTRUCTS = ("datatypeComplementOf", "intersectionOf", "onDatatype", "oneOf", "unionOf", "withRestrictions")
_NOT_IN_RL = frozenset((f"{OWL}disjointUnionOf", f"{OWL}topObjectProperty", f"{OWL}topDataProperty"))
_SIMPLE_ONLY = ("AsymmetricProperty", "FunctionalProperty", "InverseFunctionalProperty", "IrreflexiveProperty")


@dataclass(frozen=True)
class Departure:
    """One place where an ontology leaves the profile.

    Attributes:
        subject: the term that the axiom is about.
        predicate: the IRI of the property that states the axiom.
        value: the value of that property.
        rule: a key of ``PROFILE_RULES``.
        construct: what is not allowed there, such as ``owl:unionOf``.
        position: where it stands: ``subclass``, ``superclass``, ``definition``, or empty.
    """

    subject: Node
    predicate: str
    value: Term
    rule: str
    construct: str
    position: str = ""


def departures(schema: Iterable[ox.Triple]) -> list[Departure]:
    """Return where an ontology leaves OWL 2 RL, each place once, in the order of the axioms."""
    return list(dict.fromkeys(_Grammar(schema).check()))


class _Grammar:
    """The axioms by subject and predicate, and one method for each production of the grammar."""

    def __init__(self, schema: Iterable[ox.Triple]) -> None:
        self._triples = list(schema)
        self._about: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in self._triples:
            self._about[triple.subject][triple.predicate.value].append(triple.object)
        self._typed: dict[str, set[Term]] = defaultdict(set)
        for triple in self._triples:
            if triple.predicate.value == _TYPE and isinstance(triple.object, ox.NamedNode):
                self._typed[triple.object.value].add(triple.subject)
        self._subject: Node = _NIL
        self._predicate = ""
        self._value: Term = _NIL

    def check(self) -> Iterator[Departure]:
        for triple in self._triples:
            if isinstance(triple.subject, ox.NamedNode | ox.BlankNode):
                self._begin(triple)
                yield from self._axiom(triple.subject, triple.object)
        yield from self._composites()

    def _begin(self, triple: ox.Triple) -> None:
        if isinstance(triple.subject, ox.NamedNode | ox.BlankNode):
            self._subject, self._predicate, self._value = triple.subject, triple.predicate.value, triple.object

    def _departure(self, rule: str, construct: str, position: str = "") -> Departure:
        return Departure(self._subject, self._predicate, self._value, rule, construct, position)

    def _axiom(self, subject: Node, value: Term) -> Iterator[Departure]:
        name = self._predicate
        if name == f"{RDFS}subClassOf":
            yield from self._class(subject, "subclass")
            yield from self._class(value, "superclass")
        elif name == f"{OWL}equivalentClass" and not self._is_data_range(value):
            yield from self._class(subject, "definition")
            yield from self._class(value, "definition")
        elif name == f"{OWL}equivalentClass":
            yield from self._data_range(value, "rl-datatype")
        elif name in (f"{OWL}disjointWith", f"{OWL}hasKey"):
            yield from self._class(subject, "subclass")
            if name == f"{OWL}disjointWith":
                yield from self._class(value, "subclass")
        elif name == f"{OWL}members" and subject in self._typed[f"{OWL}AllDisjointClasses"]:
            for member in self._list(value):
                yield from self._class(member, "subclass")
        elif name == f"{RDFS}domain":
            yield from self._class(value, "superclass")
        elif name == f"{RDFS}range":
            is_data = self._is_data_range(value)
            yield from self._data_range(value, "rl-range-datatype") if is_data else self._class(value, "superclass")
        else:
            yield from self._other(subject, value)

    def _other(self, subject: Node, value: Term) -> Iterator[Departure]:
        """Check what is no axiom about classes by its predicate."""
        construct = self._predicate.removeprefix(OWL)
        if self._predicate in _NOT_IN_RL:
            yield self._departure("rl-axiom", f"owl:{construct}")
        elif self._predicate == _TYPE and value == ox.NamedNode(f"{OWL}ReflexiveProperty"):
            yield self._departure("rl-axiom", "owl:ReflexiveProperty")
        elif self._predicate == _TYPE and isinstance(value, ox.BlankNode):
            yield from self._class(value, "superclass")
        elif isinstance(subject, ox.NamedNode) and construct in ("complementOf", "intersectionOf", "oneOf", "unionOf"):
            yield from self._construct(subject, construct, "definition")

    def _class(self, term: Term, position: Position) -> Iterator[Departure]:
        if isinstance(term, ox.NamedNode):
            if term.value == _THING:
                yield self._departure("rl-expression", "owl:Thing", position)
            elif self._is_data_range(term):
                yield self._departure("rl-malformed", _name(term.value), position)
            elif term.value.startswith((RDF, RDFS, OWL)) and term.value != f"{OWL}Nothing":
                yield self._departure("rl-reserved-class", _name(term.value), position)
            return
        found = [name for name in _CONSTRUCTS if f"{OWL}{name}" in self._about.get(term, {})]
        restriction = [name for name in found if name not in ("complementOf", "intersectionOf", "oneOf", "unionOf")]
        if len(found) != 1 or (restriction and len(self._values(term, f"{OWL}onProperty")) != 1):
            yield self._departure("rl-malformed", ", ".join(f"owl:{name}" for name in found) or "[]", position)
            return
        yield from self._construct(term, found[0], position)

    def _construct(self, term: Term, name: str, position: Position) -> Iterator[Departure]:
        if position == "definition" and name == "someValuesFrom":
            yield self._departure("rl-existential-definition", "owl:someValuesFrom", position)
        elif name in _CARDINALITIES and position == "superclass" and name in _ALLOWED[position]:
            yield from self._cardinality(term, name)
        elif name not in _ALLOWED[position]:
            yield self._departure("rl-expression", f"owl:{name}", position)
        for value in self._values(term, f"{OWL}{name}"):
            yield from self._inside(name, value, position)

    def _inside(self, name: str, value: Term, position: Position) -> Iterator[Departure]:
        if name in ("intersectionOf", "unionOf"):
            for member in self._list(value):
                yield from self._class(member, position)
        elif name == "complementOf":
            yield from self._class(value, "subclass")
        elif name in ("someValuesFrom", "allValuesFrom") and self._is_data_range(value):
            yield from self._data_range(value, "rl-datatype")
        elif name == "someValuesFrom" and value != ox.NamedNode(_THING):
            yield from self._class(value, "subclass")
        elif name == "allValuesFrom":
            yield from self._class(value, "superclass")

    def _cardinality(self, term: Term, name: str) -> Iterator[Departure]:
        for value in self._values(term, f"{OWL}{name}"):
            if not isinstance(value, ox.Literal) or value.value not in ("0", "1"):
                shown = value.value if isinstance(value, ox.Literal) else str(value)
                yield self._departure("rl-cardinality", f"owl:{name} {shown}", "superclass")
        for filler in self._values(term, f"{OWL}onClass"):
            if filler != ox.NamedNode(_THING):
                yield from self._class(filler, "subclass")
        for filler in self._values(term, f"{OWL}onDataRange"):
            yield from self._data_range(filler, "rl-datatype")

    def _is_data_range(self, term: Term) -> bool:
        if isinstance(term, ox.NamedNode):
            is_declared = term in self._typed[f"{RDFS}Datatype"]
            return is_declared or term.value.startswith(_XSD) or term.value in (*_DATATYPES, f"{RDF}langString")
        keys = self._about.get(term, {})
        return term in self._typed[f"{RDFS}Datatype"] or any(
            f"{OWL}{name}" in keys for name in ("datatypeComplementOf", "onDatatype")
        )

    def _data_range(self, term: Term, rule: str) -> Iterator[Departure]:
        if isinstance(term, ox.NamedNode):
            if term.value not in _DATATYPES:
                yield self._departure(rule, _name(term.value))
            return
        found = [name for name in _DATA_CONSTRUCTS if f"{OWL}{name}" in self._about.get(term, {})]
        if found == ["intersectionOf"]:
            for value in self._values(term, f"{OWL}intersectionOf"):
                for member in self._list(value):
                    yield from self._data_range(member, "rl-datatype")
        else:
            yield self._departure("rl-datatype", ", ".join(f"owl:{name}" for name in found) or "[]")

    def _composites(self) -> Iterator[Departure]:
        """Yield the properties that are put together from others where OWL 2 DL wants a simple one."""
        composite = self._composite_properties()
        for triple in self._triples:
            if not isinstance(triple.subject, ox.NamedNode | ox.BlankNode):
                continue
            self._begin(triple)
            kind = triple.object.value.removeprefix(OWL) if isinstance(triple.object, ox.NamedNode) else ""
            if self._predicate == _TYPE and kind in _SIMPLE_ONLY and triple.subject in composite:
                yield self._departure("rl-composite-property", f"owl:{kind}")
            elif self._predicate == f"{OWL}propertyDisjointWith" and {triple.subject, triple.object} & composite:
                yield self._departure("rl-composite-property", "owl:propertyDisjointWith")
            elif self._predicate == f"{OWL}onProperty" and triple.object in composite:
                counts = [
                    name for name in (*_CARDINALITIES, "hasSelf") if f"{OWL}{name}" in self._about[triple.subject]
                ]
                yield from (self._departure("rl-composite-property", f"owl:{name}") for name in counts)

    def _composite_properties(self) -> set[Term]:
        found = set(self._typed[f"{OWL}TransitiveProperty"])
        found |= {t.subject for t in self._triples if t.predicate.value == f"{OWL}propertyChainAxiom"}
        while True:
            more: set[Term] = set()
            for triple in self._triples:
                name = triple.predicate.value
                if name in (f"{RDFS}subPropertyOf", f"{OWL}inverseOf", f"{OWL}equivalentProperty"):
                    more |= {triple.object} if triple.subject in found else set()
                    is_two_way = name != f"{RDFS}subPropertyOf" and triple.object in found
                    more |= {triple.subject} if is_two_way else set()
            if more <= found:
                return found
            found |= more

    def _values(self, term: Term, predicate: str) -> list[Term]:
        return self._about.get(term, {}).get(predicate, [])

    def _list(self, head: Term) -> list[Term]:
        members: list[Term] = []
        seen: set[Term] = set()
        while head != _NIL and head not in seen:
            seen.add(head)
            members += self._values(head, f"{RDF}first")
            head = next(iter(self._values(head, f"{RDF}rest")), _NIL)
        return members


def _name(iri: str) -> str:
    for label, namespace in (("xsd", _XSD), ("rdf", RDF), ("rdfs", RDFS), ("owl", OWL)):
        if iri.startswith(namespace):
            return f"{label}:{iri.removeprefix(namespace)}"
    return f"<{iri}>"
