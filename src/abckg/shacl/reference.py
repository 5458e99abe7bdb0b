"""Runs pySHACL and turns its report graph into values.

Two things are done on its way that pySHACL 0.40 leaves undone, with subclasses of public classes and without a
change to any of them: a query of ``sh:sparql`` is parsed once and not once a focus node, and a choice of focus nodes
holds for the targets alone, so that shapes inside shapes still see every value node. ``ordering`` compares values.

Layer: imports ``errors``, ``ordering`` and ``results``.
Specification: https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox
import rdflib
from rdflib.collection import Collection as Members
from rdflib.namespace import OWL, RDF, RDFS, SH

from abckg.errors import ValidationFailed
from abckg.shacl.ordering import ordered
from abckg.shacl.results import Node, Result, Term, severity_of

if TYPE_CHECKING:
    from rdflib.plugins.sparql.sparql import Query

__all__ = ["Checker", "check_graph", "flatten", "oxigraph_term"]

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)


def flatten(shapes: rdflib.Graph) -> rdflib.Graph:
    """Return shapes in which each named property shape carries the targets of its node shape itself.

    pySHACL evaluates a nested property shape once a focus node, but a shape with targets once for all of its
    focus nodes, which is several times faster. The results are the same: focus node, path, value and source
    shape do not change. Node shapes that are used inside others, that are deactivated or classes, or that lean on
    ``sh:property`` for ``sh:closed`` without listing the paths in ``sh:ignoredProperties`` keep their property
    shapes; so do those with disjoint qualified shapes, which are siblings by it, and a property shape with targets of
    its own.
    """
    flat = rdflib.Graph() + shapes
    for node, _, inner in shapes.triples((None, SH.property, None)):
        targets = [(p, o) for p in _TARGETS for o in shapes.objects(node, p)]
        if targets and isinstance(inner, rdflib.URIRef) and _is_movable(shapes, node, inner):
            flat.remove((node, SH.property, inner))
            for predicate, target in targets:
                flat.add((inner, predicate, target))
    return flat


def _is_movable(shapes: rdflib.Graph, node: rdflib.term.Node, inner: rdflib.term.Node) -> bool:
    ignored = shapes.value(node, SH.ignoredProperties)
    if list(shapes.subjects(None, inner)) != [node] or any((inner, p, None) in shapes for p in (*_TARGETS, SH.target)):
        return False
    if any(part in shapes for part in ((node, SH.target, None), (node, SH.deactivated, None))):
        return False
    if any((node, RDF.type, kind) in shapes for kind in (RDFS.Class, OWL.Class)):
        return False
    if any((sibling, SH.qualifiedValueShapesDisjoint, None) in shapes for sibling in shapes.objects(node, SH.property)):
        return False
    if (node, SH.closed, None) not in shapes:
        return True
    return ignored is not None and shapes.value(inner, SH.path) in list(Members(shapes, ignored))


def _corrected(shapes: rdflib.Graph) -> rdflib.Graph:
    """Change shapes where pySHACL reads them otherwise than the specification has it; return them.

    It takes any true literal for ``sh:uniqueLang true``, and misses prefixes that an imported graph declares.
    """
    for shape, value in list(shapes.subject_objects(SH.uniqueLang)):
        if isinstance(value, rdflib.Literal) and str(value) != "true":
            shapes.remove((shape, SH.uniqueLang, value))
    for ontology in set(shapes.subjects(OWL.imports)):
        for imported in shapes.transitive_objects(ontology, OWL.imports):
            for prefix in list(shapes.objects(imported, SH.declare)):
                shapes.add((ontology, SH.declare, prefix))
    return shapes


def check_graph(
    data: rdflib.Graph, shapes: rdflib.Graph, *, focus: Collection[rdflib.term.Node] | None = None
) -> list[Result]:
    """Validate a graph against shapes and return the results, in no particular order.

    Args:
        data: the data graph; it is not changed.
        shapes: the shapes graph; ``owl:imports`` is not followed.
        focus: the focus nodes wanted; all where it is None. The results are those of a full run whose focus node
            is among them, and only their shapes are evaluated.

    Raises:
        ValidationFailed: the shapes are malformed or cannot be run.
    """
    return Checker(data, shapes).check(focus)


class Checker:
    """Shapes read once, for a data graph that may change between runs.

    Args:
        data: the data graph; each run sees it as it then is.
        shapes: the shapes graph, which must not change.
    """

    def __init__(self, data: rdflib.Graph, shapes: rdflib.Graph) -> None:
        # Imported when it is needed: that takes a third of a second, which the fast engine need not wait for.
        import pyshacl
        from pyshacl.graph_abstraction import DataGraph

        self._graph = DataGraph.from_rdflib(_ParsedOnce(data))
        logger = logging.getLogger("abckg.shacl.reference.quiet")
        options = {"inplace": True, "logger": logger}
        self._validator = pyshacl.Validator(
            self._graph, shacl_graph=ordered(_corrected(flatten(shapes))), options=options
        )
        self._targets: dict[rdflib.term.Node, set[tuple[str, rdflib.term.Node]]] = {}

    def check(self, focus: Collection[rdflib.term.Node] | None = None) -> list[Result]:
        """Return the results as ``check_graph`` does."""
        from pyshacl.errors import ReportableRuntimeError

        try:
            report = self._run(None if focus is None else frozenset(focus))
        except (ReportableRuntimeError, NotImplementedError, TypeError, re.error) as fault:
            raise ValidationFailed(f"pySHACL could not run the shapes: {fault}") from fault
        root = report.value(predicate=RDF.type, object=SH.ValidationReport)
        return [_result(report, node) for node in report.objects(root, SH.result)]

    def _run(self, wanted: frozenset[rdflib.term.Node] | None) -> rdflib.Graph:
        """Evaluate each shape with targets and return the report graph.

        pySHACL's own filter is asked again for each shape inside a shape and drops the value nodes there.
        """
        executor = self._validator.make_executor()
        traits = {} if wanted is None else {node: self._traits(node) for node in wanted}
        found: list[Any] = []
        for shape in self._validator.shacl_graph.shapes:
            if wanted is None:
                chosen = list(shape.focus_nodes(self._graph))
            else:
                chosen = [node for node in wanted if not self._targets_of(shape).isdisjoint(traits[node])]
            if chosen:
                found += shape.validate(executor, self._graph, focus=chosen)[1]
        shapes = self._validator.shacl_graph
        report: rdflib.Graph = self._validator.create_validation_report(shapes, not found, found)[0]
        return report

    def _targets_of(self, shape: Any) -> set[tuple[str, rdflib.term.Node]]:
        """Return what a shape is for, which does not change."""
        if shape.node not in self._targets:
            self._targets[shape.node] = _targets(shape)
        return self._targets[shape.node]

    def _traits(self, node: rdflib.term.Node) -> frozenset[tuple[str, rdflib.term.Node]]:
        """Return everything by which a node may be a target: itself, its classes and its properties."""
        graph = self._graph
        classes = {wider for name in graph.objects(node, RDF.type) for wider in self._wider(name)}
        return frozenset(
            {
                ("node", node),
                *(("class", name) for name in classes),
                *(("subject", predicate) for predicate, _ in graph.predicate_objects(node)),
                *(("object", predicate) for _, predicate in graph.subject_predicates(node)),
            }
        )

    def _wider(self, name: rdflib.term.Node) -> set[rdflib.term.Node]:
        found, waiting = {name}, [name]
        while waiting:
            more = set(self._graph.objects(waiting.pop(), RDFS.subClassOf)) - found
            found |= more
            waiting += more
        return found


def _targets(shape: Any) -> set[tuple[str, rdflib.term.Node]]:
    nodes, classes, implicit, objects, subjects = shape.target()
    return {
        *(("node", node) for node in nodes),
        *(("class", name) for name in (*classes, *implicit)),
        *(("object", predicate) for predicate in objects),
        *(("subject", predicate) for predicate in subjects),
    }


class _ParsedOnce(rdflib.Graph):
    """A view of a graph that parses the same text of a query once (pySHACL hands it in for every focus node)."""

    def __init__(self, graph: rdflib.Graph) -> None:
        super().__init__(graph.store, graph.identifier, graph.namespace_manager)
        self._parsed: dict[str, Query] = {}

    def query(
        self,
        query_object: str | Query,
        processor: Any = "sparql",
        result: Any = "sparql",
        initNs: Mapping[str, Any] | None = None,  # noqa: N803
        initBindings: Mapping[str, rdflib.term.Identifier] | None = None,  # noqa: N803
        use_store_provided: bool = True,
        **kwargs: Any,
    ) -> rdflib.query.Result:
        if isinstance(query_object, str) and not initNs:
            if query_object not in self._parsed:
                self._parsed[query_object] = self._parse(query_object)
            query_object = self._parsed[query_object]
        return super().query(query_object, processor, result, initNs, initBindings, use_store_provided, **kwargs)

    def _parse(self, text: str) -> Query:
        from rdflib.plugins.sparql import prepareQuery

        try:
            return prepareQuery(text, initNs=dict(self.namespaces()))
        except Exception as fault:  # rdflib has no narrower class for an unknown prefix
            raise ValidationFailed(f"a query in the shapes cannot be parsed: {fault}; it is: {text}") from fault


def _result(report: rdflib.Graph, node: rdflib.term.Node) -> Result:
    path, value = report.value(node, SH.resultPath), report.value(node, SH.value)
    messages = {
        message.language or "en": str(message)
        for message in report.objects(node, SH.resultMessage)
        if isinstance(message, rdflib.Literal)
    }
    return Result(
        focus=oxigraph_term(_required(report, node, SH.focusNode)),
        path=ox.NamedNode(path) if isinstance(path, rdflib.URIRef) else None,
        value=None if value is None else oxigraph_term(value),
        shape=cast("Node", oxigraph_term(_required(report, node, SH.sourceShape))),
        component=str(_required(report, node, SH.sourceConstraintComponent)),
        severity=severity_of(str(report.value(node, SH.resultSeverity))),
        messages=messages,
    )


def _required(report: rdflib.Graph, node: rdflib.term.Node, name: rdflib.URIRef) -> rdflib.term.Node:
    value = report.value(node, name)
    if value is None:
        raise ValidationFailed(f"pySHACL gave a result without {name}")
    return value


def oxigraph_term(term: rdflib.term.Node) -> Term:
    """Return a term of rdflib as Oxigraph has it, in the same spelling."""
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(term)
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(term, language=term.language)
        return ox.Literal(term, datatype=ox.NamedNode(term.datatype)) if term.datatype else ox.Literal(term)
    return ox.BlankNode(str(term))
