"""The documentation is true: its commands exist, its counts are right, its question gives its answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner

from abckg.cli import cli
from abckg.dataset import assemble
from abckg.namespaces import ABC, RDF
from abckg.queries import load_catalogue
from abckg.sources import Sources
from abckg.store import EmbeddedStore

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(path for path in ROOT.rglob("*.md") if not {".venv", "build", "node_modules"} & set(path.parts))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]


def table_after(text: str, heading: str) -> list[list[str]]:
    part = text[text.index(heading) :]
    rows = re.findall(r"^\| (.*) \|$", part[: part.index("\n\n", part.index("\n| "))], re.MULTILINE)
    return [row.split(" | ") for row in rows if not row.startswith("---")]


def test_the_question_of_the_readme_gives_its_answer(store: EmbeddedStore) -> None:
    answer = store.query(block("sparql"))

    rows = [list(answer.variables), *([getattr(term, "value", "") for term in row] for row in answer.rows())]
    assert rows == table_after(README, "```sparql")


def test_the_counts_of_the_readme_are_right(sources: Sources) -> None:
    dataset = assemble(sources)
    files = [file for file in sources.files if file.kind == "data"]
    data = sources.values.items()
    passages = sum(f"{ABC}Passage" in values.get(f"{RDF}type", []) for _, values in data)
    stated = len(dataset.ontology) + len(dataset.data)

    assert f"{stated:,} stated triples (ontology included) and {len(dataset.inferred):,} inferred ones" in README
    assert f"{len(files):,} records, one file each; {passages:,} passages" in README
    assert f"holds {len(load_catalogue(ROOT))} questions" in README


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    for command, options in re.findall(r"abckg ([a-z]+)\b(?![:/])((?: --?[a-z-]+)*)", text):
        if command == "x":  # the README's placeholder for any command
            continue
        known = cli.get_command(Context(cli), command)
        if page.name == "CHANGELOG.md" and known is None:
            continue
        assert known is not None, command
        flags = {flag for parameter in known.params for flag in parameter.opts} | {"--help"}
        assert set(options.split()) <= flags, (command, options)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_and_links_of_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    paths = re.findall(r"`((?:ontology|data|shapes|src|tests)/[\w./-]*\w/?)`", text)

    assert [link for link in links if not (page.parent / link).exists()] == []
    real = [path for path in paths if path.isascii() and not path.endswith("/x.py")]
    assert [path for path in real if not (ROOT / path).exists()] == []


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for target in re.findall(r"^make (\w+)", block("sh"), re.MULTILINE):
        assert f"\n{target}:" in makefile


@pytest.mark.parametrize("command", cli.list_commands(Context(cli)))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(cli, [command, "--help"])

    assert result.exit_code == 0
    assert f"Example: abckg {command}" in result.output
