"""Over the real files: the whole dataset conforms, and its evidence holds where the texts are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from abckg.evidence import verify
from abckg.namespaces import ABC
from abckg.reports.report import Severity
from abckg.sources import Sources
from abckg.validate import validate

TEXTS = Path(os.environ.get("ABCKG_SOURCES", Path(__file__).resolve().parents[3] / "shared" / "sources"))


def test_dataset_conforms(root: Path) -> None:
    report = validate(root)

    assert [f for f in report.findings if f.severity is Severity.VIOLATION] == []


def test_no_warning_is_new(root: Path) -> None:
    known = {
        # The documents do not say who is to act.
        ("Expectation-addressee", "data/statement/s2-exp-circulation-of-wealth.ttl"),
        ("Expectation-addressee", "data/statement/s2-exp-comprehensive-indicators.ttl"),
        ("Expectation-addressee", "data/statement/s2-exp-long-lasting-efforts.ttl"),
        ("Expectation-addressee", "data/statement/s3-donation-improvement.ttl"),
        # A chart names these three series, but its figures are not in the text.
        ("unused-concept", "ontology/vocab/indicator.ttl"),
    }

    report = validate(root, only=("shapes", "graph"))

    assert {(f.rule, f.path.as_posix()) for f in report.findings if f.severity is Severity.WARNING} <= known


def test_every_record_of_the_documents_leads_to_a_passage_or_a_source(sources: Sources) -> None:
    own = (
        f"{ABC}{name}" for name in ("evidencedBy", "sourceFileName", "gapInDocument", "hasReading", "fiscalYearNumber")
    )
    signs = {"http://purl.org/dc/terms/source", *own}
    evidenced = {iri for iri, values in sources.values.items() if any(sign in values for sign in signs)}

    missing = {file.record for file in sources.files if file.kind == "data"} - evidenced

    assert missing == set()


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the texts of the documents are not at hand; set ABCKG_SOURCES")
def test_every_passage_stands_in_the_texts(sources: Sources) -> None:
    assert verify(sources, TEXTS).findings == ()
