"""Judges what a write would leave: what follows from it, and what it breaks of the shapes and the rules.

Where the state before conforms, a write can only have broken what it reaches; ``since`` bounds that, as it does for
``abckg validate --since``. Where it cannot be bounded, or the state before does not conform, everything is worked out
anew. The verdict is the same in either way.
Layer: imports ``checks``, ``errors``, ``gate``, ``namespaces``, ``report``, ``shacl`` and ``since``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from abckg.checks import CHECK_FOLDER, Check, Hit, hits
from abckg.errors import ReasoningError, WriteError
from abckg.namespaces import RULES
from abckg.places.positions import spelling
from abckg.reports.report import Severity
from abckg.shacl import reference  # noqa: F401 - for the same reason
from abckg.shacl.engines import run_shapes
from abckg.shacl.results import Result
from abckg.since.baseline import Baseline, Delta, known_of, refuse_axioms
from abckg.since.errors import Unbounded
from abckg.since.index import CHECKED, DATA, INFERRED, SCHEMA, SHAPES, VOCABULARY, Index
from abckg.since.outcome import outcome
from abckg.store import Term
from abckg.writing.gate import Gate

__all__ = ["Judge", "Judgement"]

_MOST = 800  # statements: measured, everything is checked as fast from about there on


@dataclass(frozen=True)
class Judgement:
    """What comes of a change of the data.

    Attributes:
        added: what follows now and did not.
        removed: what followed and does so no more.
        violations: what the shapes and the rules forbid of the state after; no warnings.
        is_bounded: whether only what the change reaches was looked at.
    """

    added: frozenset[ox.Triple]
    removed: frozenset[ox.Triple]
    violations: tuple[Result, ...]
    is_bounded: bool


class Judge:
    """The gate of a dataset with the state that holds.

    Args:
        gate: What a write has to pass.
        quads: The state, as quads of the named graphs; those that are not served are passed over.
    """

    def __init__(self, gate: Gate, quads: Iterable[ox.Quad]) -> None:
        self._gate = gate
        self._index = Index(ox.Store())
        self._index.store.extend(quad for quad in quads if quad.graph_name in CHECKED)
        for graph, triples in ((SCHEMA, gate.ontology), (VOCABULARY, gate.vocab), (SHAPES, gate.shapes)):
            self._index.apply((), triples, graph)
        self._baseline = self._known()
        self.is_conforming = False
        """Whether the state is known to break nothing."""

    def judge(self, before: Iterable[ox.Quad], removed: frozenset[ox.Triple], added: frozenset[ox.Triple]) -> Judgement:
        """Return what comes of a change of the data; after that this judge is of no use for any other state.

        Args:
            before: The quads of the state that holds.
            removed: The statements of the data that are gone.
            added: Those that are new.

        Raises:
            WriteError: The data would contradict the ontology, or hold axioms.
            ValidationFailed: The shapes cannot be run.
        """
        if self._baseline is not None and self.is_conforming and len(removed) + len(added) <= _MOST:
            try:
                return self._of_change(self._baseline, Delta(added, removed))
            except Unbounded:
                pass
        self._index.apply(removed, added, DATA)
        data = list(self._index.all(DATA))
        had = {quad.triple for quad in before if quad.graph_name == INFERRED}
        follows = self._follows(data)
        self._index.apply(list(self._index.all(INFERRED)), follows, INFERRED)
        return Judgement(follows - had, frozenset(had - follows), self.violations(data), is_bounded=False)

    def violations(self, data: Iterable[ox.Triple] | None = None) -> tuple[Result, ...]:
        """Return all that the shapes and the rules forbid of the state; its data may be given."""
        found: list[Result] = []
        if self._gate.shapes:
            shaped = self._gate.shaped(self._index.all(DATA) if data is None else data)
            found += run_shapes(shaped, self._gate.shapes).results
        rows = ((check, hit) for check in self._gate.rules for hit in dict.fromkeys(hits(self._index.ask(check.text))))
        return tuple(self._forbidden(found, rows))

    def change(self, removed: Iterable[ox.Quad], added: Iterable[ox.Quad]) -> None:
        """Take over a change of the named graphs that was judged, and holds now."""
        gone, new = ([quad for quad in quads if quad.graph_name in (DATA, INFERRED)] for quads in (removed, added))
        for quad in gone:
            self._index.store.remove(quad)
        self._index.store.extend(new)
        stated = [quad for quad in (*gone, *new) if quad.graph_name == DATA]
        # What left a violation would not hold.
        self.is_conforming = self.is_conforming or bool(stated)
        if any(isinstance(term, ox.BlankNode) for quad in stated for term in quad.triple):
            self._baseline = self._known()

    def _known(self) -> Baseline | None:
        """Return what a bounded check starts from; None where there is none for this dataset."""
        rules = {CHECK_FOLDER / f"{check.name}-violation.rq": check.text for check in self._gate.rules}
        try:
            return known_of(self._index, self._gate.shapes, self._gate.ontology, rules)
        except (Unbounded, ReasoningError):
            return None

    def _of_change(self, baseline: Baseline, delta: Delta) -> Judgement:
        refuse_axioms(delta)
        found = outcome(baseline, delta, self._gate.rules)
        if found.is_suspect:
            # The reasoner words it, with its cause.
            raise Unbounded("something may be of two disjoint classes", "排他的な二つの型をもつものがあり得る")
        violations = tuple(self._forbidden(found.results, found.hits))
        return Judgement(found.conclusions.added, found.conclusions.removed, violations, is_bounded=True)

    def _follows(self, data: Iterable[ox.Triple]) -> frozenset[ox.Triple]:
        try:
            closure = self._gate.infer(data)
        except ReasoningError as fault:
            raise WriteError(f"The write was not applied: {fault}") from fault
        if closure.clashes:
            raise WriteError(
                f"The write was not applied: its result contradicts the ontology. {' '.join(map(str, closure.clashes))}"
            )
        return frozenset(closure.inferred)

    def _forbidden(self, results: Iterable[Result], rows: Iterable[tuple[Check, Hit]]) -> Iterator[Result]:
        yield from (result for result in results if result.severity is Severity.VIOLATION)
        for check, hit in rows:
            yield self._breach(check, hit)

    def _breach(self, check: Check, hit: Hit) -> Result:
        """Return a breach of a rule as a result whose shape and component are the rule."""
        shown = {
            "path": self._gate.prefixes.curie(hit.path or ""),
            "value": self._shown(hit.value),
            "other": self._shown(hit.other),
        }
        rule = ox.NamedNode(f"{RULES}#{check.name}")
        return Result(
            focus=ox.BlankNode(hit.focus[2:]) if hit.focus.startswith("_:") else ox.NamedNode(hit.focus),
            path=None if hit.path is None else ox.NamedNode(hit.path),
            value=hit.value,
            shape=rule,
            component=rule.value,
            severity=check.severity,
            messages={language: message.format(**shown) for language, message in check.messages.items()},
        )

    def _shown(self, term: Term | None) -> str:
        if term is None:
            return ""
        named = isinstance(term, ox.NamedNode | ox.Literal)
        return spelling(term, self._gate.prefixes) if named else "[ … ]"  # type: ignore[arg-type]
