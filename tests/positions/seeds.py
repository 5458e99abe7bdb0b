"""Puts one fault at random into a record, and says which findings must stand on which line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pyoxigraph as ox

from abckg.reports.report import Finding
from abckg.sources import Sources
from positions.layout import TYPE, XSD, Brackets, Members, Statement

EX = "https://example.org/"
ID = "https://w3id.org/abc-kg/id/"
SH = "http://www.w3.org/ns/shacl#"
SHAPES = f"""
@prefix ex: <{EX}> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <{SH}> .
@prefix t: <https://w3id.org/abc-kg/shapes/> .
@prefix xsd: <{XSD}> .
t:Members a sh:NodeShape ; sh:targetSubjectsOf ex:members ; sh:property t:Test-member .
t:Test-member sh:path ( ex:members [ sh:zeroOrMorePath rdf:rest ] rdf:first ) ;
  sh:datatype xsd:integer ; sh:message "m"@en .
t:Box a sh:NodeShape ; sh:targetObjectsOf ex:box ; sh:property t:Test-weight , t:Test-colour .
t:Test-weight sh:path ex:weight ; sh:datatype xsd:integer ; sh:message "m"@en .
t:Test-colour sh:path ex:colour ; sh:minCount 1 ; sh:message "m"@en .
t:Boxed a sh:NodeShape ; sh:targetSubjectsOf ex:box ; sh:property t:Test-sequence .
t:Test-sequence sh:path ( ex:box ex:size ) ; sh:datatype xsd:integer ; sh:message "m"@en .
t:Held a sh:NodeShape ; sh:targetObjectsOf ex:heldBy ; sh:property t:Test-inverse .
t:Test-inverse sh:path [ sh:inversePath ex:heldBy ] ; sh:nodeKind sh:Literal ; sh:message "m"@en .
"""
"""Shapes with what the product's own shapes have no use for: lists, brackets, sequences and inverse paths."""


@dataclass(frozen=True)
class Fault:
    """What was done, which findings speak of it, and the marks of the terms that are at fault."""

    kind: str
    speaks: Callable[[Finding], bool]
    marks: tuple[str, ...]
    is_shared: bool = False
    """Whether the fault lies in several values alike, so that one of them is named and the others are related."""


@dataclass(frozen=True)
class Demand:
    """What property shapes ask of a property of a class, or of a property wherever it is used."""

    classes: frozenset[str]
    datatypes: frozenset[str]
    has_languages: bool
    is_required: bool
    is_single: bool


def demands(sources: Sources) -> dict[tuple[str, str], Demand]:
    """Return what is asked of each property, by target and property; a target is a class or, for any, the property."""
    about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for t in sources.triples("shapes"):
        about[str(t.subject)][t.predicate.value.removeprefix(SH)].append(str(t.object))
    found: dict[tuple[str, str], Demand] = {}
    for values in list(about.values()):
        for inner in values.get("property", []):
            shape = about[inner]
            for path in (p for p in shape.get("path", []) if p.startswith("<")):
                for target in (*values.get("targetClass", []), *values.get("targetSubjectsOf", [])):
                    found[target[1:-1], path[1:-1]] = _demand(shape)
    return found


def _demand(shape: dict[str, list[str]]) -> Demand:
    return Demand(
        frozenset(name[1:-1] for name in shape.get("class", [])),
        frozenset(name[1:-1] for name in shape.get("datatype", [])),
        "languageIn" in shape,
        any(n.startswith('"1"') for n in shape.get("minCount", [])),
        any(n.startswith('"1"') for n in shape.get("maxCount", [])),
    )


class Seeder:
    """Makes faults in records; every choice is drawn from ``random``."""

    def __init__(self, sources: Sources, random: Random) -> None:
        self.random = random
        self.mark = ""
        self.touched: set[tuple[str, str]] = set()
        self.demands = demands(sources)
        self.kinds: dict[str, Callable[[list[Statement]], Fault | None]] = {
            "wrong-value": self._wrong_value,
            "wrong-datatype": self._wrong_datatype,
            "misspelt-property": self._misspelt,
            "missing-property": self._missing,
            "dangling-reference": self._dangling,
            "second-value": self._second,
            "wrong-language": self._language,
            "long-string": self._long_string,
            "brackets": self._brackets,
            "value-in-brackets": self._in_brackets,
            "missing-in-brackets": self._missing_in_brackets,
            "end-of-sequence": self._sequence,
            "member": self._member,
            "inverse": self._inverse,
        }

    def seed(self, statements: list[Statement], number: int) -> list[Fault]:
        """Change a record in so many different ways that apply to it, and return what was done."""
        faults: list[Fault] = []
        self.touched.clear()
        for kind in self.random.sample(list(self.kinds), len(self.kinds)):
            self.mark = kind
            fault = self.kinds[kind](statements) if len(faults) < number else None
            if fault is not None:
                faults.append(fault)
        return faults

    def _free(self, statements: list[Statement]) -> list[Statement]:
        """Return the statements whose property no other fault of the record has to do with."""
        return [s for s in statements if (s.subject, s.predicate) not in self.touched]

    def _pick(
        self, statements: list[Statement], wanted: Callable[[Demand, Statement], bool], *, by_class: bool = False
    ) -> Statement | None:
        types = defaultdict(set)
        for s in statements:
            if s.predicate == TYPE and isinstance(s.value, ox.NamedNode):
                types[s.subject].add(s.value.value)
        fitting = [
            s
            for s in self._free(statements)
            for target in (*types[s.subject], *([] if by_class else [s.predicate]))
            if (demand := self.demands.get((target, s.predicate))) and wanted(demand, s)
        ]
        return self._touch(self.random.choice(fitting)) if fitting else None

    def _touch(self, s: Statement) -> Statement:
        self.touched.add((s.subject, s.predicate))
        return s

    def _replaced(self, kind: str, s: Statement, value: ox.NamedNode | ox.Literal) -> Fault:
        s.value, s.mark = value, kind
        return Fault(kind, lambda f: (f.predicate, f.value) == (s.predicate, str(value)), (kind,))

    def _wrong_value(self, statements: list[Statement]) -> Fault | None:
        s = self._pick(statements, lambda d, _: bool(d.classes))
        if s is None:
            return None
        classes = {name for (_, path), d in self.demands.items() if path == s.predicate for name in d.classes}
        other = (
            "fiscal-year/1995"
            if any(name.endswith(("Document", "DocumentPart")) for name in classes)
            else "document/s1"
        )
        return self._replaced("wrong-value", s, ox.NamedNode(ID + other))

    def _wrong_datatype(self, statements: list[Statement]) -> Fault | None:
        s = self._pick(statements, lambda d, s: bool(d.datatypes) and isinstance(s.value, ox.Literal))
        wrong = ox.Literal("many, or few", datatype=ox.NamedNode(f"{EX}amount"))
        return None if s is None else self._replaced("wrong-datatype", s, wrong)

    def _misspelt(self, statements: list[Statement]) -> Fault | None:
        own = [s for s in self._free(statements) if "/ontology#" in s.predicate]
        if not own:
            return None
        s = self._touch(self.random.choice(own))
        s.predicate, s.verb_mark = f"{s.predicate}Q", self.mark
        return Fault(self.mark, lambda f: f.predicate == s.predicate, (s.verb_mark,))

    def _missing(self, statements: list[Statement]) -> Fault | None:
        s = self._pick(statements, lambda d, s: d.is_required and s.predicate != TYPE, by_class=True)
        if s is None:
            return None
        statements[:] = [o for o in statements if (o.subject, o.predicate) != (s.subject, s.predicate)]
        return Fault("missing-property", lambda f: (f.focus, f.predicate) == (s.subject, s.predicate), (s.subject,))

    def _dangling(self, statements: list[Statement]) -> Fault | None:
        free = self._free(statements)
        own = [s for s in free if isinstance(s.value, ox.NamedNode) and s.value.value.startswith(ID)]
        if not own:
            return None
        s = self._touch(self.random.choice(own))
        s.value, s.mark = ox.NamedNode(f"{ID}place/nowhere-{self.random.randrange(10**9)}"), self.mark
        value = str(s.value)
        return Fault(self.mark, lambda f: (f.rule, f.value) == ("dangling-reference", value), (s.mark,))

    def _second(self, statements: list[Statement]) -> Fault | None:
        s = self._pick(statements, lambda d, _: d.is_single)
        if s is None:
            return None
        same = [o for o in statements if (o.subject, o.predicate) == (s.subject, s.predicate)]
        same.append(Statement(s.subject, s.predicate, ox.Literal("another", language="en")))
        statements.append(same[-1])
        for number, other in enumerate(same):
            other.mark = f"{self.mark}-{number}"
        return Fault(
            "second-value",
            lambda f: (
                (f.focus, f.predicate, f.component[len(SH) :])
                == (s.subject, s.predicate, "MaxCountConstraintComponent")
            ),
            tuple(other.mark for other in same),
            is_shared=True,
        )

    def _language(self, statements: list[Statement]) -> Fault | None:
        s = self._pick(statements, lambda d, s: d.has_languages and isinstance(s.value, ox.Literal))
        if s is None or not isinstance(s.value, ox.Literal):
            return None
        return self._replaced("wrong-language", s, ox.Literal(s.value.value, language="fr"))

    def _long_string(self, statements: list[Statement]) -> Fault | None:
        s = self._pick(statements, lambda d, s: d.has_languages and isinstance(s.value, ox.Literal))
        if s is None or not isinstance(s.value, ox.Literal):
            return None
        inside = f'\n"# .\n<{s.subject}>\n  <{s.predicate}> "x"@fr ;\n'
        return self._replaced("long-string", s, ox.Literal(s.value.value + inside, language="fr"))

    def _brackets(self, statements: list[Statement]) -> Fault | None:
        s = self._pick(statements, lambda d, s: bool(d.classes or d.datatypes) and not s.predicate.endswith("Offset"))
        if s is None:  # pySHACL 0.40 cannot compare a blank node by sh:lessThan, which the offsets have
            return None
        s.mark = self.mark
        s.value = Brackets([(f"{EX}note", ox.Literal("x\ny"), ""), (f"{EX}note", ox.NamedNode(f"{EX}z"), "")])
        return Fault("brackets", lambda f: f.predicate == s.predicate and f.value.startswith("_:"), (s.mark,))

    def _extra(self, statements: list[Statement], name: str, value: Brackets | Members, rule: str, mark: str) -> Fault:
        subject = self.random.choice(statements).subject
        statements.append(Statement(subject, EX + name, value, f"{self.mark}-whole"))
        return Fault(self.mark, lambda f: f.rule == rule, (mark,))

    def _in_brackets(self, statements: list[Statement]) -> Fault:
        pairs = [(f"{EX}colour", ox.Literal("red"), ""), (f"{EX}weight", ox.Literal("heavy"), self.mark)]
        return self._extra(statements, "box", Brackets(list(pairs)), "Test-weight", self.mark)

    def _missing_in_brackets(self, statements: list[Statement]) -> Fault:
        return self._extra(
            statements, "box", Brackets([(f"{EX}weight", _number(7), "")]), "Test-colour", f"{self.mark}-whole"
        )

    def _sequence(self, statements: list[Statement]) -> Fault:
        pairs = [(f"{EX}colour", ox.Literal("red"), ""), (f"{EX}size", ox.Literal("large", language="en"), self.mark)]
        return self._extra(statements, "box", Brackets(list(pairs)), "Test-sequence", self.mark)

    def _member(self, statements: list[Statement]) -> Fault:
        items = [(_number(n), "") for n in range(self.random.randrange(4))]
        items.insert(self.random.randrange(len(items) + 1), (ox.Literal("( ] ."), self.mark))
        return self._extra(statements, "members", Members(list(items)), "Test-member", self.mark)

    def _inverse(self, statements: list[Statement]) -> Fault:
        s = Statement(
            self.random.choice(statements).subject, f"{EX}heldBy", ox.NamedNode(f"{EX}{self.random.random()}")
        )
        s.mark = self.mark
        statements.append(s)
        return Fault(self.mark, lambda f: f.rule == "Test-inverse", (s.mark,))


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(f"{XSD}integer"))


def read_record(triples: tuple[ox.Triple, ...]) -> list[Statement]:
    """Return the triples of a record as statements to write."""
    return [
        Statement(t.subject.value, t.predicate.value, t.object)
        for t in triples
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode | ox.Literal)
    ]
