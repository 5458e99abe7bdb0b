"""Runs pySHACL and turns its report graph into values.

The data graph given to it holds the records, the vocabularies and the class hierarchy, so that a shape that
targets a class also meets its subclasses; blank nodes of the ontology stay out. Layer: imports ``sources``.
Specification: https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH

from abckg.errors import ValidationFailed
from abckg.namespaces import RDFS
from abckg.report import Severity
from abckg.sources import Sources, to_rdflib

__all__ = ["Result", "check_graph", "data_graph", "flatten"]

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_SEVERITIES = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}


@dataclass(frozen=True)
class Result:
    """One validation result.

    Attributes:
        focus: the focus node.
        path: the IRI of the result path, None for a node constraint or a complex path.
        value: the value at fault, if there is one.
        shape: the shape that reports it.
        component: the constraint component.
        severity: as the shape says.
        messages: the shape's messages by language tag.
    """

    focus: rdflib.term.Node
    path: rdflib.URIRef | None
    value: rdflib.term.Node | None
    shape: rdflib.term.Node
    component: rdflib.URIRef
    severity: Severity
    messages: dict[str, str]


def data_graph(sources: Sources) -> rdflib.Graph:
    """Return what the shapes are run on: records, vocabularies and the class hierarchy."""
    return to_rdflib(iter([*sources.triples("data", "vocab"), *_hierarchy(sources.triples("ontology"))]))


def _hierarchy(triples: Iterable[ox.Triple]) -> Iterable[ox.Triple]:
    for triple in triples:
        if triple.predicate.value == f"{RDFS}subClassOf" and isinstance(triple.object, ox.NamedNode):
            yield triple


def flatten(shapes: rdflib.Graph) -> rdflib.Graph:
    """Return shapes in which each named property shape carries the targets of its node shape itself.

    pySHACL evaluates a nested property shape once a focus node, but a shape with targets once for all of its
    focus nodes, which is several times faster. The results are the same: focus node, path, value and source
    shape do not change. Node shapes that are used inside others, or that lean on ``sh:property`` for
    ``sh:closed`` without listing the paths in ``sh:ignoredProperties``, keep their property shapes.
    """
    flat = rdflib.Graph() + shapes
    for node, _, inner in shapes.triples((None, SH.property, None)):
        targets = [(p, o) for p in _TARGETS for o in shapes.objects(node, p)]
        owners = list(shapes.subjects(None, inner))
        if targets and isinstance(inner, rdflib.URIRef) and owners == [node] and _is_listed(shapes, node, inner):
            flat.remove((node, SH.property, inner))
            for predicate, target in targets:
                flat.add((inner, predicate, target))
    return flat


def _is_listed(shapes: rdflib.Graph, node: rdflib.term.Node, inner: rdflib.term.Node) -> bool:
    ignored = shapes.value(node, SH.ignoredProperties)
    if (node, SH.closed, rdflib.Literal(True)) not in shapes:
        return True
    return ignored is not None and shapes.value(inner, SH.path) in list(Collection(shapes, ignored))


def check_graph(data: rdflib.Graph, shapes: rdflib.Graph) -> list[Result]:
    """Validate a graph against shapes and return the results, in no particular order."""
    _conforms, report, _text = pyshacl.validate(
        data,
        shacl_graph=flatten(shapes),
        inference="none",
        inplace=True,
        allow_warnings=True,
        do_owl_imports=False,
        logger=logging.getLogger("pyshacl.quiet"),
    )
    if not isinstance(report, rdflib.Graph):
        raise ValidationFailed(f"pySHACL could not run the shapes: {report}")
    root = report.value(predicate=RDF.type, object=SH.ValidationReport)
    return [_result(report, node) for node in report.objects(root, SH.result)]


def _result(report: rdflib.Graph, node: rdflib.term.Node) -> Result:
    path = report.value(node, SH.resultPath)
    messages = {
        message.language or "en": str(message)
        for message in report.objects(node, SH.resultMessage)
        if isinstance(message, rdflib.Literal)
    }
    return Result(
        focus=_required(report, node, SH.focusNode),
        path=path if isinstance(path, rdflib.URIRef) else None,
        value=report.value(node, SH.value),
        shape=_required(report, node, SH.sourceShape),
        component=rdflib.URIRef(str(_required(report, node, SH.sourceConstraintComponent))),
        severity=_SEVERITIES.get(rdflib.URIRef(str(report.value(node, SH.resultSeverity))), Severity.VIOLATION),
        messages=messages,
    )


def _required(report: rdflib.Graph, node: rdflib.term.Node, name: rdflib.URIRef) -> rdflib.term.Node:
    value = report.value(node, name)
    if value is None:
        raise ValidationFailed(f"pySHACL gave a result without {name}")
    return value
