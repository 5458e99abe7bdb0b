"""Seeded faults: changes of single triples of the real data, of the kinds that shapes look for."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import pyoxigraph as ox

XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
UNKNOWN = ox.NamedNode("https://w3id.org/abc-kg/ontology#noSuchProperty")
LITERALS = (
    ox.Literal("TODO"),
    ox.Literal("", language="ja"),
    ox.Literal("Wert", language="de"),
    ox.Literal("1.5"),
    ox.Literal("x", datatype=ox.NamedNode(f"{XSD}integer")),
    ox.Literal("007", datatype=ox.NamedNode(f"{XSD}integer")),
    ox.Literal("-1", datatype=ox.NamedNode(f"{XSD}integer")),
    ox.Literal("1.5.0", datatype=ox.NamedNode(f"{XSD}decimal")),
    ox.Literal("2001-02-30", datatype=ox.NamedNode(f"{XSD}date")),
    ox.Literal("2001-02-28Z", datatype=ox.NamedNode(f"{XSD}date")),
    ox.Literal("9999", datatype=ox.NamedNode(f"{XSD}gYear")),
)

Change = Callable[[random.Random, ox.Triple, Sequence[ox.Triple]], list[ox.Triple]]


def drop(_: random.Random, __: ox.Triple, ___: Sequence[ox.Triple]) -> list[ox.Triple]:
    return []


def other_value(chance: random.Random, triple: ox.Triple, data: Sequence[ox.Triple]) -> list[ox.Triple]:
    return [ox.Triple(triple.subject, triple.predicate, chance.choice(data).object)]


def second_value(chance: random.Random, triple: ox.Triple, data: Sequence[ox.Triple]) -> list[ox.Triple]:
    same = next(other for other in _shuffled(chance, data) if other.predicate == triple.predicate)
    return [triple, ox.Triple(triple.subject, triple.predicate, same.object)]


def _shuffled(chance: random.Random, data: Sequence[ox.Triple]) -> Iterator[ox.Triple]:
    while True:
        yield chance.choice(data)


def literal(chance: random.Random, triple: ox.Triple, _: Sequence[ox.Triple]) -> list[ox.Triple]:
    return [ox.Triple(triple.subject, triple.predicate, chance.choice(LITERALS))]


def blank(_: random.Random, triple: ox.Triple, __: Sequence[ox.Triple]) -> list[ox.Triple]:
    return [ox.Triple(triple.subject, triple.predicate, ox.BlankNode())]


def subject(chance: random.Random, triple: ox.Triple, data: Sequence[ox.Triple]) -> list[ox.Triple]:
    return [ox.Triple(triple.subject, triple.predicate, chance.choice(data).subject)]


def unknown(_: random.Random, triple: ox.Triple, __: Sequence[ox.Triple]) -> list[ox.Triple]:
    return [ox.Triple(triple.subject, UNKNOWN, triple.object)]


def integer(chance: random.Random, triple: ox.Triple, _: Sequence[ox.Triple]) -> list[ox.Triple]:
    number = ox.Literal(str(chance.randrange(-9, 99_999)), datatype=ox.NamedNode(f"{XSD}integer"))
    return [ox.Triple(triple.subject, triple.predicate, number)]


def typed(chance: random.Random, triple: ox.Triple, data: Sequence[ox.Triple]) -> list[ox.Triple]:
    return [
        triple,
        ox.Triple(triple.subject, TYPE, next(t for t in _shuffled(chance, data) if t.predicate == TYPE).object),
    ]


CHANGES: tuple[Change, ...] = (drop, other_value, second_value, literal, blank, subject, unknown, typed)


def seeded(data: Sequence[ox.Triple], number: int, seed: int) -> list[ox.Triple]:
    """Return the data with this many triples changed, each by a kind of change drawn at random."""
    chance = random.Random(seed)  # noqa: S311 - a sample
    chosen = set(chance.sample(range(len(data)), number))
    changed: list[ox.Triple] = []
    for index, triple in enumerate(data):
        changes = (*CHANGES, integer) if triple.predicate.value.endswith("Offset") else CHANGES
        changed += chance.choice(changes)(chance, triple, data) if index in chosen else [triple]
    return changed
