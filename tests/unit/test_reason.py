from __future__ import annotations

import random
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg import turtle
from abckg.errors import ReasoningError
from abckg.reasoning.reason import Closure, materialise, minimal_cause

PREFIXES = """
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
PET_OWNER = """
ex:PetOwner owl:equivalentClass [ owl:intersectionOf ( ex:Person
  [ a owl:Restriction ; owl:onProperty ex:keeps ; owl:someValuesFrom ex:Pet ]
  [ a owl:Restriction ; owl:onProperty ex:livesIn ; owl:hasValue ex:japan ] ) ] .
"""


def graph(text: str) -> list[ox.Triple]:
    return turtle.parse(PREFIXES + text, Path("test.ttl"))


def close(schema: str, facts: str) -> Closure:
    return materialise(graph(schema), graph(facts))


@pytest.mark.parametrize(
    ("schema", "facts", "expected"),
    [
        pytest.param("ex:Dog rdfs:subClassOf ex:Pet .", "ex:a a ex:Dog .", "ex:a a ex:Pet .", id="subClassOf"),
        pytest.param("ex:A owl:equivalentClass ex:B .", "ex:a a ex:B .", "ex:a a ex:A .", id="equivalentClass"),
        pytest.param("ex:p rdfs:subPropertyOf ex:q .", "ex:a ex:p ex:b .", "ex:a ex:q ex:b .", id="subPropertyOf"),
        pytest.param("ex:p owl:equivalentProperty ex:q .", "ex:a ex:q 1 .", "ex:a ex:p 1 .", id="equivalentProperty"),
        pytest.param("ex:p owl:inverseOf ex:q .", "ex:a ex:p ex:b .", "ex:b ex:q ex:a .", id="inverseOf"),
        pytest.param("ex:p owl:inverseOf ex:q .", "ex:a ex:q ex:b .", "ex:b ex:p ex:a .", id="inverseOf-back"),
        pytest.param("ex:p a owl:SymmetricProperty .", "ex:a ex:p ex:b .", "ex:b ex:p ex:a .", id="symmetric"),
        pytest.param(
            "ex:p a owl:TransitiveProperty .",
            "ex:a ex:p ex:b . ex:b ex:p ex:c . ex:c ex:p ex:d .",
            "ex:a ex:p ex:c, ex:d . ex:b ex:p ex:d .",
            id="transitive",
        ),
        pytest.param("ex:p rdfs:domain ex:A .", "ex:a ex:p 1 .", "ex:a a ex:A .", id="domain"),
        pytest.param("ex:p rdfs:range ex:A .", "ex:a ex:p ex:b .", "ex:b a ex:A .", id="range"),
        pytest.param("ex:p rdfs:range xsd:date .", "ex:a ex:p ex:b .", "", id="datatype-range"),
        pytest.param("ex:p rdfs:domain owl:Thing .", "ex:a ex:p ex:b .", "", id="thing"),
        pytest.param(
            "ex:p owl:propertyChainAxiom ( ex:q ) .", "ex:a ex:q ex:b .", "ex:a ex:p ex:b .", id="chain-of-one"
        ),
        pytest.param(
            "ex:p owl:propertyChainAxiom ( ex:q ex:r ex:q ex:r ) .",
            "ex:a ex:q ex:b . ex:b ex:r ex:c . ex:c ex:q ex:d . ex:d ex:r ex:e .",
            "ex:a ex:p ex:e .",
            id="chain-of-four",
        ),
        pytest.param(
            "ex:p owl:propertyChainAxiom ( ex:p [ owl:inverseOf ex:q ] ) .",
            "ex:a ex:p ex:b . ex:c ex:q ex:b .",
            "ex:a ex:p ex:c .",
            id="recursive-chain-with-inverse",
        ),
        pytest.param(
            "ex:A rdfs:subClassOf [ owl:onProperty ex:p ; owl:hasValue 1 ] .",
            "ex:a a ex:A .",
            "ex:a ex:p 1 .",
            id="hasValue-of-a-member",
        ),
        pytest.param(
            "[ owl:onProperty ex:p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf ex:A .",
            "ex:a ex:p ex:b .",
            "ex:a a ex:A .",
            id="someValuesFrom-anything",
        ),
        pytest.param("ex:A owl:intersectionOf ( ex:B ex:C ) .", "ex:a a ex:A .", "ex:a a ex:B, ex:C .", id="parts"),
        pytest.param(
            PET_OWNER + "ex:Dog rdfs:subClassOf ex:Pet .",
            "ex:a a ex:Person ; ex:keeps ex:rex ; ex:livesIn ex:japan . ex:rex a ex:Dog .",
            "ex:a a ex:PetOwner . ex:rex a ex:Pet .",
            id="defined-class",
        ),
        pytest.param(PET_OWNER, "ex:a a ex:Person ; ex:keeps ex:rex . ex:rex a ex:Pet .", "", id="one-part-missing"),
        pytest.param(
            PET_OWNER, "ex:a a ex:PetOwner .", "ex:a a ex:Person ; ex:livesIn ex:japan .", id="defined-class-back"
        ),
    ],
)
def test_materialise_construct_gives_exactly_its_consequences(schema: str, facts: str, expected: str) -> None:
    assert set(close(schema, facts).inferred) == set(graph(expected))


@pytest.mark.parametrize(
    ("axiom", "name"),
    [
        ("ex:p a owl:FunctionalProperty .", "owl:FunctionalProperty"),
        ("ex:p a owl:InverseFunctionalProperty .", "owl:InverseFunctionalProperty"),
        ("ex:p a owl:IrreflexiveProperty .", "owl:IrreflexiveProperty"),
        ("ex:A owl:unionOf ( ex:B ex:C ) .", "owl:unionOf"),
        ("ex:A owl:complementOf ex:B .", "owl:complementOf"),
        ("ex:A owl:oneOf ( ex:a ) .", "owl:oneOf"),
        ("ex:A owl:hasKey ( ex:p ) .", "owl:hasKey"),
        ("ex:A rdfs:subClassOf [ owl:onProperty ex:p ; owl:allValuesFrom ex:B ] .", "owl:allValuesFrom"),
        ("ex:A rdfs:subClassOf [ owl:onProperty ex:p ; owl:maxCardinality 1 ] .", "owl:maxCardinality"),
        ("ex:p owl:propertyDisjointWith ex:q .", "owl:propertyDisjointWith"),
        ("[] a owl:AllDisjointProperties ; owl:members ( ex:p ex:q ) .", "owl:AllDisjointProperties"),
        ("ex:a owl:sameAs ex:b .", "owl:sameAs"),
        ("ex:A rdfs:subClassOf owl:Nothing .", "owl:Nothing"),
        ("owl:Thing rdfs:subClassOf ex:A .", "owl:Thing"),
        ("ex:p rdfs:subPropertyOf rdf:type .", "22-rdf-syntax-ns#type"),
        ("ex:A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ] .", "someValuesFrom"),
        ("ex:A rdfs:subClassOf [ owl:someValuesFrom ex:B ] .", "onProperty"),
        ("ex:A rdfs:subClassOf [ a owl:Restriction ] .", "someValuesFrom"),
        ("ex:p owl:propertyChainAxiom () .", "empty list"),
        ("ex:x owl:members ( ex:A ex:B ) .", "owl:AllDisjointClasses"),
        ("ex:p owl:propertyChainAxiom ex:q .", "first"),
        ("ex:l rdf:first ex:q ; rdf:rest ex:l . ex:p owl:propertyChainAxiom ex:l .", "circle"),
        ("ex:A rdfs:subClassOf 1 .", "integer"),
        ("ex:A rdfs:subClassOf xsd:string .", "datatype"),
        ("ex:A owl:disjointWith [ owl:intersectionOf ( ex:B ex:C ) ] .", "named classes"),
    ],
)
def test_materialise_axiom_that_is_not_compiled_is_refused_by_name(axiom: str, name: str) -> None:
    with pytest.raises(ReasoningError) as caught:
        close(axiom, "ex:a a ex:A .")

    assert name in str(caught.value)


@pytest.mark.parametrize(
    "facts", ["ex:a owl:sameAs ex:b .", "ex:A rdfs:subClassOf ex:B .", "ex:p a owl:TransitiveProperty ."]
)
def test_materialise_axiom_among_the_facts_is_refused(facts: str) -> None:
    with pytest.raises(ReasoningError):
        close("", facts)


def test_materialise_annotations_and_declarations_are_no_axioms() -> None:
    schema = "ex:o a owl:Ontology ; owl:versionInfo '1' ; owl:imports ex:p . ex:A a owl:Class ; rdfs:label 'A' ."

    assert close(schema, "ex:a a ex:A ; owl:deprecated true .") == Closure((), ())


@pytest.mark.parametrize(
    "literal",
    [
        '"広島"@ja',
        '"ひろしま"@ja-Hrkt',
        '"colour"@en-GB',
        '"plain"',
        '"007"^^xsd:integer',
        '"1.50"^^xsd:decimal',
        '"1.0E3"^^xsd:double',
        '"1"^^xsd:boolean',
        '"2009-03-31"^^xsd:date',
        '"2009"^^xsd:gYear',
        '"not a number"^^xsd:integer',
        '"of my own"^^ex:datatype',
        '"""two\\nlines, "quotes", \\\\ and \\t"""',
        '""',
    ],
)
def test_materialise_literal_comes_back_as_it_went_in(literal: str) -> None:
    closure = close("ex:code rdfs:subPropertyOf ex:identifier .", f"ex:a ex:code {literal} .")

    assert closure.inferred == tuple(graph(f"ex:a ex:identifier {literal} ."))


def test_materialise_literals_of_equal_value_stay_apart() -> None:
    schema = "ex:A rdfs:subClassOf ex:B . [ owl:onProperty ex:p ; owl:hasValue 1 ] rdfs:subClassOf ex:A ."

    closure = close(schema, 'ex:a ex:p 1 . ex:b ex:p "01"^^xsd:integer . ex:c ex:p "1" .')

    assert set(closure.inferred) == set(graph("ex:a a ex:A, ex:B ."))


def test_materialise_gives_nothing_that_is_asserted_nor_about_a_literal_or_blank_node() -> None:
    schema = "ex:p owl:inverseOf ex:q ; rdfs:domain ex:A ; rdfs:range ex:A ."

    closure = close(schema, "ex:a ex:p 1, [] ; a ex:A .")

    assert closure.inferred == ()


def test_materialise_concludes_through_blank_nodes() -> None:
    closure = close("ex:p owl:propertyChainAxiom ( ex:q ex:q ) .", "ex:a ex:q [ ex:q ex:b ] .")

    assert closure.inferred == tuple(graph("ex:a ex:p ex:b ."))


def test_materialise_lets_assertions_of_the_schema_take_part_but_concludes_nothing_about_its_own_terms() -> None:
    schema = "ex:p owl:inverseOf ex:q . ex:term ex:p ex:a . ex:Other rdfs:subClassOf ex:Thing . ex:term a ex:Other ."

    closure = close(schema, "ex:a ex:p ex:b .")

    assert set(closure.inferred) == set(graph("ex:a ex:q ex:term . ex:b ex:q ex:a ."))


def test_materialise_result_does_not_depend_on_the_order_of_its_input() -> None:
    schema = graph("ex:p a owl:TransitiveProperty ; rdfs:subPropertyOf ex:q . ex:q rdfs:domain ex:A .")
    facts = [triple for i in range(30) for triple in graph(f"ex:n{i} ex:p ex:n{i + 1} .")]

    forward, backward = materialise(schema, facts), materialise(reversed(schema), reversed(facts))

    assert forward == backward
    assert list(forward.inferred) == sorted(forward.inferred, key=str)


def test_materialise_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    close("ex:p a owl:SymmetricProperty .", "ex:a ex:p ex:b .")

    assert capfd.readouterr() == ("", "")


def test_materialise_works_in_a_temporary_folder_with_an_odd_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "一時 folder, 'quoted' \"twice\" \\ 100%20"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    closure = close("ex:p a owl:SymmetricProperty .", "ex:a ex:p ex:b .")

    assert closure.inferred == tuple(graph("ex:b ex:p ex:a ."))
    assert list(folder.iterdir()) == []


def test_materialise_without_a_temporary_folder_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))

    with pytest.raises(ReasoningError, match="temporary files"):
        close("ex:p a owl:SymmetricProperty .", "ex:a ex:p ex:b .")


@pytest.mark.parametrize(
    "schema",
    ["ex:A owl:disjointWith ex:B .", "[] a owl:AllDisjointClasses ; owl:members ( ex:C ex:B ex:A ) ."],
    ids=["disjointWith", "AllDisjointClasses"],
)
def test_materialise_node_of_two_disjoint_classes_is_a_clash(schema: str) -> None:
    (clash,) = close(schema, "ex:a a ex:A, ex:B . ex:b a ex:B .").clashes

    assert str(clash.node) == "<https://example.org/a>"
    assert [name.value[-1] for name in clash.classes] == ["A", "B"]
    assert set(clash.cause) == set(graph("ex:a a ex:A, ex:B ."))


def test_materialise_clash_names_the_assertions_behind_a_derived_type() -> None:
    schema = PET_OWNER + "ex:PetOwner owl:disjointWith ex:Stone . ex:Dog rdfs:subClassOf ex:Pet ."
    cause = "ex:a a ex:Person, ex:Stone ; ex:keeps ex:rex ; ex:livesIn ex:japan . ex:rex a ex:Dog ."

    (clash,) = close(schema, cause + "ex:a ex:keeps ex:tom . ex:tom a ex:Cat . ex:b a ex:Stone .").clashes

    assert set(clash.cause) == set(graph(cause))
    assert all(str(triple) in str(clash) for triple in clash.cause)


def test_materialise_clashes_are_sorted_and_each_pair_of_classes_is_named_once() -> None:
    schema = "ex:A owl:disjointWith ex:B . [] a owl:AllDisjointClasses ; owl:members ( ex:A ex:B ex:C ) ."

    clashes = close(schema, "ex:b a ex:A, ex:B . ex:a a ex:A, ex:B, ex:C .").clashes

    found = [clash.node.value[-1] + "".join(name.value[-1] for name in clash.classes) for clash in clashes]
    assert found == ["aAB", "bAB", "aAC", "aBC"]


def test_materialise_clash_at_the_end_of_a_long_path_names_the_whole_path() -> None:
    schema = """ex:p a owl:TransitiveProperty . ex:Far owl:disjointWith ex:Near .
      [ owl:onProperty ex:p ; owl:hasValue ex:n60 ] rdfs:subClassOf ex:Far ."""
    path = "ex:n0 a ex:Near . " + " ".join(f"ex:n{i} ex:p ex:n{i + 1} ." for i in range(60))

    (clash,) = close(schema, path).clashes

    assert set(clash.cause) == set(graph(path))


@pytest.mark.slow
def test_materialise_fifty_thousand_facts_takes_seconds() -> None:
    schema = graph("""ex:m rdfs:subPropertyOf ex:k ; rdfs:domain ex:A . ex:A rdfs:subClassOf ex:B .
      ex:k owl:inverseOf ex:h . ex:l owl:propertyChainAxiom ( ex:h ex:m ) .""")
    some, m = (ox.NamedNode(f"https://example.org/{name}") for name in ("n", "m"))
    facts = [
        ox.Triple(ox.NamedNode(f"{some.value}{i}"), m, ox.NamedNode(f"{some.value}{i * 7}")) for i in range(50_000)
    ]

    start = time.process_time()
    closure = materialise(schema, facts)

    assert len(closure.inferred) >= 5 * len(facts)
    assert time.process_time() - start < 20


def random_world(chance: random.Random) -> tuple[list[ox.Triple], list[ox.Triple]]:
    """Return an ontology of a few classes and properties with disjointness, and facts with several ways to a clash."""
    axioms = [f"ex:C{chance.randrange(1, 6)} rdfs:subClassOf ex:C{chance.randrange(6)} ." for _ in range(4)]
    axioms += [f"ex:p{n} rdfs:{chance.choice(['domain', 'range'])} ex:C{chance.randrange(6)} ." for n in range(3)]
    axioms += ["ex:p0 rdfs:subPropertyOf ex:p1 .", "ex:p2 a owl:TransitiveProperty ."]
    axioms += [f"ex:C{chance.randrange(3)} owl:disjointWith ex:C{chance.randrange(3, 6)} ." for _ in range(2)]
    facts = [f"ex:n{chance.randrange(4)} a ex:C{chance.randrange(6)} ." for _ in range(4)]
    facts += [f"ex:n{chance.randrange(4)} ex:p{chance.randrange(3)} ex:n{chance.randrange(4)} ." for _ in range(6)]
    return graph(" ".join(axioms)), graph(" ".join(facts))


def test_of_a_minimal_cause_nothing_can_be_left_out() -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    found = 0
    for _ in range(25):
        schema, facts = random_world(chance)
        for clash in materialise(schema, facts).clashes[:3]:
            cause = minimal_cause(schema, clash)
            again = [materialise(schema, [t for t in cause if t != left]).clashes for left in cause]

            assert any(c.node == clash.node and c.classes == clash.classes for c in materialise(schema, cause).clashes)
            assert set(cause) <= set(clash.cause)
            assert not any((c.node, c.classes) == (clash.node, clash.classes) for clashes in again for c in clashes)
            found += 1
    assert found > 10
