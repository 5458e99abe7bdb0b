"""Every gate against one seeded fault: it fails, names the file and the line, and says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from abckg.cli import cli
from abckg.rulebook import rules_of
from abckg.validate import validate
from small import GOAL, QUERY, ROOT, lineage, put, write_small

GOAL_FILE = "data/goal/tidy-region.ttl"


@dataclass(frozen=True)
class Seed:
    """One fault: the file to write, its text, the place and rule that must be reported."""

    path: str
    text: str
    place: str
    rule: str


def goal(old: str, new: str) -> str:
    assert old in GOAL
    return GOAL.replace(old, new)


SOME = "[ a owl:Restriction ; owl:onProperty abc:ledBy ; owl:someValuesFrom abc:Actor ]"


def module(name: str, old: str, new: str) -> str:
    text = (ROOT / f"ontology/{name}.ttl").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


SEEDS = {
    "syntax": Seed(GOAL_FILE, goal("a abc:Goal ;", "a abc:Goal ;;; x"), f"{GOAL_FILE}:7:", "turtle-syntax"),
    "unknown-prefix": Seed(GOAL_FILE, goal("a abc:Goal", "a nope:Goal"), f"{GOAL_FILE}:7:5:", "turtle-syntax"),
    "triple-as-a-value": Seed(
        GOAL_FILE, goal("  a abc:Goal ;", "  a abc:Goal {| abc:x 1 |} ;"), f"{GOAL_FILE}:7:14:", "turtle-syntax"
    ),
    "not-utf-8": Seed(GOAL_FILE, "", f"{GOAL_FILE}:2:5:", "unreadable-file"),
    "format": Seed(GOAL_FILE, goal("  a abc:Goal ;", "    a abc:Goal ;"), f"{GOAL_FILE}:7:1:", "canonical-format"),
    "prefix": Seed(GOAL_FILE, GOAL.replace("goal:", "aim:"), f"{GOAL_FILE}:3:9:", "prefix"),
    "path": Seed("data/goal/other.ttl", GOAL, "data/goal/other.ttl:6:1:", "path-is-iri"),
    "missing-label": Seed(
        GOAL_FILE, goal('  skos:prefLabel "整った地域"@ja ;\n', ""), f"{GOAL_FILE}:6:1:", "Record-prefLabel"
    ),
    "placeholder": Seed(GOAL_FILE, goal("Tidy region", "TODO"), f"{GOAL_FILE}:8:18:", "placeholder-text"),
    "misspelt-property": Seed(
        GOAL_FILE, goal('skos:prefLabel "Tidy', 'skos:preflabel "Tidy'), f"{GOAL_FILE}:8:3:", "Goal"
    ),
    "derived-triple": Seed(
        GOAL_FILE,
        goal('  skos:prefLabel "Tidy', '  abc:documentedIn goal:tidy-region ;\n  skos:prefLabel "Tidy'),
        f"{GOAL_FILE}:8:20:",
        "Source-documentedIn-derived",
    ),
    "dangling": Seed(
        GOAL_FILE,
        goal("@ja ;\n", "@ja ;\n  abc:hasComponentGoal goal:nowhere ;\n"),
        f"{GOAL_FILE}:10:24:",
        "dangling-reference",
    ),
    "no-evidence": Seed(
        GOAL_FILE,
        goal("  dcterms:source <https://example.org/> ;\n", "").replace(
            "@prefix dcterms: <http://purl.org/dc/terms/> .\n", ""
        ),
        f"{GOAL_FILE}:5:1:",
        "Evidenced-source",
    ),
    "interpretation-without-a-note": Seed(
        GOAL_FILE,
        goal("  dcterms:", "  abc:assertionStatus status:curated-interpretation ;\n  dcterms:")
        .replace("goal:tidy-region\n", "<https://w3id.org/abc-kg/id/goal/tidy-region>\n")
        .replace(
            "@prefix goal: <https://w3id.org/abc-kg/id/goal/>", "@prefix status: <https://w3id.org/abc-kg/id/status/>"
        ),
        f"{GOAL_FILE}:6:1:",
        "curated-without-note",
    ),
    "external-without-a-source": Seed(
        GOAL_FILE,
        goal(
            "dcterms:source <https://example.org/>",
            "abc:assertionStatus <https://w3id.org/abc-kg/id/status/external-source>",
        ),
        f"{GOAL_FILE}:6:1:",
        "external-without-source",
    ),
    "missing-semicolon": Seed(GOAL_FILE, goal("a abc:Goal ;", "a abc:Goal"), f"{GOAL_FILE}:8:", "turtle-syntax"),
    "full-width-semicolon": Seed(
        GOAL_FILE, goal("a abc:Goal ;", "a abc:Goal ；"), f"{GOAL_FILE}:7:14:", "turtle-syntax"
    ),
    "folder-name": Seed(
        "data/goals/tidy-region.ttl",
        GOAL.replace("goal:tidy-region", "<https://w3id.org/abc-kg/id/goals/tidy-region>"),
        "data/goals/tidy-region.ttl: error: goals is no type of record; move the file to data/goal/",
        "path-name",
    ),
    "file-name": Seed("data/goal/整.ttl", GOAL, "data/goal/整.ttl: error", "path-name"),
    "file-of-another-kind": Seed("data/goal/other.TTL", GOAL, "data/goal/other.TTL: error", "unknown-file"),
    "empty-file": Seed("data/goal/empty.ttl", "", "data/goal/empty.ttl: error", "path-is-iri"),
    "unknown-term": Seed(GOAL_FILE, goal("abc:Goal", "abc:Gaol"), f"{GOAL_FILE}:7:5:", "undeclared-term"),
    "cycle": Seed(
        "data/lineage/beta-to-alpha.ttl",
        lineage("beta-to-alpha", "beta", "alpha"),
        "data/programme/alpha.ttl:6:1:",
        "lineage-cycle",
    ),
    "clash": Seed(
        GOAL_FILE,
        goal("  a abc:Goal ;", "  a abc:Goal ;\n  a abc:Programme ;"),
        f"{GOAL_FILE}:7:5:",
        "disjoint-classes",
    ),
    "ontology-quality": Seed(
        "ontology/disjointness.ttl",
        module("disjointness", "abc:Actor abc:Place", "abc:Actor abc:Plaace"),
        "ontology/disjointness.ttl:15:15:",
        "undeclared-class",
    ),
    "profile": Seed(
        "ontology/actor.ttl",
        module("actor", "  rdfs:subClassOf", f"  rdfs:subClassOf {SOME} ;\n  rdfs:subClassOf"),
        "ontology/actor.ttl:",
        "rl-expression",
    ),
    "axiom-of-another-kind": Seed(
        "ontology/actor.ttl",
        module("actor", "  rdfs:subClassOf", "  owl:disjointUnionOf ( abc:Place ) ;\n  rdfs:subClassOf"),
        "ontology/actor.ttl:20:1:",
        "axiom-refused",
    ),
    "query-syntax": Seed(
        "data/queries/goals.rq", QUERY.replace("WHERE {", "WHERE {{"), "data/queries/goals.rq:11:9:", "query"
    ),
    "query-expectation": Seed(
        "data/queries/goals.rq",
        QUERY.replace("expect: 1", "expect: 2"),
        "data/queries/goals.rq:4:1:",
        "query-expectation",
    ),
    "query-header": Seed("data/queries/goals.rq", "#+ summary: [\n", "data/queries/goals.rq:1:", "query-header"),
}
"""Fault by name; every check of ``abckg validate`` but the evidence, which has its own tests, is among them."""


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_small(tmp_path / "small")


@pytest.fixture(scope="module")
def check_of() -> dict[str, str]:
    return {rule.name: rule.check for rule in rules_of(ROOT)}


@pytest.fixture
def run() -> Callable[..., tuple[int, str]]:
    def invoke(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, list(arguments), env={"ABCKG_SOURCES": None})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    return invoke


def test_the_small_dataset_itself_passes(dataset: Path, run: Callable[..., tuple[int, str]]) -> None:
    status, output = run("validate", "--root", str(dataset))

    assert (status, "violations: 0" in output) == (0, True), output


@pytest.mark.parametrize("name", SEEDS)
def test_seeded_fault_is_found_at_its_place(dataset: Path, run: Callable[..., tuple[int, str]], name: str) -> None:
    seed = SEEDS[name]
    put(dataset, seed.path, seed.text)
    if name == "not-utf-8":
        (dataset / seed.path).write_bytes("a\n日本ab".encode() + b"\xff\xfe")

    status, output = run("validate", "--root", str(dataset))

    assert status == 1
    lines = [line for line in output.splitlines() if line.endswith(f"[{seed.rule}]")]
    assert any(line.startswith(seed.place) for line in lines), output


@pytest.mark.parametrize("name", SEEDS)
def test_no_seeded_fault_is_a_traceback(dataset: Path, run: Callable[..., tuple[int, str]], name: str) -> None:
    put(dataset, SEEDS[name].path, SEEDS[name].text)

    for command in (["build", "--no-check", "--out", str(dataset / "build")], ["fmt", "--check"]):
        status, output = run(*command, "--root", str(dataset))
        assert status in (0, 1, 2)
        assert "Traceback" not in output


def test_format_gate_names_the_command_that_repairs(dataset: Path, run: Callable[..., tuple[int, str]]) -> None:
    put(dataset, GOAL_FILE, SEEDS["format"].text)

    assert run("fmt", "--check", "--root", str(dataset))[0] == 1
    assert run("fmt", "--root", str(dataset))[0] == 0
    assert run("fmt", "--check", "--root", str(dataset))[0] == 0
    assert (dataset / GOAL_FILE).read_text(encoding="utf-8") == GOAL


def test_a_name_that_is_not_there_is_answered_by_one_that_is(
    dataset: Path, run: Callable[..., tuple[int, str]]
) -> None:
    put(dataset, GOAL_FILE, SEEDS["unknown-term"].text)

    assert "Did you mean abc:Goal?" in run("validate", "--root", str(dataset))[1]


def test_every_query_with_a_broken_header_is_found_and_the_others_are_still_asked(
    dataset: Path, run: Callable[..., tuple[int, str]]
) -> None:
    put(dataset, "data/queries/a.rq", "#+ summary: [\n")
    put(dataset, "data/queries/b.rq", "ASK {}\n")
    (dataset / "data/queries/c.rq").write_bytes("#+ summary: 問い\nASK {}\n".encode("cp932"))
    put(dataset, "data/queries/d.rq", "#+ summary: None?\n#+ expect: 7\nSELECT * { }\n")

    output = run("validate", "--root", str(dataset), "--only", "queries")[1]

    found = re.findall(r"^data/queries/(\w)\.rq:(\d+):.*\[(.*)\]$", output, re.MULTILINE)
    assert found == [
        ("a", "1", "query-header"),
        ("b", "1", "query-header"),
        ("c", "1", "query-header"),
        ("d", "2", "query-expectation"),
    ]


def test_a_name_that_is_like_none_is_not_answered_by_another(
    dataset: Path, run: Callable[..., tuple[int, str]]
) -> None:
    put(dataset, GOAL_FILE, goal("abc:Goal", "abc:Zzz"))

    output = run("validate", "--root", str(dataset))[1]

    assert "abc:Zzz is not a term" in output
    assert "Did you mean" not in output


def test_a_label_where_a_name_should_stand_is_answered_by_the_name(
    dataset: Path, run: Callable[..., tuple[int, str]]
) -> None:
    there = GOAL.replace("tidy-region", "next").replace("整った地域", "次の地域")
    put(dataset, "data/goal/next.ttl", there.replace("  dcterms", "  skos:related goal:整った地域 ;\n  dcterms"))

    assert "Did you mean goal:tidy-region?" in run("validate", "--root", str(dataset))[1]


def test_a_value_that_breaks_a_shape_in_several_ways_is_told_once(
    dataset: Path, run: Callable[..., tuple[int, str]]
) -> None:
    put(dataset, GOAL_FILE, goal('skos:prefLabel "整った地域"@ja', 'skos:prefLabel "整った地域"@ja, "別の地域"@ja'))

    output = run("validate", "--root", str(dataset), "--only", "shapes")[1]

    assert (output.count("[Record-prefLabel]"), "violations: 1" in output) == (1, True), output


def test_a_byte_order_mark_is_a_matter_of_format(dataset: Path, run: Callable[..., tuple[int, str]]) -> None:
    (dataset / GOAL_FILE).write_text(GOAL, encoding="utf-8-sig")

    assert run("fmt", "--root", str(dataset))[0] == 0
    assert (dataset / GOAL_FILE).read_text(encoding="utf-8") == GOAL


@pytest.mark.parametrize("name", SEEDS)
def test_every_message_is_in_japanese_where_asked(dataset: Path, name: str, check_of: dict[str, str]) -> None:
    put(dataset, SEEDS[name].path, SEEDS[name].text)
    if name == "not-utf-8":
        (dataset / SEEDS[name].path).write_bytes(b"\xff\xfe")

    findings = validate(dataset, only=(check_of[SEEDS[name].rule],), language="ja").findings

    assert findings
    for finding in findings:
        assert re.search("[ぁ-ん]", finding.message), finding
        programs = r"（[^（）]*）|abckg fmt \S+"
        assert not re.search(r"(?:^|\s)[a-z]+ [a-z]+ [a-z]+(?:\s|$)", re.sub(programs, "", finding.message)), finding


def test_messages_are_in_japanese_where_asked(dataset: Path, run: Callable[..., tuple[int, str]]) -> None:
    put(dataset, GOAL_FILE, SEEDS["missing-label"].text)

    assert "日本語（@ja）と英語（@en）で一つずつ" in run("validate", "--root", str(dataset), "--lang", "ja")[1]
