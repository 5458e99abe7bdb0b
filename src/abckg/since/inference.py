"""What a change adds to and takes from the conclusions, without concluding everything anew.

Delete and rederive (Gupta, Mumick, Subrahmanian, SIGMOD 1993): what may have rested on a removed fact is taken out,
what still follows is put back, and then the added facts are followed. The rules are those of ``rules``; classes
without a name, which the index does not hold, are unfolded first. Layer: part of ``since``; imports ``rules``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from abckg.namespaces import RDF
from abckg.reasoning.rules import Atom, Rule, RuleSet, Term
from abckg.since.errors import Unbounded
from abckg.since.index import DATA, INFERRED, REASONED, SCHEMA, Index, Pattern

__all__ = ["Conclusions", "Program", "program", "program_of", "update"]

_TYPE = ox.NamedNode(f"{RDF}type")
_MOST_RULES = 5_000
_MOST_FACTS = 20_000

Fact = tuple[Term, tuple[Term, ...]]
Binding = Mapping[str, Term]


@dataclass(frozen=True)
class Program:
    """Rules over named classes and properties, found by what their bodies and heads speak of."""

    uses: Mapping[tuple[Term, int], tuple[tuple[Rule, int], ...]] = field(repr=False)
    makes: Mapping[tuple[Term, int], tuple[Rule, ...]] = field(repr=False)
    disjoint: tuple[tuple[ox.NamedNode, ox.NamedNode], ...] = field(repr=False)


@dataclass(frozen=True)
class Conclusions:
    """The inferred triples that are new and those that are gone, and the nodes that may have become contradictory."""

    added: frozenset[ox.Triple]
    removed: frozenset[ox.Triple]
    suspects: frozenset[ox.NamedNode]


def program(rules: RuleSet) -> Program:
    """Return the rules of an ontology, ready for ``update``; Unbounded where nameless classes lead in a circle."""
    return program_of(_unfolded(rules.rules), rules.disjoint)


def program_of(rules: Iterable[Rule], disjoint: tuple[tuple[ox.NamedNode, ox.NamedNode], ...]) -> Program:
    """Return rules over named classes and properties, ready for ``update``."""
    uses: dict[tuple[Term, int], list[tuple[Rule, int]]] = defaultdict(list)
    makes: dict[tuple[Term, int], list[Rule]] = defaultdict(list)
    for rule in rules:
        makes[_key(rule.head)].append(rule)
        for place, atom in enumerate(rule.body):
            uses[_key(atom)].append((rule, place))
    return Program(
        {key: tuple(value) for key, value in uses.items()},
        {key: tuple(value) for key, value in makes.items()},
        disjoint,
    )


def _key(atom: Atom) -> tuple[Term, int]:
    return atom.predicate, len(atom.arguments)


def _unfolded(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules with the same conclusions about named classes that speak of these alone."""
    defining: dict[Term, list[Rule]] = defaultdict(list)
    waiting: list[Rule] = []
    for rule in rules:
        rule = _normal(rule)
        (defining[rule.head.predicate] if isinstance(rule.head.predicate, ox.BlankNode) else waiting).append(rule)
    done: dict[Rule, None] = {}
    seen = set(waiting)
    while waiting:
        rule = waiting.pop()
        place = next((i for i, atom in enumerate(rule.body) if isinstance(atom.predicate, ox.BlankNode)), None)
        if place is None:
            done[rule] = None
            continue
        for definition in defining[rule.body[place].predicate]:
            body = (*rule.body[:place], *_renamed(definition, rule.body[place]), *rule.body[place + 1 :])
            unfolded = _normal(Rule(rule.head, tuple(dict.fromkeys(body))))
            if rule.head not in body and unfolded not in seen:
                seen.add(unfolded)
                waiting.append(unfolded)
        if len(seen) > _MOST_RULES:
            raise Unbounded("classes without a name lead in a circle", "名前のないクラスが循環している")
    return list(done)


def _renamed(definition: Rule, atom: Atom) -> list[Atom]:
    """Return the body of a rule for its head being an atom, all other variables fresh."""
    names = dict(zip(definition.head.arguments, atom.arguments, strict=True))
    return [
        Atom(part.predicate, tuple(names.get(a, f"{a}'") if isinstance(a, str) else a for a in part.arguments))
        for part in definition.body
    ]


def _normal(rule: Rule) -> Rule:
    """Return a rule with its variables numbered, so that two that say the same are the same."""
    names: dict[str, str] = {}
    head, *body = (
        Atom(
            atom.predicate,
            tuple(names.setdefault(a, f"?{len(names)}") if isinstance(a, str) else a for a in atom.arguments),
        )
        for atom in (rule.head, *rule.body)
    )
    return Rule(head, tuple(body))


def update(index: Index, rules: Program, removed: Iterable[ox.Triple], added: Iterable[ox.Triple]) -> Conclusions:
    """Bring records and conclusions of an index to a new state.

    Args:
        index: the state before; it holds the state after when this returns.
        rules: the axioms.
        removed: triples of records that are gone; none of them may stand in another file still.
        added: triples of records that are new.

    Raises:
        Unbounded: the change has too many consequences, or some that the index does not hold; the index is then of
            no use any more.
    """
    return _Update(index, rules, set(removed), set(added)).run()


class _Update:
    def __init__(self, index: Index, rules: Program, removed: set[ox.Triple], added: set[ox.Triple]) -> None:
        if any(isinstance(t.subject, ox.BlankNode) or isinstance(t.object, ox.BlankNode) for t in removed | added):
            raise Unbounded("a changed statement has a blank node", "変更された記述に空白ノードがある")
        if any(self._is_of_schema(t, index, rules) for t in removed | added):
            raise Unbounded(
                "a record is related to a term of the ontology", "記録がオントロジーの用語に関係づけられている"
            )
        self._index = index
        self._rules = rules
        self._removed = removed
        self._added = added
        self._budget = _MOST_FACTS

    @staticmethod
    def _is_of_schema(triple: ox.Triple, index: Index, rules: Program) -> bool:
        """Return whether a triple makes a term of the ontology a thing that conclusions are drawn about."""
        ends = [triple.subject, *([triple.object] if (triple.predicate, 2) in rules.uses else [])]
        nodes = [end for end in ends if isinstance(end, ox.NamedNode)]
        return any(index.find(Pattern(node, None, None), (SCHEMA,)) for node in nodes)

    def run(self) -> Conclusions:
        before = self._overdeleted()
        self._index.apply(self._removed, self._added, DATA)
        self._index.apply(before, (), INFERRED)
        # What is stated now is no longer inferred.
        restated = {t for t in self._added if self._index.holds(t, (INFERRED,))}
        self._index.apply(restated, (), INFERRED)
        candidates = before | {t for t in self._removed if not self._stated(t)}
        fresh = {t for t in candidates if self._follows(t)}
        self._index.apply((), fresh, INFERRED)
        derived = fresh | self._consequences(fresh | self._added)
        gone = before | restated
        added = frozenset(t for t in derived - gone if self._index.holds(t, (INFERRED,)))
        lost = frozenset(t for t in gone if not self._index.holds(t, (INFERRED,)))
        return Conclusions(added, lost, self._suspects(derived | self._added))

    def _stated(self, triple: ox.Triple) -> bool:
        return self._index.holds(triple, tuple(g for g in REASONED if g != INFERRED))

    def _overdeleted(self) -> set[ox.Triple]:
        """Return the inferred triples that rest on a removed one in some way; the index is still as before."""
        found: set[ox.Triple] = set()
        waiting = list(self._removed)
        while waiting:
            for triple in self._heads(waiting.pop()):
                if triple not in found and self._index.holds(triple, (INFERRED,)):
                    found.add(triple)
                    waiting.append(triple)
        return found

    def _consequences(self, facts: set[ox.Triple]) -> set[ox.Triple]:
        """Put in all that follows from new facts and return it."""
        found: set[ox.Triple] = set()
        waiting = list(facts)
        while waiting:
            for triple in self._heads(waiting.pop()):
                if not self._index.holds(triple, REASONED):
                    self._index.apply((), (triple,), INFERRED)
                    found.add(triple)
                    waiting.append(triple)
        return found

    def _heads(self, triple: ox.Triple) -> list[ox.Triple]:
        """Return what follows in one step from a triple and others of the index."""
        found = []
        predicate, arguments = _fact(triple)
        for rule, place in self._rules.uses.get((predicate, len(arguments)), ()):
            start = _unify(rule.body[place].arguments, arguments, {})
            if start is not None:
                rest = [atom for i, atom in enumerate(rule.body) if i != place]
                found += [self._conclusion(rule.head, binding) for binding in self._solve(rest, start)]
        self._budget -= len(found)
        if self._budget < 0:
            raise Unbounded("the change has too many consequences", "変更から導かれることが多すぎる")
        return [t for t in found if t is not None]

    def _follows(self, triple: ox.Triple) -> bool:
        predicate, arguments = _fact(triple)
        for rule in self._rules.makes.get((predicate, len(arguments)), ()):
            start = _unify(rule.head.arguments, arguments, {})
            if start is not None and next(self._solve(list(rule.body), start), None) is not None:
                return True
        return False

    def _solve(self, atoms: list[Atom], binding: Binding) -> Iterator[Binding]:
        if not atoms:
            yield binding
            return
        best = max(atoms, key=lambda atom: sum(not isinstance(a, str) or a in binding for a in atom.arguments))
        rest = [atom for atom in atoms if atom is not best]
        for arguments in self._facts(best, binding):
            further = _unify(best.arguments, arguments, binding)
            if further is not None:
                yield from self._solve(rest, further)

    def _facts(self, atom: Atom, binding: Binding) -> list[tuple[Term, ...]]:
        parts = [binding.get(a) if isinstance(a, str) else a for a in atom.arguments]
        if isinstance(parts[0], ox.Literal) or not isinstance(atom.predicate, ox.NamedNode):
            return []
        if len(parts) == 1:
            return [(t.subject,) for t in self._index.find(Pattern(parts[0], _TYPE, atom.predicate), REASONED)]  # type: ignore[misc]
        return [
            (t.subject, t.object)  # type: ignore[misc]
            for t in self._index.find(Pattern(parts[0], atom.predicate, parts[1]), REASONED)
        ]

    def _conclusion(self, head: Atom, binding: Binding) -> ox.Triple | None:
        subject, *rest = (binding[a] if isinstance(a, str) else a for a in head.arguments)
        if isinstance(subject, ox.Literal):
            if _key(head) in self._rules.uses:
                raise Unbounded(
                    "something follows about a value that is no node", "値（リテラル）について導かれることがある"
                )
            return None
        if rest:
            return ox.Triple(subject, head.predicate, rest[0])  # type: ignore[arg-type]
        return ox.Triple(subject, _TYPE, head.predicate)

    def _suspects(self, facts: Iterable[ox.Triple]) -> frozenset[ox.NamedNode]:
        nodes = {t.subject for t in facts if t.predicate == _TYPE and isinstance(t.subject, ox.NamedNode)}
        return frozenset(node for node in nodes if self._is_contradictory(node))

    def _is_contradictory(self, node: ox.NamedNode) -> bool:
        classes = {t.object for t in self._index.find(Pattern(node, _TYPE, None), REASONED)}
        return any(one in classes and other in classes for one, other in self._rules.disjoint)


def _fact(triple: ox.Triple) -> Fact:
    if triple.predicate == _TYPE:
        return triple.object, (triple.subject,)  # type: ignore[return-value]
    return triple.predicate, (triple.subject, triple.object)  # type: ignore[return-value]


def _unify(pattern: tuple[str | Term, ...], values: tuple[Term, ...], binding: Binding) -> Binding | None:
    found = dict(binding)
    for part, value in zip(pattern, values, strict=True):
        if (found.setdefault(part, value) if isinstance(part, str) else part) != value:
            return None
    return found
