"""The pages about security and faults name tests that exist, and leave none of the faults out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("cli", "docs", "faults", "fuzz", "unit", "web")
_TEST = re.compile(r"^def (test_\w+)", re.MULTILINE)
_NAMED = re.compile(r"`(test_\w+)`")


def found_in(*files: Path) -> set[str]:
    return {name for file in files for name in _TEST.findall(file.read_text(encoding="utf-8"))}


def named_in(page: str) -> set[str]:
    return set(_NAMED.findall((ROOT / page).read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/faults.md"])
def test_tests_that_the_page_names_exist(page: str) -> None:
    known = found_in(*(path for folder in FOLDERS for path in (ROOT / "tests" / folder).rglob("test_*.py")))

    assert named_in(page)
    assert named_in(page) - known == set()


def test_every_fault_is_in_the_table() -> None:
    files = [path for path in (ROOT / "tests/faults").glob("test_*.py") if path.name != "test_writes.py"]

    assert found_in(*files) - named_in("docs/faults.md") == set()
