"""The dataset in memory finds in a file what the whole of ``abckg validate`` finds in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from abckg.lsp.live import LIVE_CHECKS, LiveDataset
from abckg.reports.report import Finding
from abckg.validate import validate
from small import GOAL, lineage, put, write_small

GOAL_FILE = Path("data/goal/tidy-region.ttl")
LINEAGE_FILE = Path("data/lineage/alpha-to-beta.ttl")
LINEAGE = lineage("alpha-to-beta", "alpha", "beta")


def before_source(line: str) -> str:
    return GOAL.replace("  dcterms:source", f"  {line}\n  dcterms:source")


EDITS = {
    "misspelt class": (GOAL_FILE, GOAL.replace("abc:Goal", "abc:Gaol")),
    "missing label": (GOAL_FILE, GOAL.replace('  skos:prefLabel "Tidy region"@en ;\n', "")),
    "misspelt property": (GOAL_FILE, GOAL.replace('skos:prefLabel "Tidy', 'skos:preflabel "Tidy')),
    "placeholder": (GOAL_FILE, GOAL.replace("Tidy region", "TODO")),
    "dangling": (
        GOAL_FILE,
        before_source("abc:hasComponentGoal goal:nowhere ;"),
    ),
    "derived": (GOAL_FILE, before_source("abc:documentedIn goal:tidy-region ;")),
    "another record": (GOAL_FILE, GOAL.replace("goal:tidy-region", "goal:other")),
    "other prefix": (GOAL_FILE, GOAL.replace("goal:", "aim:")),
    "not well-formed": (GOAL_FILE, GOAL.replace("a abc:Goal ;", "a abc:Goal")),
    "empty": (GOAL_FILE, ""),
    "wrong kind of value": (
        LINEAGE_FILE,
        LINEAGE.replace("Input programme:alpha", "Input goal:x"),
    ),
    "new file": (Path("data/goal/Other.ttl"), GOAL),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("live") / "small")


@pytest.fixture(scope="module")
def live(root: Path) -> LiveDataset:
    return LiveDataset(root)


def key(findings: list[Finding] | tuple[Finding, ...], path: Path) -> set[tuple[object, ...]]:
    return {
        (f.rule, f.line, f.column, f.end_line, f.end_column, f.message)
        for f in findings
        if f.path == path and f.check in LIVE_CHECKS
    }


@pytest.mark.parametrize("name", EDITS)
def test_edit_is_judged_as_validate_does(root: Path, live: LiveDataset, name: str) -> None:
    path, text = EDITS[name]
    before = (root / path).read_text(encoding="utf-8") if (root / path).exists() else None
    put(root, path.as_posix(), text)
    expected = key(validate(root, only=tuple(LIVE_CHECKS)).findings, path)
    assert expected

    found = key(live.check(path, text), path)

    if before is None:
        (root / path).unlink()
        live.update(path, "")
    else:
        put(root, path.as_posix(), before)
        assert live.check(path, before) == []
    assert found == expected


def test_what_was_edited_back_and_forth_is_the_dataset_as_read_anew(root: Path, live: LiveDataset) -> None:
    for path, text in EDITS.values():
        if path in (GOAL_FILE, LINEAGE_FILE):
            live.check(path, text)
    live.check(GOAL_FILE, GOAL)
    live.check(LINEAGE_FILE, LINEAGE)

    anew = LiveDataset(root)

    assert set(live._graph) == set(anew._graph)
    assert {q for q in live._store if "_:" not in str(q)} == {q for q in anew._store if "_:" not in str(q)}
