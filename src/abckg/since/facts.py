"""What is known of a revision beside its index, as values that are written as JSON and read back.

Layer: part of ``since``; imports ``rules`` and the rest of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from abckg.reasoning.rules import Atom, Rule
from abckg.since.chains import Chain, Dependencies, Step, Term
from abckg.since.inference import Program, program_of

__all__ = ["read_dependencies", "read_program", "written_dependencies", "written_program"]


def written_dependencies(needs: Dependencies) -> dict[str, object]:
    """Return what shapes consult as a value for JSON."""
    chains = [
        [
            [[s.predicate, s.inverse] for s in chain.steps],
            chain.consulted and [chain.consulted.predicate, chain.consulted.inverse],
        ]
        for chain in needs.chains
    ]
    return {"chains": chains, "targets": [[_term(shape), kind, _term(value)] for shape, kind, value in needs.targets]}


def read_dependencies(value: Mapping[str, Any]) -> Dependencies:
    """Return what ``written_dependencies`` gave."""
    chains = tuple(
        Chain(tuple(Step(*step) for step in steps), None if consulted is None else Step(*consulted))
        for steps, consulted in value["chains"]
    )
    return Dependencies(chains, tuple((_read(shape), kind, _read(target)) for shape, kind, target in value["targets"]))


def written_program(program: Program) -> dict[str, object]:
    """Return rules as a value for JSON."""
    rules = dict.fromkeys(rule for rules in program.makes.values() for rule in rules)
    written = [[_atom(rule.head), [_atom(atom) for atom in rule.body]] for rule in rules]
    return {"rules": written, "disjoint": [[one.value, other.value] for one, other in program.disjoint]}


def read_program(value: Mapping[str, Any]) -> Program:
    """Return what ``written_program`` gave."""
    rules = [Rule(_read_atom(head), tuple(map(_read_atom, body))) for head, body in value["rules"]]
    return program_of(rules, tuple((ox.NamedNode(one), ox.NamedNode(other)) for one, other in value["disjoint"]))


def _atom(atom: Atom) -> list[object]:
    return [_term(atom.predicate), [a if isinstance(a, str) else _term(a) for a in atom.arguments]]


def _read_atom(value: Sequence[Any]) -> Atom:
    predicate = _read(value[0])
    if not isinstance(predicate, ox.NamedNode | ox.BlankNode):
        raise TypeError(f"{predicate} is no class or property")
    return Atom(predicate, tuple(a if isinstance(a, str) and a.startswith("?") else _constant(a) for a in value[1]))


def _constant(value: object) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    term = _read(value)
    if isinstance(term, ox.Triple):
        raise TypeError(f"{term} is no term of RDF 1.1")
    return term


def _term(term: Term) -> object:
    if isinstance(term, ox.Literal):
        return [term.value, term.language, term.datatype.value]
    return str(term)


def _read(value: Any) -> Term:
    if isinstance(value, list):
        text, language, datatype = value
        return ox.Literal(text, language=language) if language else ox.Literal(text, datatype=ox.NamedNode(datatype))
    return ox.BlankNode(value[2:]) if value.startswith("_:") else ox.NamedNode(value[1:-1])
