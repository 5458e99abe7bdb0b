"""``abckg validate --since`` with the texts of the documents: random edits of evidence, next to a full run."""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from abckg.reports.report import Finding, Report
from abckg.validate import validate
from abckg.validate.since import validate_since
from small import put, write_small

EDITS = 40
NAMES = ("北海大学", "東都大学", "西京大学", "南州大学")
TEXT = ("余白。" * 90).join(
    f"{name}は約{n + 1},000件の特許を出願し、隣の大学と組んだ。" for n, name in enumerate(NAMES)
)
PREFIXES = """\
@prefix abc: <https://w3id.org/abc-kg/ontology#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
ID = "https://w3id.org/abc-kg/id"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def record(number: int) -> str:
    """Return an organization with a passage, a figure and a fact, and a member who is its neighbour."""
    name, me, beside = NAMES[number], f"{ID}/organization/u{number}", f"{ID}/organization/u{(number + 1) % len(NAMES)}"
    start = TEXT.index(name)
    end = start + 20
    return f"""{PREFIXES}
<{me}> a abc:University ; skos:prefLabel "{name}"@ja ; skos:definition "{name}の出願件数を述べる。"@ja ;
  abc:evidencedBy <{me}/p> .
<{me}/p> a abc:Passage ; abc:passageOf <{ID}/document/s9> ; abc:sha256 "{sha(TEXT[start:end])}" ;
  abc:startOffset {start} ; abc:endOffset {end} .
<{me}/n> a abc:Observation ; abc:valueAsWritten "約{number + 1},000件" ; abc:evidencedBy <{me}/p> .
<{me}/f> a abc:FactRecord ; rdf:subject <{me}> ; rdf:predicate abc:partner ; rdf:object <{beside}> ;
  abc:evidencedBy <{me}/p> .
<{me}/m> org:member <{beside}> ; abc:evidencedBy <{beside}/p> .
"""


DOCUMENT = f"""{PREFIXES}
<{ID}/document/s9> a abc:Document ; abc:sourceFileName "s9.txt" ; abc:sha256 "{sha(TEXT)}" .
"""


def replaced(pattern: str, new: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, new, text, count=1)


CHANGES: tuple[Callable[[str], str], ...] = (
    replaced(r"startOffset \d+", "startOffset 1"),
    replaced(r"endOffset \d+", "endOffset 999999"),
    replaced(r"endOffset (\d+)", r"endOffset \g<1>9"),
    replaced(r'sha256 "\w', 'sha256 "z'),
    replaced("約", "およそ"),
    replaced('prefLabel "', 'prefLabel "新'),
    replaced('"@ja ;', f'"@ja ; skos:editorialNote "{TEXT[:60]}"@ja ;'),
    replaced("rdf:object <[^>]*>", f"rdf:object <{ID}/organization/u2>"),
    replaced(r"abc:evidencedBy <[^>]*>", f"abc:evidencedBy <{ID}/organization/u3/p>"),
    replaced("document/s9", "document/s8"),
    replaced("abc:University", "abc:Observation"),
    replaced("出願件数", "出願の数"),
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_small(tmp_path_factory.mktemp("evidence") / "small")
    put(root, "data/document/s9.ttl", DOCUMENT)
    for number in range(len(NAMES)):
        put(root, f"data/organization/u{number}.ttl", record(number))
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "base"]):
        subprocess.run(["git", "-C", str(root), *names, *command], check=True, capture_output=True)
    put(root.parent, "texts/s9.txt", TEXT)
    return root


def in_full(root: Path) -> Report:
    return validate(root, only=("evidence",), documents=root.parent / "texts")


def since(root: Path) -> Report:
    cache = root.parent / "cache"
    return validate_since(root, "HEAD", cache=cache, only=("evidence",), documents=root.parent / "texts")


def edited(root: Path, chance: random.Random) -> None:
    """Edit one to three of the records; one is now and then deleted."""
    for number in range(len(NAMES)):
        put(root, f"data/organization/u{number}.ttl", record(number))
    for number in chance.sample(range(len(NAMES)), chance.randint(1, 3)):
        path = root / f"data/organization/u{number}.ttl"
        if chance.random() < 0.1:
            path.unlink()
        else:
            path.write_text(chance.choice(CHANGES)(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_the_evidence_is_right_as_it_was_committed(dataset: Path) -> None:
    assert in_full(dataset).findings == ()


def test_random_edits_of_evidence_are_found_as_in_a_full_run(dataset: Path) -> None:
    chance = random.Random(11)  # noqa: S311 - a sample
    found: set[Finding] = set()
    for _ in range(EDITS):
        edited(dataset, chance)

        report = since(dataset)

        assert report.findings == in_full(dataset).findings
        assert not any("everything was checked" in note for note in report.notes)
        found |= set(report.findings)
    assert {finding.rule for finding in found} >= {
        *("passage-document", "passage-span", "passage-hash"),
        *("figure-in-passage", "name-in-passage", "copied-text"),
    }


def test_a_change_of_a_document_has_all_its_passages_checked(dataset: Path) -> None:
    put(dataset, "data/document/s9.ttl", DOCUMENT.replace(sha(TEXT), sha("")))

    report = since(dataset)

    assert report.findings == in_full(dataset).findings != ()
    assert any("everything was checked, because a document changed" in note for note in report.notes)
    put(dataset, "data/document/s9.ttl", DOCUMENT)
