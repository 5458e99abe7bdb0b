"""The rules about the ontology: it breaks none that counts; ``shapes/test_examples.py`` breaks each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from abckg import turtle
from abckg.checks import load_checks, run_check
from abckg.reports.report import Finding, Severity
from abckg.sources import Kind, SourceFile, Sources
from abckg.validate.context import Context
from abckg.validate.graph import rule_finding
from abckg.validate.ontology import ontology, rule_store

ABC = Path("ontology/abc.ttl")
SEEDED = Path("ontology/seeded.ttl")


@pytest.fixture(scope="module")
def schema(sources: Sources) -> Sources:
    kinds: tuple[Kind, ...] = ("ontology", "vocab", "alignment", "shapes")
    return Sources(sources.root, sources.prefixes, tuple(file for file in sources.files if file.kind in kinds))


def with_file(sources: Sources, path: Path, text: str) -> Sources:
    kept = tuple(file for file in sources.files if file.path != path)
    file = SourceFile(path, "ontology", text, tuple(turtle.parse(text, path)))
    return Sources(sources.root, sources.prefixes, (*kept, file))


def seeded(sources: Sources, body: str) -> Sources:
    head = "".join(f"@prefix {label}: <{namespace}> .\n" for label, namespace in sources.prefixes.items())
    return with_file(sources, SEEDED, head + body)


def findings(sources: Sources, rule: str) -> Iterator[Finding]:
    context = Context(sources)
    (check,) = (check for check in load_checks(sources.root, "ontology") if check.name == rule)
    for hit in run_check(check, rule_store(context)):
        yield rule_finding(context, check, hit, "ontology")


def test_the_ontology_breaks_no_rule(schema: Sources) -> None:
    assert list(ontology(Context(schema))) == []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_rule_says_what_to_do_in_both_languages_and_names_its_catalogue(root: Path, language: str) -> None:
    rules = load_checks(root, "ontology")

    assert [rule.name for rule in rules if len(rule.messages[language]) < 10] == []
    assert [rule.name for rule in rules if not rule.reference.startswith(("OOPS! P", "ROBOT "))] == []


@pytest.mark.parametrize(
    "term", ["dcterms:license", "dcterms:title", "dcterms:creator", "vann:preferredNamespacePrefix"]
)
def test_header_that_lacks_metadata_is_found(schema: Sources, term: str) -> None:
    header = next(file for file in schema.files if file.path == ABC)
    text = "".join(line for line in header.text.splitlines(keepends=True) if not line.startswith(f"  {term} "))

    (first, *_) = findings(with_file(schema, ABC, text), "ontology-metadata")

    assert (first.path, term in first.message) == (ABC, True)


@pytest.mark.parametrize(
    ("term", "meant"),
    [("sh:minCuont", "sh:minCount"), ("skos:preflabel", "skos:prefLabel"), ("owl:class", "owl:Class")],
)
def test_misspelt_term_of_a_standard_vocabulary_is_found_and_the_right_one_named(
    schema: Sources, term: str, meant: str
) -> None:
    faulty = seeded(schema, f"abc:X a owl:Class ;\n {term} 1 .")

    (fault,) = (f for f in ontology(Context(faulty)) if f.rule == "misspelt-standard-term")

    assert (fault.path, fault.severity, f"Did you mean {meant}?" in fault.message) == (SEEDED, Severity.VIOLATION, True)
    assert fault.column == 2  # where the name is, not its value


def test_deprecated_term_in_a_shape_and_in_a_query_is_found_with_what_replaces_it(
    schema: Sources, tmp_path: Path
) -> None:
    folder = tmp_path / "data/queries"
    folder.mkdir(parents=True)
    (folder / "hubs.rq").write_text("#+ abc:Goal\nSELECT ?x {\n  ?x a abc:Goal }\n", encoding="utf-8")
    (tmp_path / "shapes").symlink_to(schema.root / "shapes")
    faulty = seeded(schema, "abc:Goal owl:deprecated true ; dcterms:isReplacedBy abc:Place .")

    found = list(ontology(Context(Sources(tmp_path, faulty.prefixes, faulty.files))))

    places = {(f.path.parts[0], f.line is not None, f.severity) for f in found if "use abc:Place instead" in f.message}
    assert places == {(room, True, Severity.WARNING) for room in ("ontology", "shapes", "data")}
    assert [(f.line, f.column) for f in found if f.rule == "deprecated-in-queries"] == [(3, 8)]
