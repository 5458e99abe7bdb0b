"""What a change to records can have broken: the shapes' results, the rows of rules, and contradictions.

Layer: part of ``since``; imports ``checks``, ``shacl`` and the rest of it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from abckg.checks import CHECK_FOLDER, Check, Hit, hits
from abckg.namespaces import RDFS
from abckg.shacl.engines import EngineName, run_shapes
from abckg.shacl.limits import divide
from abckg.shacl.results import Result
from abckg.since.affected import focus_nodes, neighbourhood, relevant_shapes
from abckg.since.baseline import Baseline, Delta
from abckg.since.chains import Dependencies, Term
from abckg.since.index import DATA, INFERRED, SCHEMA, SHAPED, SHAPES, Index, Pattern
from abckg.since.inference import Conclusions, update
from abckg.since.rows import Stated, bindings

__all__ = ["Outcome", "outcome"]

_SUBCLASS = ox.NamedNode(f"{RDFS}subClassOf")


@dataclass(frozen=True)
class Outcome:
    """What a change to records can have broken, before it is put into words.

    Attributes:
        results: the shapes' results for every focus node that the change can affect.
        hits: the rows of rules that are new, and perhaps some that are not, each with its rule.
        conclusions: what follows now and what does so no more.
        focus: how many focus nodes were validated.
    """

    results: tuple[Result, ...]
    hits: tuple[tuple[Check, Hit], ...]
    conclusions: Conclusions
    focus: int

    @property
    def is_suspect(self) -> bool:
        """Whether the change leaves something of two disjoint classes."""
        return bool(self.conclusions.suspects)


def outcome(
    baseline: Baseline, delta: Delta, checks: Iterable[Check], *, engine: EngineName | None = "auto"
) -> Outcome:
    """Return what a change to records can have broken.

    Args:
        baseline: the state before; its index is brought to the state after.
        delta: what changed.
        checks: the rules over the whole graph to ask.
        engine: what runs the shapes; they are not run where it is None.

    Raises:
        Unbounded: it cannot be told from the change.
    """
    index = baseline.index
    conclusions = update(index, baseline.axioms, delta.removed, delta.added)
    added = [*_stated(delta.added, DATA), *_stated(conclusions.added, INFERRED)]
    removed = [*_stated(delta.removed, DATA), *_stated(conclusions.removed, INFERRED)]
    rows = tuple((check, hit) for check in checks for hit in _rows(baseline, check, added, removed))
    results: tuple[Result, ...] = ()
    focus: set[Term] = set()
    if engine is not None:
        gone = delta.removed

        def before_or_after(pattern: Pattern) -> list[ox.Triple]:
            return [*index.find(pattern, SHAPED), *(t for t in gone if pattern.fits(t))]

        focus = focus_nodes(baseline.needs, delta.added | delta.removed, before_or_after)
        results = tuple(_validated(index, baseline.needs, focus, engine))
    return Outcome(results, rows, conclusions, len(focus))


def _stated(triples: Iterable[ox.Triple], graph: ox.NamedNode) -> list[Stated]:
    return [(triple, frozenset((graph.value,))) for triple in triples]


def _rows(baseline: Baseline, check: Check, added: Collection[Stated], removed: Collection[Stated]) -> set[Hit]:
    patterns = baseline.patterns(CHECK_FOLDER / f"{check.name}-violation.rq")
    if not patterns.are_touched([triple for triple, _ in (*added, *removed)]):
        return set()
    pairs = None if patterns.rows is None else bindings(patterns.rows, added, removed)
    found: set[Hit] = set()
    for given in [{}] if pairs is None else [dict([pair]) for pair in pairs]:
        found.update(hits(baseline.index.ask(check.text, given)))
    return found


def _validated(index: Index, needs: Dependencies, focus: set[Term], engine: EngineName) -> Sequence[Result]:
    """Run the shapes on some nodes and what they consult."""

    def find(pattern: Pattern) -> list[ox.Triple]:
        return index.find(pattern, SHAPED)

    hierarchy = [
        t for t in index.find(Pattern(None, _SUBCLASS, None), (SCHEMA, *SHAPED)) if isinstance(t.object, ox.NamedNode)
    ]

    def find_with_classes(pattern: Pattern) -> list[ox.Triple]:
        return index.find(pattern, (SCHEMA, *SHAPED)) if pattern.predicate == _SUBCLASS else find(pattern)

    def about(pattern: Pattern) -> list[ox.Triple]:
        return index.find(pattern, (SHAPES,))

    shapes = relevant_shapes(needs, focus, find_with_classes, about)
    if not shapes:
        return []
    data = [*neighbourhood(needs, focus, find), *hierarchy]
    constraints = list(shapes)
    if engine == "auto" and "pyshacl" not in sys.modules and not divide(constraints).limits:
        engine = "fast"  # it is done before pySHACL is imported
    return run_shapes(data, constraints, engine=engine, focus=focus).results
