"""Rules over the whole graph (``shapes/checks/``) and its consistency with the ontology.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import pyoxigraph as ox

from abckg.checks import Check, Hit, load_checks, run_check
from abckg.errors import AxiomRefused
from abckg.explain import axiom_places
from abckg.namespaces import RDF, SKOS
from abckg.reasoning.reason import minimal_cause
from abckg.reports.report import Finding
from abckg.store import Term
from abckg.validate.context import Context, Fault, found

__all__ = ["axiom_refused", "consistency", "graph", "needs_all_names", "rule_finding"]

_MINIMISED = 10
"""Of how many contradictions the cause is made minimal, which takes a run of the rules for each statement of it."""
_ALIKE = 0.7
"""How alike two names must be for one to be offered for the other, of 1."""
_MISNAMED = ("dangling-reference", "undeclared-term")


def graph(context: Context) -> Iterator[Finding]:
    """Yield what breaks a rule over the whole graph."""
    for check in load_checks(context.sources.root):
        for hit in run_check(check, context.store):
            yield rule_finding(context, check, hit)


def rule_finding(context: Context, check: Check, hit: Hit, family: str = "graph") -> Finding:
    """Return one breach of a rule as a finding with its place."""
    values = {
        "path": context.sources.prefixes.curie(hit.path or ""),
        "value": "" if hit.value is None else context.shown(hit.value),
        "other": "" if hit.other is None else context.shown(hit.other),
    }
    message = check.messages[context.language].format(**values) + _guess(context, check.name, hit.value)
    path = None if hit.path is None else ox.NamedNode(hit.path)
    focus = ox.BlankNode(hit.focus[2:]) if hit.focus.startswith("_:") else ox.NamedNode(hit.focus)
    return context.finding(check.name, message, family, Fault(focus, path, hit.value), check.severity)


def needs_all_names(check: Check, hit: Hit) -> bool:
    """Return whether the finding names what may have been meant, for which every name must be known."""
    return check.name in _MISNAMED and isinstance(hit.value, ox.NamedNode)


def _guess(context: Context, check: str, value: Term | None) -> str:
    """Return a name that the writer may have meant, for a name that is not there."""
    if check not in _MISNAMED or not isinstance(value, ox.NamedNode):
        return ""
    cut = max(value.value.rfind("/"), value.value.rfind("#")) + 1
    stem, name = value.value[:cut], value.value[cut:]
    known = [iri[cut:] for iri in context.sources.declared_in if iri.startswith(stem)]
    close = difflib.get_close_matches(name, known, 1, _ALIKE)
    known_as = stem + close[0] if close else _labelled(context, stem, name)
    meant = context.sources.prefixes.curie(known_as) if known_as else ""
    return context.say(f" Did you mean {meant}?", f" {meant} ではありませんか。") if meant else ""


def _labelled(context: Context, stem: str, label: str) -> str:
    """Return the one thing of a namespace that is called so, for a label where its name should stand."""
    values = context.sources.values
    found = [
        iri for iri, about in values.items() if iri.startswith(stem) and label in about.get(f"{SKOS}prefLabel", ())
    ]
    return found[0] if len(found) == 1 else ""


def axiom_refused(context: Context, error: AxiomRefused) -> Finding:
    """Return as a finding that nothing can be inferred because of an axiom."""
    message = context.say(str(error), f"推論規則にできない公理があり、推論を要する検査ができません。{error.japanese}。")
    name = error.subject
    node = ox.NamedNode(name[1:-1]) if name.startswith("<") else ox.BlankNode(name.removeprefix("_:") or "b")
    return context.finding("axiom-refused", message, "consistency", Fault(node))


def _stated(context: Context, triple: ox.Triple) -> str:
    verb = "a" if triple.predicate.value == f"{RDF}type" else context.shown(triple.predicate)
    return f"{context.shown(triple.subject)} {verb} {context.shown(triple.object)}"


def consistency(context: Context) -> Iterator[Finding]:
    """Yield what is of two classes that exclude each other, with the fewest statements that make it so.

    The places of those statements come with it, those in the file of the node first, that of the axiom last.
    """
    schema = list(context.sources.triples("ontology"))
    for number, clash in enumerate(context.closure.clashes):
        cause = minimal_cause(schema, clash) if number < _MINIMISED and len(clash.cause) > 1 else clash.cause
        one, other = (context.sources.prefixes.curie(name.value) for name in clash.classes)
        causes = "; ".join(_stated(context, triple) for triple in cause)
        message = context.say(
            f"this cannot be both {one} and {other}; correct one of what it follows from: {causes}; "
            "abckg explain --inconsistency tells how",
            f"{one} と {other} の両方ではあり得ません。もとの記述のいずれかを直してください：{causes}。"
            "導かれ方は abckg explain --inconsistency が示します",
        )
        fault = Fault(clash.node, ox.NamedNode(f"{RDF}type"))
        stated = [place for triple in cause for place in context.locator.triple(triple)]
        places = tuple(stated) or context.locator.places(fault.focus, fault.path)
        home = {place.path for place in context.locator.subject(clash.node)}
        ordered = sorted(places, key=lambda place: place.path not in home)
        axioms = axiom_places(context.sources.files, context.locator, clash)
        yield found("disjoint-classes", message, "consistency", (*ordered, *axioms), fault)
