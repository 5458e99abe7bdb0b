"""``abckg search``: what is found, and the exit status that says whether anything was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from abckg.cli import cli
from small import put, write_small


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("search") / "small")


@pytest.fixture
def run(dataset: Path) -> Callable[..., Result]:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["search", *arguments, "--root", str(dataset)])

    return invoke


def test_found_things_are_a_table(run: Callable[..., Result]) -> None:
    result = run("整った", "--lang", "ja", "--type", "Goal")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["record", "type", "name", "also"]
    assert result.stdout.splitlines()[2].split() == ["goal:tidy-region", "abc:Goal", "整った地域"]
    assert result.stderr == "1 of 1 found\n"


def test_name_that_matches_stands_beside_that_of_the_language(run: Callable[..., Result]) -> None:
    assert run("整った", "--type", "Goal").stdout.split("abc:Goal")[1].split() == ["Tidy", "region", "整った地域"]


def test_found_things_are_json(run: Callable[..., Result]) -> None:
    (hit,) = json.loads(run("region tidy", "--type", "abc:Goal", "--format", "json").stdout)

    assert hit["iri"] == "https://w3id.org/abc-kg/id/goal/tidy-region"
    assert (hit["match"], hit["label"]["marks"]) == ("words", [[0, 4], [5, 11]])


def test_limit_leaves_out_and_says_so(run: Callable[..., Result]) -> None:
    result = run("programme", "--limit", "1")

    assert len(result.stdout.splitlines()) == 3
    assert result.stderr.startswith("1 of ")


def test_nothing_found_is_status_1(run: Callable[..., Result]) -> None:
    result = run("量子 zzz")

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "Nothing found.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["・"], "nothing to search for"),
        (["x", "--type", "Gaol"], "Did you mean Goal?"),
        (["x", "--endpoint", "http://127.0.0.1:9/sparql"], "does not answer"),
    ],
)
def test_mistake_is_status_2_and_one_line(run: Callable[..., Result], arguments: list[str], message: str) -> None:
    result = run(*arguments)

    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert message in result.stderr


def test_build_without_full_text_search_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_small(tmp_path / "small")
    monkeypatch.setattr("abckg.search.index._SCHEMA", "CREATE VIRTUAL TABLE found USING fts5000(name);")
    monkeypatch.setattr("abckg.search.index._NO_FTS5", "no such module: fts5000")

    result = CliRunner().invoke(cli, ["build", "--out", str(tmp_path / "out"), "--root", str(root)])

    assert result.exit_code == 0
    assert "No search index" in result.stderr
    assert not (tmp_path / "out" / "search.sqlite").exists()


def test_build_writes_the_same_index_each_time(tmp_path: Path) -> None:
    root = write_small(tmp_path / "small")
    put(root, "data/goal/tidy-town.ttl", (root / "data/goal/tidy-region.ttl").read_text().replace("region", "town"))

    for name in ("one", "two"):
        CliRunner().invoke(cli, ["build", "--out", str(tmp_path / name), "--root", str(root)])

    assert (tmp_path / "one/search.sqlite").read_bytes() == (tmp_path / "two/search.sqlite").read_bytes()
