"""The ontology as owlready2 sees it, classified by HermiT: no class is empty, defined classes fall into place."""

from __future__ import annotations

from typing import Any

import owlready2
import pytest

from abckg.namespaces import ABC, OWL, RDF
from abckg.sources import Sources
from ontology.test_consistency import n_triples


@pytest.fixture(scope="module")
def classified(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("owl") / "ontology.nt"
    path.write_text(n_triples(sources.triples("ontology")), encoding="utf-8")
    world = owlready2.World()
    ontology = world.get_ontology(path.as_uri()).load()
    with ontology:
        owlready2.sync_reasoner(world, debug=0)
    return world


def term(world: Any, name: str) -> Any:
    return world[ABC + name]


def test_every_class_and_property_of_the_ontology_is_read(classified: Any, sources: Sources) -> None:
    kinds = {iri: values[f"{RDF}type"] for iri, values in sources.values.items() if f"{RDF}type" in values}
    declared = {iri for iri, types in kinds.items() if f"{OWL}ObjectProperty" in types}

    assert {prop.iri for prop in classified.object_properties()} == declared


def test_no_class_is_unsatisfiable(classified: Any) -> None:
    assert list(classified.inconsistent_classes()) == []


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("TripleHelixABC", "Collaboration"),
        ("TripleValueABC", "ABC"),
        ("KosenSpinOff", "Company"),
        ("Hub", "Collaboration"),
    ],
)
def test_defined_class_falls_under_its_genus(classified: Any, narrow: str, wide: str) -> None:
    assert term(classified, wide) in term(classified, narrow).ancestors()
    assert term(classified, narrow) not in term(classified, wide).ancestors()
