"""The ontology as a reader wants it."""

from __future__ import annotations

import pyoxigraph as ox

import tiny
from abckg.terms import load_ontology

ABC = f"{tiny.BASE}ontology#"


def test_class_has_its_words_its_place_and_its_example() -> None:
    hub = load_ontology(tiny.store()).terms[f"{ABC}Hub"]

    assert (hub.labels, hub.definitions["en"]) == ({"ja": "拠点", "en": "Hub"}, "A base for R&D.")
    assert (hub.parents, hub.examples) == ((f"{ABC}Collaboration",), (ox.Literal("COINS", language="en"),))


def test_class_knows_those_below_it() -> None:
    ontology = load_ontology(tiny.store())

    assert ontology.terms[f"{ABC}Collaboration"].children == (f"{ABC}Hub",)
    assert f"{ABC}Hub" not in {entry.iri for entry in ontology.roots()}


def test_inverse_is_known_from_both_sides() -> None:
    ontology = load_ontology(tiny.store())

    assert ontology.inverses(f"{ABC}ledBy") == (f"{ABC}leads",)
    assert ontology.inverses(f"{ABC}leads") == (f"{ABC}ledBy",)


def test_chain_keeps_its_order() -> None:
    assert load_ontology(tiny.store()).terms[f"{ABC}reaches"].chains == ((f"{ABC}ledBy", f"{ABC}leads"),)


def test_defined_class_is_written_as_an_expression() -> None:
    (expression,) = load_ontology(tiny.store()).terms[f"{ABC}LedHub"].equivalents

    words = [token if isinstance(token, str) else token.value.removeprefix(ABC) for token in expression.tokens]
    assert words == ["Hub", "and", "(", "ledBy", "some", "Hub", ")"]


def test_terms_of_other_vocabularies_are_kept_apart() -> None:
    ontology = load_ontology(tiny.store())

    assert [entry.iri for entry in ontology.borrowed] == ["http://www.w3.org/ns/org#member"]
    assert all(entry.iri.startswith(ABC) for entry in (*ontology.classes, *ontology.properties))


def test_property_that_needs_evidence_says_so() -> None:
    terms = load_ontology(tiny.store()).terms

    assert terms[f"{ABC}ledBy"].needs_evidence
    assert not terms[f"{ABC}leads"].needs_evidence
