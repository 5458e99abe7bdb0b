"""The benchmark of SHACL engines: its data are the same every time, and it says who agrees."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from abckg.sources import Sources
from grow import grow, write
from project import Timing, checkout, edit
from validation import Measured, command_table, measure, table


def test_the_same_seed_gives_the_same_data_in_the_size_asked_for(sources: Sources) -> None:
    small = list(grow(sources, 6000))

    assert small == list(grow(sources, 6000))
    assert small != list(grow(sources, 6000, seed=2))
    assert 5000 < len(small) < 7500


def test_copies_have_names_of_their_own(sources: Sources) -> None:
    twice = list(grow(sources, 110_000))

    assert 108_000 < len(twice) < 112_000
    assert len(set(twice)) > 0.98 * len(twice)


@pytest.mark.slow
def test_the_adapter_finds_what_the_engine_alone_finds(tmp_path: Path) -> None:
    write(6000, tmp_path)

    adapter, engine = measure(["abckg-auto", "shacl"], tmp_path, rounds=1, limit=60)

    assert adapter.found == engine.found != Counter()
    assert adapter.memory > engine.memory / 2 > 0


def test_an_engine_that_takes_too_long_is_ended_and_said_to_be(tmp_path: Path) -> None:
    write(6000, tmp_path)

    (slow,) = measure(["abckg-pyshacl"], tmp_path, rounds=2, limit=0.05)

    assert (slow.ended, slow.seconds) == ("> 0 s", [])
    assert "> 0 s" in table(6000, [slow])


def test_the_table_names_what_is_missing_and_the_ratio_to_the_fastest_that_is_right() -> None:
    ours = Measured("abckg-auto", "1", [2.0], memory=10, found=Counter("ab"))
    right = Measured("shacl-rust", "1", [1.0], memory=10, found=Counter("ab"))
    wrong = Measured("shacl", "1", [0.1], memory=10, found=Counter("a"))
    reference = Measured("abckg-pyshacl", "1", [9.0], memory=10, found=Counter("ab"))

    text = table(1000, [ours, right, wrong, reference])

    assert "1 missing, 0 too many" in text
    assert "abckg-auto : shacl-rust (the fastest that is right) = 2.00" in text


def test_the_table_of_the_command_says_whether_the_target_is_met() -> None:
    text = command_table([Timing("fast", (0.5, 0.7, 9.0), 1.0), Timing("slow", (6.0,), 5.0), Timing("first", (7.0,))])

    assert "| fast | 0.70 | under 1: yes |" in text
    assert "| slow | 6.00 | under 5: no |" in text
    assert "| first | 7.00 | – |" in text


@pytest.mark.slow
def test_larger_data_are_a_repository_in_which_one_edit_changes_one_file(tmp_path: Path) -> None:
    count = checkout(16_000, tmp_path)

    path = edit(tmp_path)

    status = subprocess.run(["git", "-C", str(tmp_path), "status", "--short"], capture_output=True, text=True)
    assert count > 10_000
    assert status.stdout.split() == ["M", path.relative_to(tmp_path).as_posix()]
    assert "Edited name" in path.read_text(encoding="utf-8")
