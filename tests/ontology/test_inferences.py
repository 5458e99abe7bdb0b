from __future__ import annotations

import random
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg import turtle
from abckg.namespaces import ABC, ID, OWL, RDF, RDFS, Prefixes
from abckg.reasoning.reason import Closure, materialise
from abckg.sources import Sources
from ontology.oracle import axioms, owlrl_closure

# One small world for each question that the ontology promises to answer: facts, what must follow, what must not.
WORLDS = {
    "1-which-collaborations-are-abcs": (
        "network:a a abc:CouncilNetwork ; abc:coreInstitution organization:u . organization:u a abc:University ."
        "network:b a abc:CouncilNetwork ; abc:ledBy place:p . place:p a abc:Place . hub:c a abc:Hub .",
        "network:a a abc:ABC ; abc:ledBy organization:u . organization:u abc:leads network:a .",
        "network:b a abc:ABC . hub:c a abc:ABC .",
    ),
    "2-who-belongs-to-what": (
        "<https://example.org/m> a abc:Membership ; org:member organization:mazda ; org:organization network:a .",
        "organization:mazda org:memberOf network:a . network:a org:hasMember organization:mazda ;"
        "abc:membershipRecord <https://example.org/m> .",
        "network:a org:memberOf organization:mazda .",
    ),
    "3-which-abcs-join-industry-academia-and-government": (
        "network:a a abc:Collaboration ; abc:ledBy organization:u . organization:u a abc:University ."
        "network:b a abc:Collaboration ; abc:ledBy organization:u ."
        "<https://example.org/1> org:organization network:a, network:b ; abc:inSector sector:academia ."
        "<https://example.org/2> org:organization network:a, network:b ; abc:inSector sector:government ."
        "<https://example.org/3> org:organization network:a ; abc:inSector sector:industry .",
        "network:a a abc:TripleHelixABC ; abc:involvesSector sector:academia, sector:government, sector:industry ."
        "network:b a abc:ABC .",
        "network:b a abc:TripleHelixABC .",
    ),
    "4-what-a-programme-descends-from": (
        "lineage:x abc:lineageInput programme:a, programme:b ; abc:lineageOutput programme:c ."
        "lineage:y abc:lineageInput programme:c ; abc:lineageOutput programme:d .",
        "programme:c abc:hasDirectPredecessor programme:a, programme:b . programme:d abc:hasPredecessor programme:a ."
        "programme:a abc:hasSuccessor programme:d .",
        "programme:d abc:hasDirectPredecessor programme:a . programme:a abc:hasPredecessor programme:d .",
    ),
    "5-all-awards-of-a-programme-over-its-phases-and-strands": (
        "award:x abc:underProgramme programme:strand ; abc:adoptedCollaboration hub:h ."
        "programme:strand abc:strandOf programme:phase . programme:phase abc:phaseOf programme:whole .",
        "award:x abc:underProgramme programme:phase, programme:whole ."
        "programme:strand abc:subInstrumentOf programme:whole ."
        "hub:h abc:fundedUnder programme:strand, programme:whole .",
        "programme:whole abc:subInstrumentOf programme:strand .",
    ),
    "6-in-which-plan-period-it-started": (
        "programme:a abc:startFiscalYear fiscal-year:2002 . fiscal-year:2002 abc:withinPlanPeriod plan-period:2 .",
        "programme:a abc:startedInPlanPeriod plan-period:2 .",
        "fiscal-year:2002 abc:startedInPlanPeriod plan-period:2 .",
    ),
    "7-everything-in-a-prefecture": (
        "organization:u abc:locatedIn place:city . place:city abc:containedInPlace place:prefecture ."
        "place:prefecture abc:containedInPlace place:jp .",
        "organization:u abc:locatedIn place:prefecture, place:jp . place:city abc:containedInPlace place:jp .",
        "place:jp abc:containedInPlace place:city . organization:u abc:containedInPlace place:city .",
    ),
    "8-university-and-kosen-spin-offs": (
        "organization:a a abc:Startup ; abc:spunOutOf organization:k . organization:k a abc:Kosen ."
        "organization:b a abc:Company . organization:u a abc:University ; abc:hasSpinOff organization:b .",
        "organization:a a abc:KosenSpinOff . organization:b a abc:UniversitySpinOff ; abc:spunOutOf organization:u .",
        "organization:a a abc:UniversitySpinOff . organization:b a abc:KosenSpinOff .",
    ),
    "9-which-abcs-create-all-three-values": (
        "hub:a a abc:Hub ; abc:ledBy organization:u ; abc:hasOutcome outcome:x, outcome:y, outcome:z ."
        "hub:b a abc:Hub ; abc:ledBy organization:u ; abc:hasOutcome outcome:x, outcome:y ."
        "organization:u a abc:Actor ."
        "outcome:x abc:realizesValue value:social . outcome:y abc:realizesValue value:industrial ."
        "outcome:z abc:realizesValue value:economic .",
        "hub:a a abc:TripleValueABC . hub:b a abc:ABC ; abc:createsValue value:social, value:industrial .",
        "hub:b a abc:TripleValueABC ; abc:createsValue value:economic .",
    ),
    "10-areas-supported-under-both-schemes": (
        "place:a a abc:Place . place:b a abc:Place ."
        "award:1 abc:awardedArea place:a, place:b ; abc:underProgramme programme:coi-next ."
        "award:2 abc:awardedArea place:a ; abc:underProgramme programme:regional-university-industry-grant .",
        "place:a a abc:DoublySupportedArea ; abc:areaAward award:1, award:2 ."
        "place:b abc:supportedUnder programme:coi-next .",
        "place:b a abc:DoublySupportedArea .",
    ),
    "11-areas-that-an-abc-touches": (
        "<https://example.org/m> org:member organization:p ; org:organization network:a ."
        "organization:p abc:governs place:jp-34 .",
        "network:a abc:involvesArea place:jp-34 .",
        "network:a abc:locatedIn place:jp-34 .",
    ),
    "12-themes-of-an-expectation-and-documents-behind-a-fact": (
        "statement:e abc:respondsTo statement:c ; abc:evidencedBy <https://example.org/p> ."
        "statement:c abc:hasTheme theme:autonomy . <https://example.org/p> abc:passageOf document:s2 .",
        "statement:e abc:hasTheme theme:autonomy ; abc:documentedIn document:s2 ."
        "statement:c abc:addressedBy statement:e .",
        "statement:c abc:documentedIn document:s2 .",
    ),
}
# What must follow from the real data, and what must not.
FOLLOWS = """
    network:hiroshima-special-committee a abc:ABC, abc:TripleHelixABC .
    hub:hirosaki-coi-next a abc:TripleValueABC .
    organization:mazda org:memberOf network:hiroshima-special-committee .
    programme:regional-innovation-strategy-support abc:hasDirectPredecessor programme:regional-innovation-cluster ;
      abc:hasPredecessor programme:knowledge-cluster-phase-1, programme:city-area .
    programme:knowledge-cluster-phase-2 abc:subInstrumentOf programme:knowledge-cluster .
    award:knowledge-cluster-phase-2-nagano-whole-prefecture abc:underProgramme programme:knowledge-cluster .
    hub:kochi-sawachi abc:fundedUnder programme:coi-next .
    programme:regional-innovation-cluster abc:startedInPlanPeriod plan-period:3 .
    facility:otaru-collagen-production-base abc:locatedIn place:jp-01, place:jp .
    cluster:kobe-biomedical abc:locatedIn place:jp-28 .
    organization:integrai a abc:KosenSpinOff .
    organization:kiq-robotics a abc:KosenSpinOff .
    organization:tier-iv a abc:UniversitySpinOff .
    initiative:salmon-skin-collagen abc:createsValue value:industrial, value:economic .
    network:hiroshima-special-committee abc:involvesArea place:jp-34 ; abc:documentedIn document:s1 .
    statement:s2-exp-total-vision-by-abc abc:hasTheme theme:sharing-roles .
"""
FOLLOWS_NOT = """
    network:kochi-universities-council a abc:TripleHelixABC .
    programme:knowledge-cluster-phase-1 abc:hasPredecessor programme:knowledge-cluster-phase-2 .
    organization:integrai a abc:UniversitySpinOff .
    organization:tier-iv a abc:KosenSpinOff .
"""


@pytest.fixture(scope="module")
def schema(sources: Sources) -> list[ox.Triple]:
    return list(sources.triples("ontology"))


@pytest.fixture(scope="module")
def facts(sources: Sources) -> list[ox.Triple]:
    return [*sources.triples("data"), *sources.triples("vocab")]


@pytest.fixture(scope="module")
def closure(schema: list[ox.Triple], facts: list[ox.Triple]) -> Closure:
    return materialise(schema, facts)


def graph(text: str, prefixes: Prefixes) -> set[ox.Triple]:
    header = "".join(f"@prefix {label}: <{namespace}> .\n" for label, namespace in prefixes.items())
    return set(turtle.parse(header + text, Path("world.ttl")))


def ids(triples: set[ox.Triple]) -> set[str]:
    return {str(triple).replace(ID, "").replace(ABC, "abc:") for triple in triples}


@pytest.mark.parametrize(("world", "expected", "unexpected"), WORLDS.values(), ids=WORLDS)
def test_ontology_answers_what_it_promises_in_a_small_world(
    world: str, expected: str, unexpected: str, sources: Sources, schema: list[ox.Triple]
) -> None:
    inferred = set(materialise(schema, graph(world, sources.prefixes)).inferred)

    assert ids(graph(expected, sources.prefixes) - inferred) == set()
    assert ids(graph(unexpected, sources.prefixes) & inferred) == set()


def test_ontology_an_area_that_is_typed_as_a_hub_is_a_clash_with_its_cause(
    sources: Sources, schema: list[ox.Triple]
) -> None:
    world = graph("place:jp-34 a abc:AdministrativeArea, abc:Hub .", sources.prefixes)

    (clash,) = materialise(schema, world).clashes

    assert clash.node.value == f"{ID}place/jp-34"
    assert [name.value for name in clash.classes] == [f"{ABC}Collaboration", f"{ABC}Place"]
    assert set(clash.cause) == world


def test_data_every_promised_inference_follows(closure: Closure, facts: list[ox.Triple], sources: Sources) -> None:
    known = {*closure.inferred, *facts}

    assert ids(graph(FOLLOWS, sources.prefixes) - known) == set()


def test_data_nothing_follows_that_must_not(closure: Closure, facts: list[ox.Triple], sources: Sources) -> None:
    known = {*closure.inferred, *facts}

    assert ids(graph(FOLLOWS_NOT, sources.prefixes) & known) == set()


def test_data_exactly_the_starred_prefectures_of_the_map_are_doubly_supported(closure: Closure) -> None:
    areas = {str(t.subject) for t in closure.inferred if t.object == ox.NamedNode(f"{ABC}DoublySupportedArea")}

    assert areas == {f"<{ID}place/jp-{code}>" for code in (34, 36, 39)}


def test_data_contradict_nothing_in_the_ontology(closure: Closure) -> None:
    assert [str(clash) for clash in closure.clashes] == []


@pytest.mark.slow
def test_data_closure_is_that_of_an_independent_reasoner(
    closure: Closure, schema: list[ox.Triple], facts: list[ox.Triple]
) -> None:
    expected = owlrl_closure(schema, facts)

    assert ids(expected - set(closure.inferred)) == set()
    assert ids(set(closure.inferred) - expected) == set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_random_facts_that_use_every_axiom_close_as_with_an_independent_reasoner(
    seed: int, schema: list[ox.Triple]
) -> None:
    facts = _random_facts(schema, random.Random(seed))  # noqa: S311

    inferred = set(materialise(schema, facts).inferred)

    assert ids(inferred ^ owlrl_closure(schema, facts)) == set()


def _random_facts(schema: list[ox.Triple], chance: random.Random) -> list[ox.Triple]:
    """Return facts among a few nodes: two for each class and three for each property that an axiom names."""
    terms = {term.value for t in axioms(schema) for term in (t.subject, t.object) if isinstance(term, ox.NamedNode)}
    names = sorted(term for term in terms if not term.startswith((ID, OWL, RDF, RDFS)))
    values = sorted(term for term in terms if term.startswith(ID))
    nodes = [ox.NamedNode(iri) for iri in (*(f"{ID}concept/n{i}" for i in range(25)), *values)]
    facts = []
    for name in names:
        if re.split("[/#]", name)[-1][0].isupper():
            facts += [
                ox.Triple(node, ox.NamedNode(f"{RDF}type"), ox.NamedNode(name)) for node in chance.sample(nodes, 2)
            ]
        else:
            facts += [ox.Triple(chance.choice(nodes), ox.NamedNode(name), chance.choice(nodes)) for _ in range(3)]
    return facts
