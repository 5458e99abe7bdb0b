"""OWL 2 RL: what the profile allows passes, and each kind of departure is found and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from abckg import turtle
from abckg.namespaces import ABC, OWL
from abckg.reasoning.profile import PROFILE_RULES, Departure, departures
from abckg.reports.report import Severity
from abckg.sources import Sources

HEAD = """@prefix : <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SOME = "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ]"
INSIDE = {
    "some values below": f"{SOME} rdfs:subClassOf :A .",
    "some thing below": "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :A .",
    "union below": "[ a owl:Class ; owl:unionOf ( :B :C ) ] rdfs:subClassOf :A .",
    "one of below": "[ a owl:Class ; owl:oneOf ( :b :c ) ] rdfs:subClassOf :A .",
    "data values below": "[ owl:onProperty :d ; owl:someValuesFrom xsd:integer ] rdfs:subClassOf :A .",
    "all values above": ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :B ] .",
    "complement above": ":A rdfs:subClassOf [ a owl:Class ; owl:complementOf :B ] .",
    "at most one above": ":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] .",
    "none of a class": ":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxQualifiedCardinality 0 ; owl:onClass :B ] .",
    "defined by value": ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:hasValue 1 ] ) ] .",
    "disjoint classes": "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) .",
    "chain": ":p a owl:TransitiveProperty ; owl:propertyChainAxiom ( :q :r ) .",
    "key": ":A owl:hasKey ( :d ) .",
    "range": ":d rdfs:range xsd:integer . :p rdfs:range :A ; rdfs:domain :B .",
}
OUTSIDE = {
    "some values above": (f":A rdfs:subClassOf {SOME} .", "rl-expression", "owl:someValuesFrom"),
    "some values as domain": (f":p rdfs:domain {SOME} .", "rl-expression", "owl:someValuesFrom"),
    "union above": (":A rdfs:subClassOf [ owl:unionOf ( :B :C ) ] .", "rl-expression", "owl:unionOf"),
    "union in a definition": (":A owl:equivalentClass [ owl:unionOf ( :B :C ) ] .", "rl-expression", "owl:unionOf"),
    "one of above": (":A rdfs:subClassOf [ owl:oneOf ( :b ) ] .", "rl-expression", "owl:oneOf"),
    "all values below": (
        "[ owl:onProperty :p ; owl:allValuesFrom :B ] rdfs:subClassOf :A .",
        "rl-expression",
        "owl:allValuesFrom",
    ),
    "complement below": ("[ owl:complementOf :B ] rdfs:subClassOf :A .", "rl-expression", "owl:complementOf"),
    "complement within a complement": (
        ":A rdfs:subClassOf [ owl:complementOf [ owl:complementOf :B ] ] .",
        "rl-expression",
        "owl:complementOf",
    ),
    "self": (":A rdfs:subClassOf [ owl:onProperty :p ; owl:hasSelf true ] .", "rl-expression", "owl:hasSelf"),
    "thing": ("owl:Thing rdfs:subClassOf :A .", "rl-expression", "owl:Thing"),
    "typed by a union": (":a a [ owl:unionOf ( :B :C ) ] .", "rl-expression", "owl:unionOf"),
    "disjoint with a complement": (
        ":A owl:disjointWith [ owl:complementOf :B ] .",
        "rl-expression",
        "owl:complementOf",
    ),
    "at most two": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 2 ] .",
        "rl-cardinality",
        "owl:maxCardinality 2",
    ),
    "at least one": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:minCardinality 1 ] .",
        "rl-expression",
        "owl:minCardinality",
    ),
    "exactly one": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:cardinality 1 ] .",
        "rl-expression",
        "owl:cardinality",
    ),
    "union of sisters": (":A owl:disjointUnionOf ( :B :C ) .", "rl-axiom", "owl:disjointUnionOf"),
    "reflexive": (":p a owl:ReflexiveProperty .", "rl-axiom", "owl:ReflexiveProperty"),
    "facet": (
        ":d rdfs:range [ owl:onDatatype xsd:integer ; owl:withRestrictions ( [ xsd:minInclusive 1 ] ) ] .",
        "rl-datatype",
        "owl:onDatatype, owl:withRestrictions",
    ),
    "data of one of": (":d rdfs:range [ a rdfs:Datatype ; owl:oneOf ( 1 2 ) ] .", "rl-datatype", "owl:oneOf"),
    "range of a date": (":d rdfs:range xsd:date .", "rl-range-datatype", "xsd:date"),
    "definition with some values": (
        f":A owl:equivalentClass {SOME} .",
        "rl-existential-definition",
        "owl:someValuesFrom",
    ),
    "reserved class": (":A rdfs:subClassOf rdf:Statement .", "rl-reserved-class", "rdf:Statement"),
    "no construct": (":A rdfs:subClassOf [ owl:onProperty :p ] .", "rl-malformed", "[]"),
    "no property": (":A rdfs:subClassOf [ owl:hasValue :v ] .", "rl-malformed", "owl:hasValue"),
    "functional and transitive": (
        ":p a owl:FunctionalProperty , owl:TransitiveProperty .",
        "rl-composite-property",
        "owl:FunctionalProperty",
    ),
    "counted chain": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] . :q rdfs:subPropertyOf :p ;"
        " owl:propertyChainAxiom ( :r :s ) .",
        "rl-composite-property",
        "owl:maxCardinality",
    ),
}


def check(text: str) -> list[Departure]:
    return departures(turtle.parse(HEAD + text, Path("world.ttl")))


@pytest.mark.parametrize("name", INSIDE)
def test_axiom_of_the_profile_passes(name: str) -> None:
    assert check(INSIDE[name]) == []


@pytest.mark.parametrize("name", OUTSIDE)
def test_departure_is_found_and_named(name: str) -> None:
    text, rule, construct = OUTSIDE[name]

    assert [(found.rule, found.construct) for found in check(text)] == [(rule, construct)]


def test_every_rule_of_the_profile_has_a_seeded_fault() -> None:
    assert {rule for _, rule, _ in OUTSIDE.values()} == set(PROFILE_RULES)


def test_the_ontology_leaves_the_profile_only_where_the_decisions_say(sources: Sources) -> None:
    found = departures(sources.triples("ontology"))

    assert {PROFILE_RULES[departure.rule] for departure in found} == {Severity.INFO}
    definitions = {d.subject.value for d in found if d.predicate == f"{OWL}equivalentClass"}
    assert definitions == {f"{ABC}{name}" for name in ("ABC", "KosenSpinOff", "UniversitySpinOff")}
