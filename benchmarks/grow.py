"""The real data in any size, with seeded faults: what the SHACL engines are compared on.

Records are copied under new names until there are enough triples; below one copy, records are left out. A reference
to a record that was left out is left out, too. One triple in five hundred is then changed so that a shape is broken.
The same size and seed give the same bytes.

    grow.py 100000 FOLDER        writes FOLDER/data.nt and FOLDER/shapes.nt
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from abckg.namespaces import ID
from abckg.shacl.data import data_triples
from abckg.sources import SourceFile, Sources, read

__all__ = ["grow", "write"]

ROOT = Path(__file__).resolve().parents[1]
_ONE_IN = 500
_XSD = "http://www.w3.org/2001/XMLSchema#"
_UNKNOWN = ox.NamedNode("https://w3id.org/abc-kg/ontology#noSuchProperty")
_WRONG = ox.Literal("x", datatype=ox.NamedNode(f"{_XSD}integer"))


def grow(sources: Sources, triples: int, seed: int = 1, *, one_in: int = _ONE_IN) -> Iterator[ox.Triple]:
    """Yield about as many triples as asked for, vocabulary and class hierarchy among them.

    Args:
        sources: the real dataset.
        triples: how many.
        seed: which triples become faults, and which.
        one_in: of how many triples one is a fault; none where it is 0.
    """
    chance = random.Random(seed)
    records = [file for file in sources.files if file.kind == "data"]
    owned = {triple for file in records for triple in file.triples}
    common = [triple for triple in data_triples(sources) if triple not in owned]
    yield from common
    written = len(common)
    number = 0
    while written < triples:
        chosen = _some(records, triples - written)
        for triple in _copy(chosen, number, _names(records) - _names(chosen)):
            written += 1
            is_fault = one_in > 0 and chance.randrange(one_in) == 0
            yield from _faulty(chance, triple) if is_fault else (triple,)
        number += 1


def _some(records: Sequence[SourceFile], triples: int) -> list[SourceFile]:
    """Return records: all where they fit, else the documents, which all others cite, and an even choice of the rest."""
    documents = [file for file in records if file.path.parts[1] == "document"]
    others = [file for file in records if file.path.parts[1] != "document"]
    room = triples - sum(len(file.triples) for file in documents)
    share = min(1.0, max(0.0, room) / sum(len(file.triples) for file in others))
    chosen = (int(index * share) != int((index - 1) * share) for index in range(len(others)))
    return [*documents, *(file for file, is_chosen in zip(others, chosen, strict=True) if is_chosen)]


def _names(records: Sequence[SourceFile]) -> set[str]:
    return {term.value for file in records for t in file.triples if isinstance(term := t.subject, ox.NamedNode)}


def _copy(records: Sequence[SourceFile], number: int, missing: set[str]) -> Iterator[ox.Triple]:
    """Yield the triples of records under the names of one copy."""
    stems = {file.record for file in records}
    renamed: dict[str, ox.NamedNode] = {}

    def name(term: ox.NamedNode) -> ox.NamedNode:
        if number == 0 or not term.value.startswith(ID):
            return term
        if term.value not in renamed:
            kind, slug, *rest = term.value.removeprefix(ID).split("/")
            stem = f"{ID}{kind}/{slug}"
            new = "/".join((f"{stem}-copy-{number}", *rest)) if stem in stems else term.value
            renamed[term.value] = ox.NamedNode(new)
        return renamed[term.value]

    for file in records:
        for triple in file.triples:
            subject, value = triple.subject, triple.object
            if isinstance(value, ox.NamedNode) and value.value in missing:
                continue
            if isinstance(subject, ox.NamedNode):
                subject = name(subject)
            yield ox.Triple(subject, triple.predicate, name(value) if isinstance(value, ox.NamedNode) else value)


def _faulty(chance: random.Random, triple: ox.Triple) -> tuple[ox.Triple, ...]:
    """Return what stands in the place of a triple where it is a fault."""
    # pySHACL is wrong on sh:lessThan between values of two kinds (docs/engines.md), so offsets stay numbers.
    kind = chance.randrange(2 if triple.predicate.value.endswith("Offset") else 4)
    if kind == 0:
        return ()
    if kind == 1:
        return (ox.Triple(triple.subject, _UNKNOWN, triple.object),)
    wrong = triple.subject if kind == 2 else _WRONG
    return (ox.Triple(triple.subject, triple.predicate, wrong),)


def write(triples: int, folder: Path, seed: int = 1) -> int:
    """Write ``data.nt`` and ``shapes.nt`` into a folder; return the number of triples of the data."""
    sources = read(ROOT)
    data = list(grow(sources, triples, seed))
    ox.serialize(data, str(folder / "data.nt"), format=ox.RdfFormat.N_TRIPLES)
    ox.serialize(sources.triples("shapes"), str(folder / "shapes.nt"), format=ox.RdfFormat.N_TRIPLES)
    return len(data)


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    _parser.add_argument("triples", type=int)
    _parser.add_argument("folder", type=Path)
    _parser.add_argument("--seed", type=int, default=1)
    _arguments = _parser.parse_args()
    print(write(_arguments.triples, _arguments.folder, _arguments.seed))  # noqa: T201
