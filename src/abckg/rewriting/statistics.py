"""How many of what a store holds, counted once when it is written.

They answer queries that would count everything again, and say about how many solutions a pattern has. The counts are
of the default graph. They stand beside the store as ``<store>.statistics.json`` and name the version of the content
that they are of; those of another version are none. All are exact but those that are called estimates.
Layer: imports nothing of the package.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyoxigraph as ox

__all__ = [
    "Histogram",
    "PredicateCounts",
    "Statistics",
    "collect",
    "compact_and_count",
    "read_statistics",
    "recount",
    "write_statistics",
]

_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_EXACT = (f"{_XSD}integer", f"{_XSD}decimal")
_NO_NUMBER = f"!isNumeric(?o) || datatype(?o) NOT IN (<{_EXACT[0]}>, <{_EXACT[1]}>)"
_INTERVALS = 256
_OBJECTS, _CLASSES = 256, 2000  # of more objects, and more classes, no list is kept
_SAMPLE = 2000
_MUCH = 4  # as many times more objects in a sample's proportion are not counted to see whether there are fewer


@dataclass(frozen=True)
class Histogram:
    """Of a predicate whose objects are all numbers: how many there are in each interval.

    Attributes:
        width: The width of an interval, a decimal.
        numbers: The triples by interval: that of number ``n`` begins at ``n`` times the width.
    """

    width: str
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class PredicateCounts:
    """The triples with one predicate.

    Attributes:
        triples: How many.
        objects: How many by object, as N-Triples write it; None where there are many objects, or blank nodes.
        per_subject: Triples per subject, an estimate.
        per_object: Triples per object, an estimate.
        histogram: Of numbers, where there are too many for ``objects``.
    """

    triples: int
    objects: Mapping[str, int] | None
    per_subject: float
    per_object: float
    histogram: Histogram | None = None


@dataclass(frozen=True)
class Statistics:
    """The counts of a default graph: all triples, and by the IRI of the predicate."""

    triples: int
    predicates: Mapping[str, PredicateCounts]


def collect(store: ox.Store) -> Statistics:
    """Count; reads every triple once, the objects of predicates with few objects again."""
    predicates = {
        name.value: _predicate(store, name.value, number)
        for name, number in _counts(store, "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p")
        if isinstance(name, ox.NamedNode)
    }
    return Statistics(sum(counts.triples for counts in predicates.values()), predicates)


def recount(store: ox.Store, known: Statistics, changed: Collection[str]) -> Statistics:
    """Return the counts of a store that differs from that of ``known`` in some predicates only; counts those again.

    Args:
        store: what is counted.
        known: the counts from before.
        changed: the IRIs of the predicates of which triples came or went.
    """
    predicates = {name: counts for name, counts in known.predicates.items() if name not in changed}
    for name in sorted(changed):
        ((row),) = _rows(store, f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s <{name}> ?o }}")
        if _number(row[0]):
            predicates[name] = _predicate(store, name, _number(row[0]))
    return Statistics(sum(counts.triples for counts in predicates.values()), predicates)


def compact_and_count(store: ox.Store) -> Statistics:
    """Count, and compact a store on disk meanwhile."""
    with ThreadPoolExecutor(1) as thread:
        compacting = thread.submit(store.optimize)  # it makes no Python objects: results belong to this thread
        statistics = collect(store)
        compacting.result()
    return statistics


def write_statistics(path: Path, statistics: Statistics, version: str) -> None:
    """Write the counts of the store directory ``path``, whose content is of ``version``."""
    _file(path).write_text(json.dumps({"version": version, **asdict(statistics)}, ensure_ascii=False), encoding="utf-8")


def read_statistics(path: Path, version: str) -> Statistics | None:
    """Return the counts of the store directory ``path``; None where there are none of ``version``."""
    try:
        content = json.loads(_file(path).read_text(encoding="utf-8"))
        if content.pop("version") != version:
            return None
        predicates = {name: _read(**counts) for name, counts in content["predicates"].items()}
        return Statistics(content["triples"], predicates)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read(histogram: Mapping[str, Any] | None, **counts: Any) -> PredicateCounts:
    return PredicateCounts(**counts, histogram=Histogram(**histogram) if histogram else None)


def _predicate(store: ox.Store, name: str, triples: int) -> PredicateCounts:
    pattern = f"?s <{name}> ?o"
    rows, different = _sample(store, pattern, "?o")
    most = _CLASSES if name == _RDF_TYPE else _OBJECTS
    objects = None
    if different <= most and triples * different <= _MUCH * most * rows:
        objects = _objects(store, pattern, most)
    per_object = triples / max(1, len(objects)) if objects is not None else rows / max(1, different)
    rows, different = _sample(store, pattern, "?s")
    histogram = _histogram(store, pattern) if objects is None and triples >= _SAMPLE else None
    return PredicateCounts(triples, objects, rows / max(1, different), per_object, histogram)


def _sample(store: ox.Store, pattern: str, variable: str) -> tuple[int, int]:
    """Return how many triples were looked at, the first that the store gives, and the different values in them."""
    some = f"{{ SELECT {variable} WHERE {{ {pattern} }} LIMIT {_SAMPLE} }}"
    query = f"SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT {variable}) AS ?d) WHERE {{ {some} }}"
    ((rows, different),) = ((_number(row[0]), _number(row[1])) for row in _rows(store, query))
    return rows, different


def _histogram(store: ox.Store, pattern: str) -> Histogram | None:
    """Return the histogram of the objects; None where one is no exact number, which cannot be compared for certain."""
    if _has_other(store, pattern, first=True):
        return None
    ends = f"SELECT (MIN(?o) AS ?least) (MAX(?o) AS ?most) WHERE {{ {pattern} }}"
    terms = [term.value for row in _rows(store, ends) for term in row if isinstance(term, ox.Literal)]
    if _has_other(store, pattern, first=False) or len(terms) != 2 or Decimal(terms[0]) == Decimal(terms[1]):
        return None
    width = f"{(Decimal(terms[1]) - Decimal(terms[0])) / _INTERVALS:.6f}"
    intervals = f"SELECT ?i (COUNT(*) AS ?n) WHERE {{ {pattern} BIND(FLOOR(?o / {width}) AS ?i) }} GROUP BY ?i"
    found = {int(Decimal(term.value)): n for term, n in _counts(store, intervals) if isinstance(term, ox.Literal)}
    return Histogram(width, {str(number): found[number] for number in sorted(found)})


def _has_other(store: ox.Store, pattern: str, *, first: bool) -> bool:
    """Return whether an object is no integer and no decimal; of the first triple only, or of all."""
    some = f"{{ SELECT ?o WHERE {{ {pattern} }} LIMIT 1 }}" if first else pattern
    return bool(_rows(store, f"SELECT ?o WHERE {{ {some} FILTER({_NO_NUMBER}) }} LIMIT 1"))


def _objects(store: ox.Store, pattern: str, most: int) -> dict[str, int] | None:
    counts = _counts(store, f"SELECT ?o (COUNT(*) AS ?n) WHERE {{ {pattern} }} GROUP BY ?o")
    if len(counts) > most or any(isinstance(term, (ox.BlankNode, ox.Triple)) for term, _ in counts):
        return None
    return {str(term): number for term, number in sorted(counts, key=lambda entry: (-entry[1], str(entry[0])))}


def _counts(store: ox.Store, query: str) -> list[tuple[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, int]]:
    return [(row[0], _number(row[1])) for row in _rows(store, query) if row[0] is not None]


def _rows(store: ox.Store, query: str) -> list[ox.QuerySolution]:
    found = store.query(query)
    return list(found) if isinstance(found, ox.QuerySolutions) else []


def _number(term: object) -> int:
    return int(term.value) if isinstance(term, ox.Literal) else 0


def _file(path: Path) -> Path:
    return path.with_name(f"{path.name}.statistics.json")
