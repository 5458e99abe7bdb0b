"""The quality of the ontology itself, and whether it stays within OWL 2 RL.

Most rules are queries in ``shapes/checks/ontology/``, in the order of ideas of the OOPS! catalogue of pitfalls and of
ROBOT's report; two need the text of queries or the lists of terms of standard vocabularies and stand here.
Layer: part of ``validate``; imports the core.
Specifications: https://oops.linkeddata.es/catalogue.jsp, https://robot.obolibrary.org/report,
https://www.w3.org/TR/owl2-profiles/#OWL_2_RL
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from abckg.checks import load_checks, run_check
from abckg.namespaces import BASE, OWL, RDF
from abckg.queries import QUERY_FOLDER
from abckg.reasoning.profile import PROFILE_RULES, Departure, departures
from abckg.reports.report import Finding, Place, Severity
from abckg.sources import read_text
from abckg.store import EmbeddedStore
from abckg.validate.context import Context, Fault, found
from abckg.validate.graph import rule_finding

__all__ = ["PROFILE_MESSAGES", "deprecated_in_queries", "misspelt_terms", "ontology", "profile", "rule_store"]

if TYPE_CHECKING:
    from rdflib.namespace import DefinedNamespace

Vocabularies: TypeAlias = "Mapping[str, type[DefinedNamespace]]"

_STANDARD = ["DCTERMS", "FOAF", "ORG", "OWL", "PROV", "QB", "RDF", "RDFS", "SH", "SKOS", "TIME", "VANN", "VOID", "XSD"]
_REPLACED_BY = "http://purl.org/dc/terms/isReplacedBy"
_NAME = re.compile(r"""<(?P<iri>[^<>"{}|^`\\\s]*)>|(?P<label>[A-Za-z][\w-]*):(?P<local>\w[\w-]*)|\#.*|"[^"\n]*\"""")
_POSITIONS = {
    "subclass": ("on the narrower side of an axiom", "公理の下位側"),
    "superclass": ("on the wider side of an axiom", "公理の上位側"),
    "definition": ("in a definition", "定義の中"),
    "": ("here", "ここ"),
}
PROFILE_MESSAGES: Mapping[str, tuple[str, str]] = {
    "rl-axiom": (
        "{construct} is outside OWL 2 RL; say it with axioms that RL has, or as a shape",
        "{construct} はOWL 2 RLにありません。RLにある公理で記すか、シェイプにしてください",
    ),
    "rl-cardinality": (
        "{construct} is outside OWL 2 RL, which counts to at most 0 or 1; say it as a shape (sh:maxCount)",
        "{construct} はOWL 2 RLの外です（RLで数えられるのは0か1まで）。シェイプ（sh:maxCount）で記してください",
    ),
    "rl-composite-property": (
        "{construct} needs a simple property, and this one is transitive or made of a chain; drop one of the two",
        "{construct} には単純な属性が要りますが、この属性は推移的か連鎖によるものです。いずれかを除いてください",
    ),
    "rl-datatype": (
        "the data range {construct} is outside OWL 2 RL; use a datatype of RL and let a shape check the values",
        "データ範囲 {construct} はOWL 2 RLの外です。RLのデータ型を用い、値はシェイプで確かめてください",
    ),
    "rl-existential-definition": (
        "{construct} in a definition is outside OWL 2 RL: who has such a value is concluded to be a member, but not "
        "that every member has one; a reasoner for OWL 2 DL concludes both",
        "定義の中の {construct} はOWL 2 RLの外です。そのような値をもつものがこのクラスに属することは導かれますが、"
        "属するものがその値をもつことは導かれません（OWL 2 DLの推論器は両方を導きます）",
    ),
    "rl-expression": (
        "{construct} may not stand {position} in OWL 2 RL; say it otherwise, or as a shape",
        "OWL 2 RLでは {construct} を{position}に置けません。別の形で記すか、シェイプにしてください",
    ),
    "rl-malformed": (
        "this is no class expression of OWL 2 ({construct}); give it one construct and one owl:onProperty",
        "OWL 2のクラス式になっていません（{construct}）。構成子と owl:onProperty を一つずつ記してください",
    ),
    "rl-range-datatype": (
        "the range {construct} is outside OWL 2 RL: nothing is concluded from it, the shapes check the values",
        "値域 {construct} はOWL 2 RLの外です。ここからは何も導かれず、値はシェイプが確かめます",
    ),
    "rl-reserved-class": (
        "OWL 2 DL reserves {construct} for RDF itself; the rules treat it as any class, other tools may refuse it",
        "{construct} はOWL 2 DLでは予約語です。推論規則は通常のクラスとして扱いますが、受け付けないツールもあります",
    ),
}


def ontology(context: Context) -> Iterator[Finding]:
    """Yield what is amiss with the ontology: its words, its structure, and how it is used."""
    store = rule_store(context)
    for check in load_checks(context.sources.root, "ontology"):
        for hit in run_check(check, store):
            yield rule_finding(context, check, hit, "ontology")
    yield from misspelt_terms(context)
    yield from deprecated_in_queries(context)


def rule_store(context: Context) -> EmbeddedStore:
    """Return what the rules about the ontology are asked of: ``graph/ontology`` and ``graph/shapes``."""
    store = ox.Store()
    graphs = (
        ("ontology", context.sources.triples("ontology", "vocab", "alignment")),
        ("shapes", context.sources.triples("shapes")),
    )
    for name, triples in graphs:
        graph = ox.NamedNode(f"{BASE}graph/{name}")
        store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    return EmbeddedStore(store, "")


def misspelt_terms(context: Context) -> Iterator[Finding]:
    """Yield names in the namespaces of standard vocabularies that those vocabularies do not have."""
    from rdflib import namespace  # a change of the data alone does without it

    standard: Vocabularies = {str(known): known for known in (getattr(namespace, name) for name in _STANDARD)}
    known: dict[str, bool] = {}
    for file in context.sources.files:
        for triple in file.triples:
            for term in (triple.predicate, triple.object):
                if isinstance(term, ox.NamedNode):
                    if term.value not in known:
                        known[term.value] = _is_known(term.value, standard)
                    if not known[term.value]:
                        yield _misspelt_finding(context, triple, term, standard)


def _is_known(iri: str, standard: Vocabularies) -> bool:
    stem = _namespace(iri)
    return stem not in standard or stem == iri or iri in standard[stem] or iri.startswith(f"{RDF}_")


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]


def _misspelt_finding(context: Context, triple: ox.Triple, term: ox.NamedNode, standard: Vocabularies) -> Finding:
    curie = context.sources.prefixes.curie
    close = difflib.get_close_matches(term.value, sorted(map(str, dir(standard[_namespace(term.value)]))), 1, 0.8)
    guess = (f" Did you mean {curie(close[0])}?", f" {curie(close[0])} ではありませんか。") if close else ("", "")
    message = context.say(
        f"{curie(term.value)} is not a term of its vocabulary; correct the spelling.{guess[0]}",
        f"{curie(term.value)} はその語彙の用語ではありません。綴りを直してください。{guess[1]}",
    )
    value = triple.predicate if term == triple.predicate else triple.object
    fault = Fault(triple.subject, triple.predicate, value)
    return context.finding("misspelt-standard-term", message, "ontology", fault)


def deprecated_in_queries(context: Context) -> Iterator[Finding]:
    """Yield the deprecated terms that the queries of the catalogue use."""
    prefixes = context.sources.prefixes
    deprecated = {
        t.subject.value
        for t in context.sources.triples("ontology", "vocab", "data")
        if t.predicate.value == f"{OWL}deprecated" and isinstance(t.subject, ox.NamedNode)
    }
    if not deprecated:
        return
    root = context.sources.root
    for path in sorted((root / QUERY_FOLDER).glob("*.rq")):
        relative = path.relative_to(root)
        text = read_text(relative, root)
        for match in _NAME.finditer(text):
            is_short = match["label"] in prefixes
            iri = prefixes[match["label"]] + match["local"] if is_short else match["iri"] or ""
            if iri in deprecated:
                yield _deprecated_finding(context, _place(relative, text, match), iri)


def _deprecated_finding(context: Context, place: Place, iri: str) -> Finding:
    curie = context.sources.prefixes.curie
    others = ", ".join(map(curie, context.sources.values[iri].get(_REPLACED_BY, [])))
    message = context.say(
        f"{curie(iri)} is deprecated; use {others} instead.",
        f"{curie(iri)} は廃止されています。{others} を用いてください。",
    )
    fault = Fault(ox.NamedNode(iri))
    return found("deprecated-in-queries", message, "ontology", (place,), fault, Severity.WARNING)


def _place(path: Path, text: str, match: re.Match[str]) -> Place:
    line = text.count("\n", 0, match.start()) + 1
    column = match.start() - text.rfind("\n", 0, match.start())
    return Place(path, line, column, line, column + len(match[0]))


def profile(context: Context) -> Iterator[Finding]:
    """Yield where the ontology leaves OWL 2 RL."""
    for departure in departures(context.sources.triples("ontology")):
        yield _profile_finding(context, departure)


def _profile_finding(context: Context, departure: Departure) -> Finding:
    english, japanese = PROFILE_MESSAGES[departure.rule]
    position = _POSITIONS[departure.position]
    message = context.say(
        english.format(construct=departure.construct, position=position[0]),
        japanese.format(construct=departure.construct, position=position[1]),
    )
    fault = Fault(departure.subject, ox.NamedNode(departure.predicate), departure.value)
    return context.finding(departure.rule, message, "profile", fault, PROFILE_RULES[departure.rule])
