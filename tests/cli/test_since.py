"""``abckg validate --since``: on a real git repository, next to a full run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from abckg.cli import cli
from abckg.validate import CHECKS
from small import GOAL, QUERY, lineage, put, write_small

GOAL_FILE = "data/goal/tidy-region.ttl"


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_small(tmp_path_factory.mktemp("committed") / "small")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture
def dataset(committed: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", str(committed), "small")
    return tmp_path / "small"


@pytest.fixture
def run(cache: Path) -> Callable[..., tuple[int, dict[str, object], str]]:
    def invoke(root: Path, *arguments: str) -> tuple[int, dict[str, object], str]:
        command = ["validate", "--root", str(root), "--format", "json", *arguments]
        result = CliRunner().invoke(cli, command, env={"ABCKG_SOURCES": None, "XDG_CACHE_HOME": str(cache)})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, json.loads(result.stdout or "{}"), result.stderr

    return invoke


def violations(report: dict[str, object]) -> list[object]:
    findings = report["findings"]
    assert isinstance(findings, list)
    return [finding for finding in findings if finding["severity"] == "violation"]


Run = Callable[..., tuple[int, dict[str, object], str]]
Edit = Callable[[Path], None]


def write(path: str, text: str) -> Edit:
    return lambda root: put(root, path, text)


EDITS: dict[str, Edit] = {
    "nothing": lambda root: None,
    "label": write(GOAL_FILE, GOAL.replace("Tidy region", "Neat region")),
    "missing label": write(GOAL_FILE, GOAL.replace('  skos:prefLabel "整った地域"@ja ;\n', "")),
    "format": write(GOAL_FILE, GOAL.replace("  a abc:Goal", "   a abc:Goal")),
    "prefix": write(GOAL_FILE, GOAL.replace("goal:", "aim:")),
    "syntax": write(GOAL_FILE, GOAL.replace("a abc:Goal ;", "a abc:Goal ;;; x")),
    "deleted record that others point at": lambda root: (root / "data/programme/alpha.ttl").unlink(),
    "circle of lineages": write("data/lineage/beta-to-alpha.ttl", lineage("beta-to-alpha", "beta", "alpha")),
    "two disjoint classes": write(GOAL_FILE, GOAL.replace("a abc:Goal ;", "a abc:Goal ;\n  a abc:Programme ;")),
    "type of a value": lambda root: put(
        root,
        "data/programme/alpha.ttl",
        (root / "data/programme/alpha.ttl").read_text(encoding="utf-8").replace("abc:Programme", "abc:Goal"),
    ),
    "unknown term": write(GOAL_FILE, GOAL.replace("abc:Goal", "abc:Gaol")),
    "reference to nothing": write(
        GOAL_FILE, GOAL.replace("  dcterms:", "  abc:hasComponentGoal goal:nowhere ;\n  dcterms:")
    ),
    "placeholder": write(GOAL_FILE, GOAL.replace("Tidy region", "TODO")),
    "misspelt standard term": write(GOAL_FILE, GOAL.replace('skos:prefLabel "Tidy', 'skos:preflabel "Tidy')),
    "query": write("data/queries/goals.rq", "#+ summary: [\n"),
    "answer that a query does not expect": write("data/goal/neat-region.ttl", GOAL.replace("tidy", "neat")),
    "expectation": write("data/queries/goals.rq", QUERY.replace("expect: 1", "expect: empty")),
    "stray file": write("data/goal/notes.txt", "x"),
    "another record's file": write("data/goal/other.ttl", GOAL),
    "vocabulary": lambda root: (root / "ontology/vocab/status.ttl").unlink(),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_since_finds_what_a_full_run_finds(dataset: Path, run: Run, edit: Edit) -> None:
    edit(dataset)

    code, report, _ = run(dataset, "--since", "HEAD")

    full_code, full, _ = run(dataset)
    assert (code, violations(report)) == (full_code, violations(full))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("ontology/core.ttl", "ontology/core.ttl changed"),
        ("data/goal/other.ttl", "data/goal/other.ttl describes something else than its record"),
    ],
)
def test_a_run_that_cannot_be_bounded_says_why(dataset: Path, run: Run, path: str, reason: str) -> None:
    put(dataset, path, GOAL)

    assert f"everything was checked, because {reason}" in run(dataset, "--since", "HEAD")[2]


def test_a_run_that_cannot_be_bounded_says_why_in_japanese(dataset: Path, run: Run) -> None:
    put(dataset, "data/goal/other.ttl", GOAL)

    told = run(dataset, "--since", "HEAD", "--lang", "ja")[2]

    assert "data/goal/other.ttl が別の記録について述べているため、全体を検査しました" in told


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("en", "everything was checked, because a shape uses sh:sparql"),
        ("ja", "シェイプが sh:sparql を用いているため、全体を検査しました"),
    ],
)
def test_the_reason_of_the_revision_itself_is_told_in_the_language_asked_for(
    dataset: Path, run: Run, language: str, reason: str
) -> None:
    shape = (
        'shapes:Query a sh:NodeShape ; sh:targetClass abc:Goal ; sh:sparql [ sh:select "SELECT $this WHERE {}" ] .\n'
    )
    shapes = dataset / "shapes/goal.ttl"
    shapes.write_text(shapes.read_text(encoding="utf-8") + shape, encoding="utf-8")
    git(dataset, "commit", "-qam", "A query")
    put(dataset, GOAL_FILE, GOAL.replace("Tidy", "Neat"))

    for _ in range(2):  # the second time the reason comes from the cache
        assert reason in run(dataset, "--since", "HEAD", "--lang", language)[2]


def test_a_run_says_how_much_it_looked_at(dataset: Path, run: Run) -> None:
    put(dataset, GOAL_FILE, GOAL.replace("Tidy", "Neat"))

    assert "changed files: 1; things that the change can affect: 1" in run(dataset, "--since", "HEAD")[2]
    assert "変更されたファイル 1 件" in run(dataset, "--since", "HEAD", "--lang", "ja")[2]


def test_committed_changes_count_and_their_index_grows_from_the_older_one(dataset: Path, run: Run) -> None:
    run(dataset, "--since", "HEAD")
    (dataset / "data/programme/alpha.ttl").unlink()
    git(dataset, "commit", "-qam", "Alpha is gone")
    put(dataset, GOAL_FILE, GOAL.replace("Tidy", "Neat"))

    since_first, since_last = run(dataset, "--since", "HEAD~1")[1], run(dataset, "--since", "HEAD")[1]

    assert violations(since_first) == violations(run(dataset)[1]) != []
    assert violations(since_last) == []


def test_files_that_git_does_not_know_count_unless_they_are_left_out(dataset: Path, run: Run) -> None:
    put(dataset, "data/goal/draft.ttl", "draft")

    assert run(dataset, "--since", "HEAD")[0] == 1
    assert run(dataset, "--since", "HEAD", "--no-untracked")[0] == 0


@pytest.mark.parametrize("arguments", [("--since", "nowhere"), ("--no-untracked",)])
def test_what_cannot_be_compared_is_a_mistake_of_use(dataset: Path, run: Run, arguments: tuple[str, ...]) -> None:
    assert run(dataset, *arguments)[0] == 2


def test_a_dataset_outside_git_is_told_so(tmp_path: Path, run: Run) -> None:
    code, _, errors = run(write_small(tmp_path / "small"), "--since", "HEAD")

    assert code == 2
    assert "not a git revision" in errors


def test_every_check_has_a_bounded_form() -> None:
    assert set(CHECKS) == {
        *("syntax", "format", "prefixes", "paths", "shapes", "graph"),
        *("ontology", "profile", "consistency", "queries", "evidence"),
    }, "say in validate/since.py what a change of records can break in the new check"
