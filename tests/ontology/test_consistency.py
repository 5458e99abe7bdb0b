"""Ontology and data under the full semantics of OWL 2 DL, by HermiT; it needs Java.

The rules of ``abckg.reasoning`` find a clash as soon as it can be concluded; HermiT proves that there is a model.
HermiT comes with owlready2. It must be given N-Triples (owlready2 reads Turtle silently as nothing), and it stops at
datatypes outside the OWL 2 map, so ``xsd:date`` values and the ranges ``xsd:date`` and ``rdf:langString`` are left out:
no axiom but the range itself is about such values, and SHACL checks them. ``owl:imports`` is left out since all
modules are in the one file.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import owlready2
import pyoxigraph as ox
import pytest

from abckg import turtle
from abckg.namespaces import ABC, ID, OWL, RDF, Prefixes
from abckg.reasoning.reason import materialise
from abckg.sources import Sources

_DATE = "http://www.w3.org/2001/XMLSchema#date"
_TOO_MUCH_FOR_HERMIT = {ox.NamedNode(_DATE), ox.NamedNode(f"{RDF}langString")}
_HERMIT = Path(owlready2.__file__).parent / "hermit"


@pytest.fixture(scope="module")
def java() -> str:
    command: str | None = shutil.which(owlready2.JAVA_EXE)
    if command is None:
        pytest.fail("No java command here; HermiT needs Java 17 or later, on Debian: apt install default-jre-headless")
    return command


def n_triples(triples: Iterable[ox.Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples if _is_for_hermit(triple))


def _is_for_hermit(triple: ox.Triple) -> bool:
    value = triple.object
    is_date = isinstance(value, ox.Literal) and value.datatype.value == _DATE
    return not is_date and value not in _TOO_MUCH_FOR_HERMIT and triple.predicate.value != f"{OWL}imports"


def has_model(triples: Iterable[ox.Triple], folder: Path, java: str) -> bool:
    """Say whether HermiT finds the triples consistent; consistency alone takes a tenth of a classification."""
    path = folder / "world.nt"
    path.write_text(n_triples(triples), encoding="utf-8")
    classes = os.pathsep.join((str(_HERMIT), str(_HERMIT / "HermiT.jar")))
    command = [java, "-Xmx2000M", "-cp", classes, "org.semanticweb.HermiT.cli.CommandLine", "-k", path.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    if "owl#Thing is satisfiable" in run.stdout:
        return True
    if "InconsistentOntologyException" in run.stderr or "owl#Thing is not satisfiable" in run.stdout:
        return False
    pytest.fail(f"HermiT gave no answer: {run.stdout}{run.stderr}"[:2000])


def everything(sources: Sources) -> Iterator[ox.Triple]:
    return sources.triples("ontology", "vocab", "data")


def graph(text: str, prefixes: Prefixes) -> list[ox.Triple]:
    header = "".join(f"@prefix {label}: <{namespace}> .\n" for label, namespace in prefixes.items())
    return turtle.parse(header + text, Path("world.ttl"))


@pytest.mark.slow
def test_ontology_and_data_have_a_model(sources: Sources, tmp_path: Path, java: str) -> None:
    assert has_model(everything(sources), tmp_path, java)


@pytest.mark.slow
def test_area_that_is_typed_as_a_hub_is_found_by_rules_and_by_hermit(
    sources: Sources, tmp_path: Path, java: str
) -> None:
    seeded = graph("place:jp-34 a abc:Hub .", sources.prefixes)
    data = [*sources.triples("data", "vocab"), *seeded]

    (clash,) = materialise(sources.triples("ontology"), data).clashes

    assert clash.node.value == f"{ID}place/jp-34"
    assert set(clash.cause) == set(graph("place:jp-34 a abc:Hub, abc:Prefecture .", sources.prefixes))
    assert not has_model([*sources.triples("ontology"), *data], tmp_path, java)


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [
        "network:x a abc:Collaboration ; abc:coreInstitution organization:u . organization:u a abc:Kosen .",
        "network:x a abc:Collaboration ; abc:ledBy organization:u . organization:u a abc:University .",
        "organization:u a abc:University ; abc:leads network:x . network:x a abc:Hub .",
    ],
    ids=["subproperty", "someValuesFrom", "inverse"],
)
def test_clash_that_follows_only_from_relations_is_found_by_rules_and_by_hermit(
    world: str, sources: Sources, tmp_path: Path, java: str
) -> None:
    axiom = graph("abc:ABC owl:disjointWith <https://example.org/Closed> .", sources.prefixes)
    facts = graph(world + "network:x a <https://example.org/Closed> .", sources.prefixes)
    schema = [*sources.triples("ontology"), *axiom]

    (clash,) = materialise(schema, facts).clashes

    assert set(clash.cause) == set(facts)
    assert not has_model([*schema, *facts], tmp_path, java)


@pytest.mark.slow
def test_chain_of_properties_counts_for_rules_and_for_hermit(sources: Sources, tmp_path: Path, java: str) -> None:
    world = """abc:DoublySupportedArea owl:disjointWith abc:TargetArea . place:x a abc:TargetArea .
      award:1 abc:awardedArea place:x ; abc:underProgramme programme:coi-next .
      award:2 abc:awardedArea place:x ; abc:underProgramme programme:strand .
      programme:strand abc:strandOf programme:regional-university-industry-grant ."""
    axiom, *facts = sorted(graph(world, sources.prefixes), key=lambda triple: "disjointWith" not in str(triple))
    schema = [*sources.triples("ontology"), axiom]

    (clash,) = materialise(schema, facts).clashes

    assert set(clash.cause) == set(facts)
    assert not has_model([*schema, *facts], tmp_path, java)


@pytest.mark.slow
@pytest.mark.usefixtures("java")
def test_ontology_every_class_can_have_members_and_the_defined_ones_fall_into_place(sources: Sources) -> None:
    world = owlready2.World()
    text = n_triples(sources.triples("ontology"))
    ontology = world.get_ontology("https://example.org/world#").load(fileobj=io.BytesIO(text.encode()))

    with ontology:
        owlready2.sync_reasoner_hermit(world, debug=0)

    assert list(world.inconsistent_classes()) == []
    parents = {f"{ABC}ABC": "Collaboration", f"{ABC}TripleHelixABC": "ABC", f"{ABC}KosenSpinOff": "Company"}
    assert {iri: parent for iri, parent in parents.items() if world[f"{ABC}{parent}"] not in world[iri].is_a} == {}
