"""Triples and axioms in words, in English and Japanese, with the labels of what they name.

Layer: imports ``namespaces``, ``positions``, ``reason`` and ``sources``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import pyoxigraph as ox

from abckg.namespaces import RDF, RDFS, SKOS
from abckg.places.positions import spelling
from abckg.reasoning.reason import Proof
from abckg.sources import Sources

__all__ = ["LANGUAGES", "Wording"]

Words: TypeAlias = dict[str, str]

LANGUAGES = ("en", "ja")
_TYPE = ox.NamedNode(f"{RDF}type")
_GAP = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
"""A space between two Japanese characters, where there is none in Japanese."""
_LABELS = (f"{SKOS}prefLabel", f"{RDFS}label")


class Wording:
    """Says in words what a dataset states and what follows from it."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def name(self, term: object) -> str:
        """Return a term as Turtle spells it."""
        return spelling(term, self._sources.prefixes) if isinstance(term, ox.NamedNode | ox.Literal) else str(term)

    def triple(self, triple: ox.Triple) -> Words:
        """Return a triple by the labels of what it names; nothing in a language that has none of subject and object."""
        said = {}
        for language in LANGUAGES:
            subject, verb, value = (self._label(t, language) for t in (triple.subject, triple.predicate, triple.object))
            if not subject and not value:
                continue
            subject, value = subject or self.name(triple.subject), value or self.name(triple.object)
            verb = verb or self.name(triple.predicate)
            if triple.predicate == _TYPE:
                sentence = f"{subject} は「{value}」である" if language == "ja" else f"{subject}: {value}"
                said[language] = _GAP.sub("", sentence)
            else:
                said[language] = (
                    f"{subject} ―［{verb}］→ {value}" if language == "ja" else f"{subject} – {verb} – {value}"
                )
        return said

    def disjointness(self, one: ox.NamedNode, other: ox.NamedNode) -> Words:
        """Return in words that two classes share no member."""
        return self._say("nothing is both {0} and {1}", "{0} であり、かつ {1} であるものはない", one, other)

    def axiom(self, proof: Proof) -> Words:
        """Put the axiom of a step into words: it can be told from the shapes of conclusion and premises."""
        conclusion, premises = proof.conclusion, [premise.conclusion for premise in proof.premises]
        own, verbs = conclusion.predicate, [premise.predicate for premise in premises]
        if own == _TYPE:
            return self._class_axiom(conclusion, premises)
        if len(premises) == 1 and verbs[0] == _TYPE:
            english, japanese = "every {0} has this value of {1}", "{0} であるものは、{1} の値が定まっている"
            return self._say(english, japanese, premises[0].object, own)
        if len(premises) == 1 and premises[0].subject == conclusion.subject:
            return self._say("{0} is a kind of {1}", "{0} は {1} の下位属性である", verbs[0], own)
        if len(premises) == 1:
            return self._say("{1} is the inverse of {0}", "{1} は {0} の逆である", verbs[0], own)
        if set(verbs) == {own}:
            return self._say("{0} is transitive", "{0} は推移的である（続けてたどれる）", own)
        steps = "{" + "} then {".join(str(number) for number in range(1, len(verbs) + 1)) + "}"
        in_order = steps.replace(" then ", "、")
        return self._say(
            f"{{0}} follows from {steps}", f"{in_order} の順にたどれるものは {{0}} で結ばれる", own, *verbs
        )

    def _class_axiom(self, conclusion: ox.Triple, premises: list[ox.Triple]) -> Words:
        own = conclusion.object
        if len(premises) == 1 and premises[0].predicate == _TYPE:
            return self._say("every {0} is also {1}", "{0} はすべて {1} である", premises[0].object, own)
        if len(premises) == 1 and self._says(premises[0].predicate, "domain", conclusion):
            return self._say("whatever has {0} is {1}", "{0} をもつものは {1} である", premises[0].predicate, own)
        if len(premises) == 1 and self._says(premises[0].predicate, "range", conclusion):
            english = "whatever is a value of {0} is {1}"
            return self._say(english, "{0} の値は {1} である", premises[0].predicate, own)
        return self._definition(conclusion, premises)

    def _definition(self, conclusion: ox.Triple, premises: Sequence[ox.Triple]) -> Words:
        """Return a definition as a list of what it asks; only that it is one where it asks more than one step away."""
        kinds = [t.object for t in premises if t.predicate == _TYPE and t.subject == conclusion.subject]
        links = [t for t in premises if t.predicate != _TYPE and t.subject == conclusion.subject]
        ends: dict[object, list[object]] = defaultdict(list)
        for triple in premises:
            if triple.predicate == _TYPE and triple.subject != conclusion.subject:
                ends[triple.subject].append(triple.object)
        told = len(kinds) + len(links) + sum(map(len, ends.values()))
        if told < len(premises) or not ends.keys() <= {t.object for t in links}:
            return self._say("the definition of {0}", "{0} の定義による", conclusion.object)
        english, japanese = [], []
        terms: list[object] = [conclusion.object]
        for kind in kinds:
            english.append(f"is {{{len(terms)}}}")
            japanese.append(f"{{{len(terms)}}} である")
            terms.append(kind)
        for link in links:
            end = ends.get(link.object, [link.object])
            english.append(f"has {{{len(terms)}}} {{{len(terms) + 1}}}")
            japanese.append(f"{{{len(terms)}}} が {{{len(terms) + 1}}} である")
            terms += [link.predicate, end[0]]
        return self._say(
            f"whatever {' and '.join(english)} is {{0}}, by definition",
            f"次をみたすものは、定義により {{0}} である：{'、'.join(japanese)}",
            *terms,
        )

    def _say(self, english: str, japanese: str, *terms: object) -> Words:
        """Return a sentence in both languages with the names of terms, each with its label."""
        forms = {"en": (english, "{} (“{}”)"), "ja": (japanese, "{}（{}）")}
        return {
            language: _GAP.sub("", sentence.format(*(self._labelled(term, language, pattern) for term in terms)))
            for language, (sentence, pattern) in forms.items()
        }

    def _labelled(self, term: object, language: str, pattern: str) -> str:
        label = self._label(term, language)
        return pattern.format(self.name(term), label) if label else self.name(term)

    def _label(self, term: object, language: str) -> str:
        return self._labels.get(term.value, {}).get(language, "") if isinstance(term, ox.NamedNode) else ""

    @cached_property
    def _labels(self) -> Mapping[str, Words]:
        found: dict[str, Words] = defaultdict(dict)
        for t in self._sources.triples("ontology", "vocab", "alignment", "data"):
            if t.predicate.value in _LABELS and isinstance(t.object, ox.Literal) and t.object.language in LANGUAGES:
                found[getattr(t.subject, "value", "")].setdefault(t.object.language, t.object.value)
        return found

    def _says(self, verb: ox.NamedNode, axiom: str, conclusion: ox.Triple) -> bool:
        stated = self._sources.values.get(verb.value, {}).get(f"{RDFS}{axiom}", ())
        return isinstance(conclusion.object, ox.NamedNode) and conclusion.object.value in stated
