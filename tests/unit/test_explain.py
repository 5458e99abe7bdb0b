"""Why a triple holds: every axiom in words, every leaf with its place."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.explain import Explanation, explain, inconsistencies
from abckg.namespaces import load_prefixes
from abckg.sources import SourceFile, Sources
from abckg.turtle import parse, serialize
from abckg.validate.context import Context
from abckg.validate.graph import consistency

ROOT = Path(__file__).resolve().parents[2]
PREFIXES = load_prefixes(ROOT)
HEADER = "".join(f"@prefix {label}: <{namespace}> .\n" for label, namespace in PREFIXES.items())
SCHEMA = """
    abc:Hub rdfs:subClassOf abc:Place . abc:locatedIn a owl:TransitiveProperty .
    abc:leads owl:inverseOf abc:ledBy . abc:coreInstitution rdfs:subPropertyOf abc:ledBy .
    abc:documentedIn owl:propertyChainAxiom ( abc:evidencedBy abc:passageOf ) .
    abc:Led owl:equivalentClass [ a owl:Restriction ; owl:onProperty abc:ledBy ; owl:someValuesFrom abc:Actor ] .
"""
DATA = """
    hub:a a abc:Hub ; abc:locatedIn place:b ; abc:coreInstitution organization:u .
    place:b abc:locatedIn place:c .
    organization:u a abc:Actor .
    hub:a abc:evidencedBy <https://w3id.org/abc-kg/id/hub/a/s9-3-7> .
    <https://w3id.org/abc-kg/id/hub/a/s9-3-7> abc:passageOf document:s9 ; abc:startOffset 3 ; abc:endOffset 7 .
"""


@pytest.fixture(scope="module")
def world() -> Sources:
    files = []
    for path, kind, text in (("ontology/x.ttl", "ontology", SCHEMA), ("data/hub/a.ttl", "data", DATA)):
        triples = parse(HEADER + text, Path(path))
        files.append(SourceFile(Path(path), kind, HEADER + text, tuple(triples)))  # type: ignore[arg-type]
    return Sources(ROOT, PREFIXES, tuple(files))


def because(world: Sources, text: str) -> Explanation:
    (triple,) = parse(f"{HEADER}{text} .", Path("x.ttl"))
    found = explain(world, triple)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hub:a a abc:Place", "every abc:Hub is also abc:Place"),
        ("hub:a abc:locatedIn place:c", "abc:locatedIn is transitive"),
        ("organization:u abc:leads hub:a", "abc:leads is the inverse of abc:ledBy"),
        ("hub:a abc:ledBy organization:u", "abc:coreInstitution is a kind of abc:ledBy"),
        ("hub:a abc:documentedIn document:s9", "abc:documentedIn follows from abc:evidencedBy then abc:passageOf"),
        ("hub:a a abc:Led", "whatever has abc:ledBy abc:Actor is abc:Led, by definition"),
    ],
)
def test_axiom_is_told_in_words(world: Sources, text: str, words: str) -> None:
    found = because(world, text)

    assert found.axiom["en"] == words
    assert found.axiom["ja"]


def test_stated_triple_has_its_place_and_its_passages(world: Sources) -> None:
    found = because(world, "hub:a a abc:Hub")

    assert (found.axiom, found.premises) == ({}, ())
    assert found.place is not None
    assert found.place[0] == Path("data/hub/a.ttl")
    assert [(e.start, e.end) for e in found.evidence] == [(3, 7)]


LABELS = """
    abc:ABC rdfs:label "ABC"@en, "ＡＢＣ"@ja . abc:ledBy rdfs:label "led by"@en, "牽引主体"@ja .
    abc:Actor rdfs:label "Actor"@en, "主体"@ja .
    abc:ABC owl:equivalentClass [ owl:intersectionOf (
      abc:Hub [ a owl:Restriction ; owl:onProperty abc:ledBy ; owl:someValuesFrom abc:Actor ] ) ] .
"""


def test_a_definition_and_a_triple_are_told_with_labels_in_both_languages() -> None:
    data = 'hub:a a abc:Hub ; skos:prefLabel "Hub A"@en, "拠点Ａ"@ja ; abc:ledBy organization:u .'
    data += " organization:u a abc:Actor ."

    found = because(sources_of(LABELS, data), "hub:a a abc:ABC")

    assert found.words == {"en": "Hub A: ABC", "ja": "拠点Ａは「ＡＢＣ」である"}
    assert found.axiom == {
        "en": "whatever is abc:Hub and has abc:ledBy (“led by”) abc:Actor (“Actor”) is abc:ABC (“ABC”), by definition",
        "ja": "次をみたすものは、定義により abc:ABC（ＡＢＣ）である：abc:Hub である、"
        "abc:ledBy（牽引主体）が abc:Actor（主体）である",
    }
    assert found.premises[1].words["ja"] == "拠点Ａ ―［牽引主体］→ organization:u"


def test_every_leaf_of_a_proof_is_stated(world: Sources) -> None:
    steps = [because(world, "hub:a a abc:Led")]
    while steps:
        step = steps.pop()
        assert step.premises or step.place is not None
        steps += step.premises


def test_what_does_not_follow_has_no_explanation(world: Sources) -> None:
    (triple,) = parse(f"{HEADER} place:c abc:locatedIn hub:a .", Path("x.ttl"))

    assert explain(world, triple) is None
    assert explain(world, ox.Triple(triple.subject, ox.NamedNode("https://example.org/p"), triple.object)) is None


CLASHING = """
    hub:a a abc:Hub ; abc:locatedIn place:b ; abc:evidencedBy <https://w3id.org/abc-kg/id/hub/a/s9-3-7> .
    <https://w3id.org/abc-kg/id/hub/a/s9-3-7> abc:passageOf document:s9 ; abc:startOffset 3 ; abc:endOffset 7 .
    place:b a abc:Person .
"""
DISJOINT = """
    abc:Hub rdfs:subClassOf abc:Collaboration . abc:Person rdfs:subClassOf abc:Actor .
    abc:locatedIn rdfs:domain abc:Thing ; rdfs:range abc:Place .
    [] a owl:AllDisjointClasses ; owl:members ( abc:Actor abc:Collaboration abc:Place ) .
"""


def sources_of(schema: str, data: str) -> Sources:
    files = []
    for path, kind, text in (("ontology/x.ttl", "ontology", schema), ("data/hub/a.ttl", "data", data)):
        text = serialize(parse(HEADER + text, Path(path)), PREFIXES)
        files.append(SourceFile(Path(path), kind, text, tuple(parse(text, Path(path)))))  # type: ignore[arg-type]
    return Sources(ROOT, PREFIXES, tuple(files))


def test_a_contradiction_is_traced_to_the_fewest_statements_and_to_its_axiom() -> None:
    (clash,) = inconsistencies(sources_of(DISJOINT, CLASHING))

    assert clash.axiom["en"] == "nothing is both abc:Actor and abc:Place"
    assert clash.axiom["ja"] == "abc:Actor であり、かつ abc:Place であるものはない"
    assert clash.place is not None
    assert clash.place[0] == Path("ontology/x.ttl")
    assert [str(t.predicate).rsplit("/", 1)[-1] for t in clash.cause] == [
        "ontology#locatedIn>",
        "22-rdf-syntax-ns#type>",
    ]
    assert [reason.axiom["en"] for reason in clash.reasons] == [
        "every abc:Person is also abc:Actor",
        "whatever is a value of abc:locatedIn is abc:Place",
    ]
    assert [(e.start, e.end) for e in clash.reasons[1].premises[0].evidence] == [(3, 7)]


REDUNDANT = """
    abc:keeps rdfs:domain abc:Person . abc:owns rdfs:domain abc:Person ; rdfs:subPropertyOf abc:holds .
    abc:holds rdfs:domain abc:Place . abc:Person owl:disjointWith abc:Place .
"""


def test_the_finding_of_a_contradiction_shows_the_fewest_statements_each_at_its_place() -> None:
    data = "hub:a abc:keeps place:b ; abc:owns place:c ."
    context = Context(sources_of(REDUNDANT, data), "ja")
    (clash,) = context.closure.clashes
    assert len(clash.cause) == 2

    (finding,) = consistency(context)

    assert "直してください：hub:a abc:owns place:c。" in finding.message
    assert "abc:keeps" not in finding.message
    assert "abckg explain --inconsistency" in finding.message
    text = context.sources.files[1].text.split("\n")
    assert (finding.path, text[(finding.line or 0) - 1].strip()) == (Path("data/hub/a.ttl"), "abc:owns place:c ;")
    assert [place.path for place in finding.related] == [Path("ontology/x.ttl")]


def test_the_finding_of_a_contradiction_begins_in_the_record_at_fault() -> None:
    (finding,) = consistency(Context(sources_of(DISJOINT, CLASHING)))

    assert finding.focus.endswith("place/b")
    assert [place.path.parts[0] for place in (finding.place, *finding.related)] == ["data", "data", "ontology"]


def test_what_contradicts_nothing_has_no_inconsistency(world: Sources) -> None:
    assert inconsistencies(world) == []
