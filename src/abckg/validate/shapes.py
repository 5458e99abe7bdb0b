"""The SHACL shapes over the data, with the results as findings.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import rdflib

from abckg.report import Finding
from abckg.shacl import Result, check_graph, data_graph
from abckg.sources import to_rdflib
from abckg.store import Term
from abckg.validate.context import Context, Fault

__all__ = ["shape_finding", "shapes"]


def shapes(context: Context) -> Iterator[Finding]:
    """Yield what breaks a shape."""
    graph = to_rdflib(context.sources.triples("shapes"))
    for result in check_graph(data_graph(context.sources), graph):
        yield shape_finding(context, result)


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
