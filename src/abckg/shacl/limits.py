"""What the fast SHACL engine is not asked for, and the shapes divided by it.

The package ``shacl`` 0.3.4 is right on all of SHACL Core in the W3C suite. It orders no dates in queries and refuses
lookaround in patterns and has no range of years; and it runs what pySHACL leaves alone (targets of SHACL Advanced
Features, terms of SHACL 1.2). Shapes with any of it go to the reference. Layer: imports ``namespaces``.
Specification: https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from abckg.namespaces import OWL, RDF, RDFS, SH, XSD

__all__ = ["Division", "Limit", "divide", "unsupported"]

_TYPE, _PATTERN = f"{RDF}type", f"{SH}pattern"
_TARGETS = {f"{SH}target{kind}" for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf", "")}
_CLASSES = {f"{RDFS}Class", f"{OWL}Class"}
_LINKS = {
    *(f"{SH}{name}" for name in ("property", "node", "not", "and", "or", "xone", "qualifiedValueShape", "sparql")),
    *(f"{SH}{name}" for name in ("target", "path", "inversePath", "alternativePath")),
    *(f"{RDF}{name}" for name in ("first", "rest")),
}
_CORE = frozenset(
    (
        *("alternativePath", "and", "class", "closed", "datatype", "deactivated", "defaultValue", "description"),
        *("disjoint", "equals", "flags", "group", "hasValue", "ignoredProperties", "in", "inversePath", "languageIn"),
        *("lessThan", "lessThanOrEquals", "maxCount", "maxExclusive", "maxInclusive", "maxLength", "message"),
        *("minCount", "minExclusive", "minInclusive", "minLength", "name", "node", "nodeKind", "not", "or", "order"),
        *("oneOrMorePath", "path", "pattern", "property", "qualifiedMaxCount", "qualifiedMinCount", "severity"),
        *("qualifiedValueShape", "qualifiedValueShapesDisjoint", "targetClass", "targetNode", "targetObjectsOf"),
        *("targetSubjectsOf", "uniqueLang", "xone", "zeroOrMorePath", "zeroOrOnePath"),
    )
)
_ORDERED = {
    f"{XSD}{name}"
    for name in (
        *("integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger"),
        *("positiveInteger", "unsignedInt", "unsignedLong", "string", "date", "dateTime"),
    )
}
_RANGES = {f"{SH}{name}" for name in ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")}
_KNOWN = {f"{SH}{name}" for name in _CORE} - _RANGES - {_PATTERN}
_NOT_XPATH = re.compile(r"\(\?|\\[1-9bBAzZ]")


@dataclass(frozen=True)
class Limit:
    """One reason for which a shape with targets is left to the reference."""

    shape: str
    reason: str


@dataclass(frozen=True)
class Division:
    """Two shapes graphs that differ in their targets alone, and why there are two; either may have no target."""

    fast: tuple[ox.Triple, ...]
    reference: tuple[ox.Triple, ...]
    limits: tuple[Limit, ...]
    has_fast: bool


def unsupported(shapes: Iterable[ox.Triple]) -> tuple[Limit, ...]:
    """Return why shapes cannot all be given to the fast engine; nothing where they can."""
    return divide(shapes).limits


def divide(shapes: Iterable[ox.Triple]) -> Division:
    """Divide shapes by whether the fast engine can be trusted with all that leads from their targets."""
    triples = tuple(shapes)
    component = ox.NamedNode(f"{SH}ConstraintComponent")
    custom = any(triple.object == component for triple in triples)
    if not custom and not any(_local(triples)):
        return Division(triples, (), (), has_fast=any(map(_is_target, triples)))
    about: dict[object, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        about[triple.subject].append(triple)
    roots = [node for node, said in about.items() if any(_is_target(triple) for triple in said)]
    found = {root: sorted({*_reasons(root, about), *(["constraint component"] if custom else [])}) for root in roots}
    left = {root for root in roots if found[root]}
    return Division(
        fast=tuple(t for t in triples if not (t.subject in left and _is_target(t))),
        reference=tuple(t for t in triples if not (t.subject not in left and _is_target(t))),
        limits=tuple(Limit(str(root), reason) for root in roots for reason in found[root]),
        has_fast=len(left) < len(roots),
    )


def _is_target(triple: ox.Triple) -> bool:
    name = triple.predicate.value
    value = triple.object
    is_class = name == _TYPE and isinstance(value, ox.NamedNode) and value.value in _CLASSES
    return is_class or name in _TARGETS


def _reasons(root: object, about: dict[object, list[ox.Triple]]) -> Iterator[str]:
    """Yield why the fast engine is not asked for a shape or for what it leads to."""
    seen, waiting = {root}, [root]
    while waiting:
        said = about[waiting.pop()]
        yield from _local(said)
        linked = {triple.object for triple in said if triple.predicate.value in _LINKS and triple.object in about}
        waiting += linked - seen
        seen |= linked


def _local(said: Iterable[ox.Triple]) -> Iterator[str]:
    for triple in said:
        name = triple.predicate.value
        if name in _KNOWN:
            continue
        value = triple.object
        if name.startswith(SH) and name.removeprefix(SH) not in _CORE:
            yield f"sh:{name.removeprefix(SH)}"
        if name == _PATTERN and isinstance(value, ox.Literal) and _NOT_XPATH.search(value.value):
            yield "sh:pattern beyond XPath"
        if name in _RANGES and isinstance(value, ox.Literal) and value.datatype.value not in _ORDERED:
            yield "order of a datatype"
