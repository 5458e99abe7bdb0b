"""The SHACL shapes over the data, with the results as findings.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import rdflib

from abckg.reports.report import Finding, Note
from abckg.shacl.engines import Outcome, run_shapes
from abckg.shacl.reference import Result, data_triples
from abckg.store import Term
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
                f"shapes：{outcome.failure}。すべて {engines} で検証しました",
            )
        )


def shape_finding(context: Context, result: Result) -> Finding:
    """Return a validation result as a finding with its place."""
    rule = str(result.shape).rsplit("/", 1)[-1]
    message = result.messages.get(context.language) or next(iter(result.messages.values()), "")
    value = None if result.value is None else _oxigraph_term(result.value)
    shown = "" if value is None or result.path is None else f" ({context.shown(value)})"
    fault = Fault(
        _oxigraph_term(result.focus),
        None if result.path is None else ox.NamedNode(str(result.path)),
        value,
        str(result.component),
        _oxigraph_term(result.shape),
    )
    return context.finding(rule, message + shown, "shapes", fault, result.severity)


def _oxigraph_term(term: rdflib.term.Node) -> Term:
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return (
            ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))
        )
    return ox.BlankNode(str(term))
