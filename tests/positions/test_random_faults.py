"""Two thousand random faults in real files in random layouts: the line that is reported holds the fault, always."""

from __future__ import annotations

import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from abckg.reports.report import Finding
from abckg.sources import Sources, read
from abckg.validate import validate
from positions.layout import Layout
from positions.seeds import SHAPES, Fault, Seeder, read_record

ROOT = Path(__file__).resolve().parents[2]
FILES, FAULTS_PER_FILE = 1000, 2

Seeded = tuple[Path, Fault, dict[str, int]]


@pytest.fixture(scope="module")
def sources() -> Sources:
    return read(ROOT)


def seed_all(folder: Path, sources: Sources, random: Random) -> list[Seeded]:
    """Copy the dataset, put faults into ``FILES`` of its records and return them with the lines of all marks."""
    for top in ("ontology", "data", "shapes"):
        shutil.copytree(ROOT / top, folder / top)
    (folder / "shapes/test.ttl").write_text(SHAPES, encoding="utf-8")
    seeder = Seeder(sources, random)
    seeded: list[Seeded] = []
    for file in random.sample([file for file in sources.files if file.kind == "data"], FILES):
        statements = read_record(file.triples)
        faults = seeder.seed(statements, FAULTS_PER_FILE)
        text, lines = Layout(random).write(statements)
        (folder / file.path).write_bytes(text.encode("utf-8"))
        seeded += [(file.path, fault, lines) for fault in faults]
    return seeded


def misplaced(findings: list[Finding], fault: Fault, lines: dict[str, int]) -> Iterator[str]:
    """Yield what is wrong with the places of the findings that speak of a fault."""
    wanted = {lines[mark] for mark in fault.marks}
    speaking = [finding for finding in findings if fault.speaks(finding)]
    if not speaking:
        yield f"{fault.kind}: not reported"
    for finding in speaking:
        named = {finding.line, *(place.line for place in finding.related)}
        if finding.line not in wanted or (fault.is_shared and named != wanted):
            yield f"{fault.kind}: {finding.rule} at {named}, not at {wanted}"


@pytest.mark.slow
def test_reported_line_holds_the_fault_in_all_of_two_thousand(
    tmp_path: Path, sources: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    seeded = seed_all(tmp_path, sources, Random(20261122))  # noqa: S311 - the same faults each time
    by_path: defaultdict[Path, list[Finding]] = defaultdict(list)
    for finding in validate(tmp_path, only=("shapes", "graph")).findings:
        by_path[finding.path].append(finding)

    wrong = [f"{path} {what}" for path, fault, lines in seeded for what in misplaced(by_path[path], fault, lines)]

    kinds = Counter(fault.kind for _, fault, _ in seeded)
    with capsys.disabled():
        sys.stderr.write(f"\n{kinds.total()} faults, {len(wrong)} misplaced: {dict(sorted(kinds.items()))}\n")
    assert wrong == []
    assert (kinds.total(), len(kinds)) == (2000, 14)


def test_a_line_too_far_would_be_found() -> None:
    fault = Fault("any", lambda _: True, ("mark",))
    here = Finding(Path("x.ttl"), 3, 1, "any", "")

    assert list(misplaced([here], fault, {"mark": 3})) == []
    assert len(list(misplaced([here], fault, {"mark": 4}))) == 1
    assert len(list(misplaced([], fault, {"mark": 3}))) == 1
