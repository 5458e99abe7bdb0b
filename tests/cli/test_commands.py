"""The command line: results on stdout, one clear line for a user's mistake, the right exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from abckg.cli import cli
from abckg.errors import UsageError
from abckg.passages import find_words
from abckg.shacl.fast import FastEngine
from small import put, write_small

GOALS = "SELECT ?goal WHERE { ?goal a abc:Goal }"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_small(tmp_path / "small")


@pytest.fixture
def run() -> Callable[..., Result]:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), env={"ABCKG_SOURCES": None, "COLUMNS": "200"})

    return invoke


def test_query_prints_a_table_with_short_names(dataset: Path, run: Callable[..., Result]) -> None:
    result = run("query", GOALS, "--root", str(dataset))

    assert result.stdout.splitlines() == ["goal", "────────────────", "goal:tidy-region"]
    assert "1 rows" in result.stderr


def test_query_by_name_answers_in_the_format_asked_for(dataset: Path, run: Callable[..., Result]) -> None:
    result = run("query", "--name", "goals", "--format", "json", "--root", str(dataset))

    bindings = json.loads(result.stdout)["results"]["bindings"]
    assert [row["goal"]["value"] for row in bindings] == ["https://w3id.org/abc-kg/id/goal/tidy-region"]


def test_query_without_inference_leaves_out_what_was_inferred(dataset: Path, run: Callable[..., Result]) -> None:
    text = "ASK { programme:beta abc:hasPredecessor programme:alpha }"

    assert run("query", text, "--root", str(dataset)).stdout == "yes\n"
    assert run("query", text, "--no-inference", "--root", str(dataset)).stdout == "no\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["query", "SELECT ?x WHERE { ?x a abc:Goal"], 2, "not valid SPARQL"),
        (["query", "SELECT ?x WHERE { ?x a nope:Goal }"], 2, "not valid SPARQL"),
        (["query", "SELECT ?x WHERE { SERVICE <http://example.org/> { ?x ?y ?z } }"], 2, "SERVICE"),
        (["query", "INSERT DATA { <a:a> <a:b> <a:c> }"], 2, "INSERT is refused"),
        (["query", "--name", "nowhere"], 2, "nowhere"),
        (["query", "--name", "goals", "-p", "x=1"], 2, "no parameter x"),
        (["query", "--file", "nowhere.rq"], 2, "nowhere.rq"),
        (["query"], 2, "give just one of"),
        (["query", "ASK {}", "--format", "turtle"], 2, "cannot be written as turtle"),
        (["validate", "nowhere.ttl"], 2, "nowhere.ttl"),
        (["fmt", "nowhere.ttl"], 2, "nowhere.ttl"),
        (["evidence", "--sources", "nowhere"], 2, "nowhere"),
        (["explain", "nope:a", "abc:ledBy", "hub:b"], 2, "no such prefix"),
        (["serve", "--store", "nowhere"], 2, "nowhere"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, list) else None,
)
def test_mistake_is_one_clear_line(
    dataset: Path, run: Callable[..., Result], arguments: list[str], status: int, message: str
) -> None:
    result = run(*arguments, "--root", str(dataset))

    assert (result.exit_code, len(result.stderr.strip().splitlines())) == (status, 1), result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_missing_dataset_is_one_clear_line(tmp_path: Path, run: Callable[..., Result]) -> None:
    result = run("validate", "--root", str(tmp_path))

    assert result.exit_code == 2
    assert "no dataset here" in result.stderr


def test_explain_leads_from_a_conclusion_to_the_files_that_state_it(dataset: Path, run: Callable[..., Result]) -> None:
    result = run("explain", "programme:beta", "abc:hasSuccessor", "programme:alpha", "--root", str(dataset))
    assert (result.exit_code, "neither stated nor inferred" in result.stdout) == (1, True)

    result = run("explain", "programme:beta", "abc:hasPredecessor", "programme:alpha", "--root", str(dataset))

    assert "Beta – has predecessor – Alpha" in result.stdout
    assert (
        "because abc:hasDirectPredecessor (“has direct predecessor”) is a kind of abc:hasPredecessor" in result.stdout
    )
    assert "stated in data/lineage/alpha-to-beta.ttl:14 (evidence: <https://example.org/>)" in result.stdout


def test_build_writes_store_dump_checksums_and_description(dataset: Path, run: Callable[..., Result]) -> None:
    out = dataset / "out"

    result = run("build", "--out", str(out), "--root", str(dataset))

    assert result.exit_code == 0, result.output
    assert {path.name for path in (out / "dumps").iterdir()} == {"abc-kg.nq.gz", "void.ttl", "SHA256SUMS"}
    assert (out / "store").is_dir()
    assert (out / "search.sqlite").is_file()
    assert "sh:conforms true" in (out / "report.ttl").read_text(encoding="utf-8")


def test_build_is_the_same_every_time(dataset: Path, run: Callable[..., Result]) -> None:
    sums = []
    for name in ("one", "two"):
        run("build", "--out", str(dataset / name), "--root", str(dataset))
        sums.append((dataset / name / "dumps" / "SHA256SUMS").read_text(encoding="utf-8"))

    assert sums[0] == sums[1]


def test_build_does_not_overwrite_what_it_did_not_write(dataset: Path, run: Callable[..., Result]) -> None:
    put(dataset, "out/precious.txt", "mine")

    result = run("build", "--out", str(dataset / "out"), "--root", str(dataset))

    assert result.exit_code == 2
    assert (dataset / "out/precious.txt").read_text(encoding="utf-8") == "mine"


def test_evidence_prints_the_passage_of_words(dataset: Path, tmp_path: Path, run: Callable[..., Result]) -> None:
    put(tmp_path, "texts/s9.txt", "第一章。主体が行動する。")
    name = '<https://w3id.org/abc-kg/ontology#sourceFileName> "s9.txt"'
    put(dataset, "data/document/s9.ttl", f"<https://w3id.org/abc-kg/id/document/s9> {name} .")

    result = run(
        *("evidence", "--root", str(dataset), "--sources", str(tmp_path / "texts"), "--locate", "主体が\n行動する"),
        *("--document", "s9", "--record", "goal/tidy-region"),
    )

    assert "<https://w3id.org/abc-kg/id/goal/tidy-region/s9-4-11>" in result.stdout
    assert "abc:endOffset 11 ;" in result.stdout


def test_words_are_found_in_full_width_and_in_half_width() -> None:
    text = "次の（ＣＯＩ） 事業とCOI。"

    assert find_words(text, "COI") == (11, 14)
    assert find_words(text, "(COI)事業") == (2, 10)
    with pytest.raises(UsageError, match="does not stand"):
        find_words(text, "COX")


def test_evidence_names_the_documents_there_are(dataset: Path, tmp_path: Path, run: Callable[..., Result]) -> None:
    name = '<https://w3id.org/abc-kg/ontology#sourceFileName> "s9.txt"'
    put(dataset, "data/document/s9.ttl", f"<https://w3id.org/abc-kg/id/document/s9> {name} .")

    result = run(
        *("evidence", "--root", str(dataset), "--sources", str(tmp_path), "--locate", "x", "--lang", "ja"),
        *("--document", "s7", "--record", "goal/tidy-region"),
    )

    assert (result.exit_code, "s7：そのような文書はありません。次のいずれかです：s9" in result.stderr) == (2, True)


def test_validate_says_once_that_the_fast_engine_crashed_and_finds_the_same(
    dataset: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dataset / "data/goal/tidy-region.ttl"
    path.write_text(
        path.read_text(encoding="utf-8").replace("整った", "TODO ").replace("@en ;", "@de ;"), encoding="utf-8"
    )
    arguments = ("validate", "--root", str(dataset), "--only", "shapes", "--format", "json")
    before = run(*arguments)
    killed = FastEngine((sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"))
    monkeypatch.setattr("abckg.shacl.engines.FastEngine", lambda: killed)

    after = run(*arguments)

    assert json.loads(before.stdout)["notes"] == []
    assert [note.partition(";")[0] for note in json.loads(after.stdout)["notes"]] == [
        "shapes: shacl 0.3.4 failed: it ended with SIGSEGV"
    ]
    assert after.stderr.count("SIGSEGV") == 1
    assert json.loads(after.stdout)["findings"] == json.loads(before.stdout)["findings"] != []


@pytest.mark.parametrize("engine", ["auto", "pyshacl", "fast"])
def test_validate_runs_the_engine_asked_for(dataset: Path, run: Callable[..., Result], engine: str) -> None:
    assert run("validate", "--root", str(dataset), "--only", "shapes", "--engine", engine).exit_code == 0
