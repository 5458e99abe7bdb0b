"""Why a triple holds: where it is stated and on which passage, or by which axioms from which triples.

For a contradiction the same: the fewest statements that make it, and the axiom that forbids them together.
Layer: imports ``locator``, ``namespaces``, ``reason``, ``report``, ``sources`` and ``wording``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from abckg.locator import Locator
from abckg.namespaces import ABC, OWL, RDF
from abckg.reasoning.reason import Clash, Proof, materialise, minimal_cause, prove
from abckg.reports.report import Place
from abckg.sources import SourceFile, Sources
from abckg.wording import Wording

__all__ = ["Evidence", "Explanation", "Inconsistency", "axiom_places", "explain", "inconsistencies"]

_TYPE = ox.NamedNode(f"{RDF}type")


@dataclass(frozen=True)
class Evidence:
    """A passage that supports a stated triple: its document and offsets."""

    document: str
    start: int
    end: int


@dataclass(frozen=True)
class Explanation:
    """One step: the triple; where it is stated and on which evidence, or the axiom and the steps it rests on.

    Attributes:
        triple: what holds.
        axiom: the axiom in words, by language; empty for a stated triple.
        words: the triple by the labels of what it names, by language; empty where there are none.
        premises: what it follows from.
        place: file and line of a stated triple.
        evidence: the passages of a stated triple.
        sources: the addresses that a fact from outside the documents names.
    """

    triple: ox.Triple
    axiom: dict[str, str]
    words: dict[str, str]
    premises: tuple[Explanation, ...] = ()
    place: tuple[Path, int] | None = None
    evidence: tuple[Evidence, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inconsistency:
    """Something that is of two classes which share no member.

    Attributes:
        node: what it is about.
        axiom: the axiom in words, by language.
        place: file and line of the axiom.
        cause: the stated triples that make it; without any one of them there is no contradiction.
        reasons: why it is of the one class, and of the other.
    """

    node: ox.NamedNode
    axiom: dict[str, str]
    place: tuple[Path, int] | None
    cause: tuple[ox.Triple, ...]
    reasons: tuple[Explanation, ...]


def explain(sources: Sources, triple: ox.Triple) -> Explanation | None:
    """Return why a triple holds in a dataset, None where it does not."""
    facts = (*sources.triples("data"), *sources.triples("vocab"))
    proof = prove(sources.triples("ontology"), facts, triple)
    return _Explainer(sources).step(proof) if proof is not None else None


def inconsistencies(sources: Sources) -> list[Inconsistency]:
    """Return every contradiction of a dataset with the fewest statements that make it."""
    schema = tuple(sources.triples("ontology"))
    clashes = materialise(schema, (*sources.triples("data"), *sources.triples("vocab"))).clashes
    explainer = _Explainer(sources)
    return [explainer.inconsistency(schema, clash) for clash in clashes]


def axiom_places(files: Iterable[SourceFile], locator: Locator, clash: Clash) -> list[Place]:
    """Return where the axioms stand by which the two classes of a clash share no member."""
    one, other = clash.classes
    disjoint = ox.NamedNode(f"{OWL}disjointWith")
    stated = [ox.Triple(one, disjoint, other), ox.Triple(other, disjoint, one)]
    for file in files:
        if file.kind == "ontology":
            stated += _memberships(file, clash)
    return [place for triple in stated for place in locator.triple(triple)]


def _memberships(file: SourceFile, clash: Clash) -> Iterator[ox.Triple]:
    """Yield for each list of disjoint classes that holds both classes of a clash the triple of one of them."""
    cells = {t.object: t.subject for t in file.triples if t.predicate.value == f"{RDF}rest"}
    heads = {t.object for t in file.triples if t.predicate.value == f"{OWL}members"}
    by_list: dict[object, list[ox.Triple]] = {}
    for triple in file.triples:
        if triple.predicate.value == f"{RDF}first" and triple.object in clash.classes:
            cell: ox.NamedNode | ox.BlankNode | ox.Triple = triple.subject
            while cell in cells:
                cell = cells[cell]
            by_list.setdefault(cell, []).append(triple)
    return (found[0] for head, found in by_list.items() if head in heads and len(found) == len(clash.classes))


class _Explainer:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._locator = Locator(sources.files)
        self._wording = Wording(sources)

    def step(self, proof: Proof) -> Explanation:
        if proof.premises:
            premises = tuple(self.step(premise) for premise in proof.premises)
            return Explanation(
                proof.conclusion, self._wording.axiom(proof), self._wording.triple(proof.conclusion), premises
            )
        record = self._sources.values.get(self._record(proof.conclusion), {})
        return Explanation(
            proof.conclusion,
            {},
            self._wording.triple(proof.conclusion),
            place=self._place(proof.conclusion),
            evidence=tuple(map(self._passage, record.get(f"{ABC}evidencedBy", ()))),
            sources=tuple(record.get("http://purl.org/dc/terms/source", ())),
        )

    def inconsistency(self, schema: tuple[ox.Triple, ...], clash: Clash) -> Inconsistency:
        cause = minimal_cause(schema, clash)
        proofs = (prove(schema, cause, ox.Triple(clash.node, _TYPE, name)) for name in clash.classes)
        axiom = self._wording.disjointness(*clash.classes)
        reasons = tuple(self.step(proof) for proof in proofs if proof is not None)
        return Inconsistency(
            clash.node, axiom, self._first(axiom_places(self._sources.files, self._locator, clash)), cause, reasons
        )

    def _place(self, triple: ox.Triple) -> tuple[Path, int] | None:
        return self._first(self._locator.triple(triple))

    def _first(self, places: Iterable[Place]) -> tuple[Path, int] | None:
        return next(((place.path, place.line) for place in places if place.line is not None), None)

    def _record(self, triple: ox.Triple) -> str:
        """Return the fact record of a triple, else its subject."""
        subject, value = (term.value for term in (triple.subject, triple.object) if not isinstance(term, ox.Triple))
        wanted = {f"{RDF}subject": subject, f"{RDF}predicate": triple.predicate.value, f"{RDF}object": value}
        records = (
            iri
            for iri, about in self._sources.values.items()
            if all(value in about.get(name, ()) for name, value in wanted.items())
        )
        return next(records, subject)

    def _passage(self, iri: str) -> Evidence:
        about = self._sources.values[iri]
        start, end = (int(about[f"{ABC}{name}"][0]) for name in ("startOffset", "endOffset"))
        return Evidence(about[f"{ABC}passageOf"][0], start, end)
