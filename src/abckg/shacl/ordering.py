"""``sh:lessThan`` and ``sh:lessThanOrEquals`` for pySHACL, with the order of SPARQL as the specification has it.

pySHACL 0.40 stops at a blank node and at years there, and compares IRIs as texts and literals of any two kinds as
rdflib sorts them. What cannot be compared is a result. The components stand beside those of pySHACL under names of
their own, which ``ordered`` puts into the shapes. Layer: imports nothing of the package.
Specification: https://www.w3.org/TR/shacl/#LessThanConstraintComponent
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib.namespace import SH

__all__ = ["ordered"]

_OWN = rdflib.Namespace("https://w3id.org/abc-kg/id/order/")
_NAMES = {SH.lessThan: "<", SH.lessThanOrEquals: "<="}


def ordered(shapes: rdflib.Graph) -> rdflib.Graph:
    """Change shapes so that their comparisons are made here; return them."""
    for name in _NAMES:
        for shape, other in list(shapes.subject_objects(name)):
            shapes.remove((shape, name, other))
            shapes.add((shape, _own(name), other))
            _register(name)
    return shapes


def _own(name: rdflib.URIRef) -> rdflib.URIRef:
    return _OWN[name.removeprefix(str(SH))]


def _register(name: rdflib.URIRef) -> None:
    """Add the component of a parameter to those that pySHACL knows."""
    from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP

    own = _own(name)
    if own not in CONSTRAINT_PARAMETERS_MAP:
        CONSTRAINT_PARAMETERS_MAP[own] = _component(name)
        ALL_CONSTRAINT_PARAMETERS.append(own)


def _component(name: rdflib.URIRef) -> type:
    from pyshacl.constraints.constraint_component import ConstraintComponent

    local = name.removeprefix(str(SH))
    component = rdflib.URIRef(f"{SH}{local[0].upper()}{local[1:]}ConstraintComponent")
    return type("Compared", (_Compared, ConstraintComponent), {"name": name, "shacl_constraint_component": component})


class _Compared:
    """Each value node must stand in an order to each value of another property; beside pySHACL's own base class."""

    name: rdflib.URIRef
    shacl_constraint_component: rdflib.URIRef
    make_v_result: Any

    def __init__(self, shape: Any) -> None:
        from pyshacl.errors import ConstraintLoadError

        super().__init__(shape)  # type: ignore[call-arg]
        self.others = set(shape.objects(_own(self.name)))
        if not shape.is_property_shape or not all(isinstance(other, rdflib.URIRef) for other in self.others):
            raise ConstraintLoadError(f"{self.name} needs a property shape and an IRI.", "https://www.w3.org/TR/shacl/")

    @classmethod
    def constraint_parameters(cls) -> list[rdflib.URIRef]:
        """Return what stands in a shape for it."""
        return [_own(cls.name)]

    @classmethod
    def constraint_name(cls) -> str:
        """Return the name of the component."""
        return cls.shacl_constraint_component.removeprefix(str(SH))

    def make_generic_messages(self, _graph: Any, _focus: Any, _value: Any) -> list[rdflib.Literal]:
        """Return the message of a shape that has none."""
        others = ", ".join(sorted(self.others))
        return [rdflib.Literal(f"Each value must be {_NAMES[self.name]} each value of {others}")]

    def evaluate(
        self, _executor: Any, graph: Any, values: Mapping[Any, Iterable[Any]], _path: Any
    ) -> tuple[bool, list[Any]]:
        """Return whether all value nodes conform, and a result for each pair that does not."""
        found = [
            self.make_v_result(graph, focus, value_node=value)
            for focus, nodes in values.items()
            for other in self.others
            for value in set(nodes)
            for bound in set(graph.objects(focus, other))
            if not _stands(value, _NAMES[self.name], bound)
        ]
        return not found, found


def _stands(value: rdflib.term.Node, sign: str, bound: rdflib.term.Node) -> bool:
    """Return whether two values can be compared, and are in that order."""
    if not isinstance(value, rdflib.Literal) or not isinstance(bound, rdflib.Literal):
        return False
    return bool(ox.Store().query(f"ASK {{ FILTER ({_term(value)} {sign} {_term(bound)}) }}"))


def _term(literal: rdflib.Literal) -> ox.Literal:
    if literal.language:
        return ox.Literal(str(literal), language=literal.language)
    return ox.Literal(str(literal), datatype=None if literal.datatype is None else ox.NamedNode(str(literal.datatype)))
