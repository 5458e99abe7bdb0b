"""What changed between two states: folders or revisions, told record by record."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from abckg.difference import compare, markdown, opened, text
from abckg.errors import UsageError
from abckg.namespaces import load_prefixes
from abckg.sources import read
from small import GOAL, put, write_small

FILE = "data/goal/tidy-region.ttl"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_small(tmp_path / "small")


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True)


def test_the_same_state_has_no_change(dataset: Path) -> None:
    assert compare(read(dataset), read(dataset)) == []
    assert markdown([], load_prefixes(dataset)) == "No record changed.\n"


def test_changed_new_and_gone_records_are_told_apart(dataset: Path, tmp_path: Path) -> None:
    other = write_small(tmp_path / "other")
    put(other, FILE, GOAL.replace("Tidy region", "Neat region"))
    put(other, "data/goal/new.ttl", GOAL.replace("tidy-region", "new"))
    (other / "data/programme/alpha.ttl").unlink()

    changes = compare(read(dataset), read(other))

    assert [(c.subject.rsplit("/id/")[1], c.kind) for c in changes] == [
        ("goal/new", "added"),
        ("goal/tidy-region", "changed"),
        ("programme/alpha", "removed"),
    ]


def test_a_changed_value_is_one_line_removed_and_one_added(dataset: Path, tmp_path: Path) -> None:
    other = write_small(tmp_path / "other")
    put(other, FILE, GOAL.replace("Tidy region", "Neat region"))
    changes = compare(read(dataset), read(other))

    assert text(changes, load_prefixes(dataset)) == (
        "changed: goal:tidy-region  整った地域\n"
        '  - goal:tidy-region skos:prefLabel "Tidy region"@en\n'
        '  + goal:tidy-region skos:prefLabel "Neat region"@en\n'
    )
    assert '+ goal:tidy-region skos:prefLabel "Neat region"@en' in markdown(changes, load_prefixes(dataset))


def test_a_revision_is_read_from_git(dataset: Path) -> None:
    git(dataset, "init", "-q")
    git(dataset, "add", ".")
    git(dataset, "commit", "-qm", "first")
    put(dataset, FILE, GOAL.replace("Tidy region", "Neat region"))

    with opened("HEAD", dataset) as old, opened(str(dataset), dataset) as new:
        assert [change.kind for change in compare(old, new)] == ["changed"]


def test_unknown_state_is_named(dataset: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: neither a folder nor a git revision"), opened("nowhere", dataset):
        pass
