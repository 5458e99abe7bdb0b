"""Concludes what follows from ontology and facts, and finds what contradicts the ontology, with its cause.

The axioms are compiled to rules (``rules``) and run by Nemo, a Datalog engine, with one predicate a class and one
a property. Every term is a number there, so a literal comes back as the very term that went in, with its
language tag, datatype and spelling. Layer: imports ``errors``, ``namespaces`` and ``rules``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import nmo_python
import pyoxigraph as ox

from abckg.errors import ReasoningError
from abckg.namespaces import RDF
from abckg.reasoning.rules import Atom, Rule, RuleSet, Term, compile_rules, refuse_axioms

__all__ = ["Clash", "Closure", "Proof", "materialise", "minimal_cause", "prove"]

Row: TypeAlias = tuple[int, ...]

_TYPE = ox.NamedNode(f"{RDF}type")
_FACT = re.compile(r"(?P<name>[cp][0-9]+)\((?P<row>[0-9, ]+)\)\Z")
_HEAD = re.compile(r"(?P<name>[cp][0-9]+)\((?P<arguments>[^)]*)\) :-")


@dataclass(frozen=True)
class Clash:
    """One node that is of two disjoint classes, and the asserted triples that make it so."""

    node: ox.NamedNode
    classes: tuple[ox.NamedNode, ox.NamedNode]
    cause: tuple[ox.Triple, ...]

    def __str__(self) -> str:
        causes = "; ".join(str(triple) for triple in self.cause)
        return f"{self.node} cannot be both {self.classes[0]} and {self.classes[1]}; it follows from: {causes}"


@dataclass(frozen=True)
class Closure:
    """What follows: triples that are not asserted, and clashes; both sorted."""

    inferred: tuple[ox.Triple, ...]
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class Proof:
    """Why a triple holds: it is asserted (no premises), or an axiom yields it from the premises."""

    conclusion: ox.Triple
    premises: tuple[Proof, ...] = ()


def materialise(schema: Iterable[ox.Triple], facts: Iterable[ox.Triple]) -> Closure:
    """Conclude everything about the IRIs of ``facts`` that follows from both arguments.

    Args:
        schema: the ontology; its assertions take part, but nothing is concluded about its own terms.
        facts: the records and concepts. Blank nodes take part; nothing is returned that names one.

    Raises:
        ReasoningError: the ontology uses OWL that is not compiled, the facts hold axioms, or no room for
            temporary files.
    """
    with _written(schema, facts) as (world, folder):
        return world.close(folder)


def prove(schema: Iterable[ox.Triple], facts: Iterable[ox.Triple], triple: ox.Triple) -> Proof | None:
    """Return one proof of a triple from ontology and facts, None where it does not follow.

    Raises:
        ReasoningError: as ``materialise``.
    """
    assertions = list(facts)
    if triple in assertions:
        return Proof(triple)
    with _written(schema, assertions) as (world, folder):
        return world.prove(folder, triple)


def minimal_cause(schema: Iterable[ox.Triple], clash: Clash) -> tuple[ox.Triple, ...]:
    """Return asserted triples that make a clash, of which none can be left out.

    One proof of each class may hold more than is needed, where the two lean on different grounds for the same
    thing. Each triple is therefore left out in turn, and stays out where the clash is there without it.

    Args:
        schema: the ontology.
        clash: what ``materialise`` found with it.

    Raises:
        ReasoningError: as ``materialise``.
    """
    axioms = list(schema)
    kept = list(clash.cause)
    if not _is_cause(axioms, kept, clash):
        return clash.cause  # it rests on a blank node, which no triple outside its file can name
    for triple in clash.cause:
        rest = [other for other in kept if other != triple]
        if _is_cause(axioms, rest, clash):
            kept = rest
    return tuple(kept)


def _is_cause(schema: list[ox.Triple], facts: list[ox.Triple], clash: Clash) -> bool:
    found = materialise(schema, facts).clashes
    return any((other.node, other.classes) == (clash.node, clash.classes) for other in found)


@contextmanager
def _written(schema: Iterable[ox.Triple], facts: Iterable[ox.Triple]) -> Iterator[tuple[_World, Path]]:
    axioms, assertions = list(schema), list(facts)
    refuse_axioms(assertions)
    world = _World(compile_rules(axioms))
    world.add(axioms)
    world.add(assertions, about=True)
    try:
        with TemporaryDirectory(prefix="abckg-") as folder:
            yield world, Path(folder)
    except OSError as fault:
        raise ReasoningError(f"The rules need temporary files and could not write them: {fault}.") from fault


class _World:
    """Facts and rules as numbers: terms by their index, classes and properties as predicates ``c0``, ``p0``."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._terms: list[Term] = []
        self._ids: dict[Term, int] = {}
        self._about: set[int] = set()
        self._names: dict[tuple[Term, int], str] = {}
        self._meaning: dict[str, Term] = {}
        self._asserted: dict[str, set[Row]] = {}
        for rule in rules.rules:
            for atom in (rule.head, *rule.body):
                self._name(atom.predicate, len(atom.arguments))
        for name in (name for pair in rules.disjoint for name in pair):
            self._name(name, 1)

    def _name(self, predicate: Term, arity: int) -> str:
        name = self._names.setdefault((predicate, arity), f"{'cp'[arity - 1]}{len(self._names)}")
        self._meaning[name] = predicate
        return name

    def _id(self, term: Term) -> int:
        number = self._ids.setdefault(term, len(self._terms))
        if number == len(self._terms):
            self._terms.append(term)
        return number

    def add(self, triples: Iterable[ox.Triple], *, about: bool = False) -> None:
        """Take in what the rules can touch; ``about`` says that conclusions about these nodes are wanted."""
        for triple in triples:
            subject, predicate, value = triple.subject, triple.predicate, triple.object
            if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
                continue
            first = self._id(subject)
            row: Row = (first,)
            name = self._names.get((value, 1)) if predicate == _TYPE else self._names.get((predicate, 2))
            if name is not None and predicate != _TYPE:
                row = (first, self._id(value))
            if name is not None:
                self._asserted.setdefault(name, set()).add(row)
            if about:
                self._about.update(row)

    def close(self, folder: Path) -> Closure:
        """Run the rules with the facts written into ``folder`` and return what came out."""
        live = self._live()
        engine = self._engine(live, folder)
        heads = {self._key(rule.head) for rule in live}
        rows = self._asserted | {name: {tuple(row) for row in engine.result(name)} for name in heads}
        inferred = sorted(self._conclusions(rows), key=str)
        return Closure(tuple(inferred), tuple(self._clashes(engine, rows)))

    def _engine(self, live: list[Rule], folder: Path) -> Any:
        engine = nmo_python.NemoEngine(nmo_python.load_string("\n".join(self._program(live, folder))))
        engine.reason()
        return engine

    def prove(self, folder: Path, triple: ox.Triple) -> Proof | None:
        """Run the rules and return one proof of a triple, None where there is none."""
        is_type = triple.predicate == _TYPE
        name = self._names.get((triple.object, 1) if is_type else (triple.predicate, 2))  # type: ignore[arg-type]
        terms = (triple.subject,) if is_type else (triple.subject, triple.object)
        row = tuple(self._ids.get(term, -1) for term in terms)  # type: ignore[arg-type]
        if name is None or -1 in row:
            return None
        trace = self._engine(self._live(), folder).trace(f"{name}({', '.join(map(str, row))})")
        proofs = self._proofs(trace.dict()) if trace is not None else ()
        return proofs[0] if proofs else None

    def _proofs(self, step: Mapping[str, Any]) -> tuple[Proof, ...]:
        """Return a step of a trace as a proof; a step that concludes a nameless class gives its premises instead."""
        premises = tuple(proof for inner in step.get("subtraces", ()) for proof in self._proofs(inner))
        triple = self._conclusion(step)
        return premises if triple is None else (Proof(triple, premises),)

    def _conclusion(self, step: Mapping[str, Any]) -> ox.Triple | None:
        fact = _FACT.match(step.get("fact", ""))
        if fact is not None:
            return self._triple(fact["name"], tuple(map(int, fact["row"].split(","))))
        head = _HEAD.match(step["rule"])
        if head is None:
            return None
        values = (argument.strip() for argument in head["arguments"].split(","))
        row = tuple(int(step["assignment"].get(value, value)) for value in values)
        return self._triple(head["name"], row)

    def _key(self, atom: Atom) -> str:
        return self._names[atom.predicate, len(atom.arguments)]

    def _live(self) -> list[Rule]:
        """Return the rules that can fire at all: each part of the body is asserted or the head of such a rule."""
        filled = set(self._asserted)
        live: list[Rule] = []
        waiting = list(self._rules.rules)
        while True:
            stuck = [rule for rule in waiting if any(self._key(atom) not in filled for atom in rule.body)]
            ready = [rule for rule in waiting if all(self._key(atom) in filled for atom in rule.body)]
            if not ready:
                return live
            live += ready
            filled.update(self._key(rule.head) for rule in ready)
            waiting = stuck

    def _program(self, rules: list[Rule], folder: Path) -> Iterator[str]:
        for name, rows in self._asserted.items():
            path = folder / f"{name}.csv"
            path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="ascii")
            kinds = "int" if name.startswith("c") else "int, int"
            yield f'@import {name} :- csv{{resource="""{path}""", format=({kinds})}} .'
        for rule in rules:
            yield f"{self._atom(rule.head)} :- {', '.join(map(self._atom, rule.body))} ."
        for name in dict.fromkeys((*self._asserted, *(self._key(rule.head) for rule in rules))):
            yield f"@output {name} ."

    def _atom(self, atom: Atom) -> str:
        arguments = (a if isinstance(a, str) else str(self._id(a)) for a in atom.arguments)
        return f"{self._key(atom)}({', '.join(arguments)})"

    def _triple(self, name: str, row: Row) -> ox.Triple | None:
        """Return a row as a triple, None where it names a blank node or says something of a literal."""
        meaning = self._meaning[name]
        subject, *rest = (self._terms[number] for number in row)
        predicate, value = (meaning, rest[0]) if rest else (_TYPE, meaning)
        if not isinstance(subject, ox.NamedNode) or not isinstance(predicate, ox.NamedNode):
            return None
        return None if isinstance(value, ox.BlankNode) else ox.Triple(subject, predicate, value)

    def _conclusions(self, rows: Mapping[str, set[Row]]) -> Iterator[ox.Triple]:
        for name, found in rows.items():
            for row in found - self._asserted.get(name, set()):
                triple = self._triple(name, row) if row[0] in self._about else None
                if triple is not None:
                    yield triple

    def _clashes(self, engine: Any, rows: Mapping[str, set[Row]]) -> Iterator[Clash]:
        for pair in self._rules.disjoint:
            names = [self._names[name, 1] for name in pair]
            both = rows.get(names[0], set()) & rows.get(names[1], set())
            for term, row in sorted(((self._terms[row[0]], row) for row in both), key=lambda found: str(found[0])):
                if isinstance(term, ox.NamedNode):
                    causes = {fact for name in names for fact in self._asserted_behind(engine, name, row)}
                    yield Clash(term, pair, tuple(sorted(causes, key=str)))

    def _asserted_behind(self, engine: Any, name: str, row: Row) -> Iterator[ox.Triple]:
        """Yield the asserted triples of one proof of a row; what a later ``explain`` needs, too."""
        trace = engine.trace(f"{name}({', '.join(map(str, row))})")
        steps = [trace.dict()] if trace is not None else []
        while steps:
            step = steps.pop()
            steps += step.get("subtraces", ())
            fact = _FACT.match(step.get("fact", ""))
            if fact is not None:
                triple = self._triple(fact["name"], tuple(map(int, fact["row"].split(","))))
                if triple is not None:
                    yield triple
