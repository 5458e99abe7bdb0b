"""The questions that the graph must answer, asked over HTTP and compared with the known answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import yaml

from abckg.namespaces import load_prefixes
from abckg.queries import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
GOLD = sorted((Path(__file__).parent / "gold").glob("*.yaml"))
PREFIXES = load_prefixes(ROOT)
CATALOGUE = load_catalogue(ROOT)


def question(path: Path) -> str:
    return path.stem


def load(path: Path) -> dict[str, Any]:
    gold: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return gold


def ask(server: str, text: str) -> dict[str, Any]:
    request = Request(  # noqa: S310 - the address is the test's own server
        f"{server}/sparql",
        data=urlencode({"query": text}).encode(),
        headers={"Accept": "application/sparql-results+json"},
    )
    with urlopen(request, timeout=60) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
    return answer


def cell(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    return PREFIXES.curie(term["value"]) if term["type"] == "uri" else term["value"]


def expected_cell(value: object) -> str:
    text = "" if value is None else str(value)
    return PREFIXES.curie(text) if text.startswith(("http://", "https://")) else text


@pytest.mark.parametrize("path", GOLD, ids=question)
def test_question_gives_the_known_answer(path: Path, server: str) -> None:
    gold = load(path)

    answer = ask(server, CATALOGUE[gold["query"]].bind(gold.get("parameters")))

    rows = {tuple(cell(row.get(name)) for name in gold["columns"]) for row in answer["results"]["bindings"]}
    assert rows == {tuple(expected_cell(value) for value in row) for row in gold["answer"]}


@pytest.mark.parametrize("path", GOLD, ids=question)
def test_gold_file_belongs_to_a_question_that_its_query_names(path: Path) -> None:
    gold = load(path)

    assert gold["question"] == path.stem
    assert path.stem in CATALOGUE[gold["query"]].questions


def test_every_question_that_a_query_names_has_a_gold_file() -> None:
    named = {name for query in CATALOGUE.values() for name in query.questions}

    assert named == {path.stem for path in GOLD}
    assert len(named) >= 65
