"""The evidence check: each kind of error is found, the first kind alone is reported."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from abckg.errors import MissingSource
from abckg.evidence import verify
from abckg.namespaces import load_prefixes
from abckg.reports.report import Report
from abckg.sources import SourceFile, Sources
from abckg.turtle import parse

ROOT = Path(__file__).resolve().parents[2]
TEXT = "前文。広島大学は約1,000件の特許を出願した。" + "余白" * 300
PREFIXES = load_prefixes(ROOT)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def graph(**changes: object) -> str:
    """A document, an organization and a figure with one passage; each value may be changed."""
    start, end = changes.get("start", 3), changes.get("end", 23)
    values = {
        "start": start,
        "end": end,
        "document": sha(TEXT),
        "passage": sha(TEXT[int(str(start)) : int(str(end))]),
        "written": "約1,000件",
        "label": "広島大学",
        "prose": "広島大学の出願件数を述べる。",
        **changes,
    }
    return """
        @prefix abc: <https://w3id.org/abc-kg/ontology#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix id: <https://w3id.org/abc-kg/id/document/> . @prefix o: <https://w3id.org/abc-kg/id/organization/> .
        id:s9 a abc:Document ; abc:sourceFileName "s9.txt" ; abc:sha256 "{document}" .
        o:p a abc:Passage ; abc:passageOf id:s9 ; abc:sha256 "{passage}" .
        o:p abc:startOffset {start} ; abc:endOffset {end} .
        o:hu a abc:Actor ; skos:prefLabel "{label}"@ja ; skos:definition "{prose}"@ja ; abc:evidencedBy o:p .
        o:ob a abc:Observation ; abc:valueAsWritten "{written}" ; abc:evidencedBy o:p .
    """.format(**values)


def check(tmp_path: Path, text: str) -> Report:
    (tmp_path / "s9.txt").write_text(TEXT, encoding="utf-8")
    file = SourceFile(Path("data/document/s9.ttl"), "data", text, tuple(parse(text, Path("x.ttl"))))
    return verify(Sources(ROOT, PREFIXES, (file,)), tmp_path)


def test_right_evidence_has_no_finding(tmp_path: Path) -> None:
    assert check(tmp_path, graph()).findings == ()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("document-text", {"document": sha("another text")}),
        ("passage-span", {"end": 100_000, "passage": sha("x")}),
        ("passage-hash", {"passage": sha("another span")}),
        ("passage-length", {"end": 500}),
        ("figure-in-passage", {"written": "約2,000件"}),
        ("name-in-passage", {"label": "弘前大学"}),
        ("copied-text", {"prose": TEXT[20:80]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_evidence_is_reported_by_its_kind(tmp_path: Path, rule: str, changes: dict[str, object]) -> None:
    report = check(tmp_path, graph(**changes))

    assert {finding.rule for finding in report.findings} == {rule}
    assert not report.conforms


def test_only_the_first_kind_of_error_is_reported(tmp_path: Path) -> None:
    report = check(tmp_path, graph(passage=sha("another span"), label="弘前大学"))

    assert {finding.rule for finding in report.findings} == {"passage-hash"}


def test_missing_text_is_named(tmp_path: Path) -> None:
    text = graph()
    file = SourceFile(Path("data/document/s9.ttl"), "data", text, tuple(parse(text, Path("x.ttl"))))

    report = verify(Sources(ROOT, PREFIXES, (file,)), tmp_path)

    assert "s9.txt is not there" in report.findings[0].message


def test_missing_folder_cannot_run(tmp_path: Path) -> None:
    with pytest.raises(MissingSource, match="no such folder"):
        verify(Sources(ROOT, PREFIXES, ()), tmp_path / "nowhere")
