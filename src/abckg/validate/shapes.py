"""The SHACL shapes over the data, with the results as findings.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

from collections.abc import Iterator

from abckg.reports.report import Finding, Note
from abckg.shacl.data import data_triples
from abckg.shacl.engines import Outcome, run_shapes
from abckg.shacl.results import Result
from abckg.validate.context import Context, Fault

__all__ = ["shape_finding", "shapes"]


def shapes(context: Context) -> Iterator[Finding | Note]:
    """Yield what breaks a shape, and a note where an engine failed."""
    constraints = list(context.sources.triples("shapes"))
    outcome = run_shapes(data_triples(context.sources), constraints, engine=context.engine)
    for result in outcome.results:
        yield shape_finding(context, result)
    yield from _notes(context, outcome)


def _notes(context: Context, outcome: Outcome) -> Iterator[Note]:
    engines = ", ".join(outcome.engines)
    if outcome.failure is not None:
        yield Note(
            context.say(
                f"shapes: {outcome.failure}; {engines} did all of the work",
                f"shapes：速いエンジンが使えず、すべて {engines} で検証しました（{outcome.failure}）",
            )
        )


def shape_finding(context: Context, result: Result) -> Finding:
    """Return a validation result as a finding with its place."""
    rule = result.shape.value.rsplit("/", 1)[-1]
    message = result.messages.get(context.language) or next(iter(result.messages.values()), "")
    shown = "" if result.value is None or result.path is None else f" ({context.shown(result.value)})"
    fault = Fault(result.focus, result.path, result.value, result.component, result.shape)
    return context.finding(rule, message + shown, "shapes", fault, result.severity)
