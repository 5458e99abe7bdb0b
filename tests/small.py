"""A small dataset for tests: the real ontology and shapes, and a handful of records."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VOCABULARIES = ("lineage-kind", "status")
GOAL = """\
@prefix abc: <https://w3id.org/abc-kg/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix goal: <https://w3id.org/abc-kg/id/goal/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

goal:tidy-region
  a abc:Goal ;
  skos:prefLabel "Tidy region"@en ;
  skos:prefLabel "整った地域"@ja ;
  dcterms:source <https://example.org/> ;
.
"""
QUERY = """\
#+ summary: Which goals are there?
#+ summary_ja: どのような目標があるか。
#+ tags: [goal]
#+ expect: 1
PREFIX abc: <https://w3id.org/abc-kg/ontology#>

SELECT ?goal
WHERE {
  ?goal a abc:Goal .
}
ORDER BY ?goal
"""


def programme(slug: str, name: str) -> str:
    """Return a programme record with its two labels."""
    return f"""\
@prefix abc: <https://w3id.org/abc-kg/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix programme: <https://w3id.org/abc-kg/id/programme/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

programme:{slug}
  a abc:Programme ;
  skos:prefLabel "{name}"@en ;
  skos:prefLabel "事業{name}"@ja ;
  dcterms:source <https://example.org/> ;
.
"""


def lineage(slug: str, before: str, after: str) -> str:
    """Return a lineage event from outside the documents, by which one programme turned into another."""
    return f"""\
@prefix abc: <https://w3id.org/abc-kg/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix lineage: <https://w3id.org/abc-kg/id/lineage/> .
@prefix lineage-kind: <https://w3id.org/abc-kg/id/lineage-kind/> .
@prefix programme: <https://w3id.org/abc-kg/id/programme/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix status: <https://w3id.org/abc-kg/id/status/> .

lineage:{slug}
  a abc:LineageEvent ;
  skos:prefLabel "From {before} to {after}"@en ;
  skos:prefLabel "{before}から{after}へ"@ja ;
  abc:assertionStatus status:external-source ;
  abc:lineageInput programme:{before} ;
  abc:lineageKind lineage-kind:renamed ;
  abc:lineageOutput programme:{after} ;
  dcterms:source <https://example.org/> ;
.
"""


def write_small(folder: Path) -> Path:
    """Write the dataset into ``folder`` and return it; it has no violation."""
    shutil.copytree(ROOT / "shapes", folder / "shapes")
    (folder / "ontology/vocab").mkdir(parents=True)
    for path in (*(ROOT / "ontology").glob("*.ttl"), *(ROOT / f"ontology/vocab/{name}.ttl" for name in VOCABULARIES)):
        shutil.copy(path, folder / path.relative_to(ROOT))
    put(folder, "data/goal/tidy-region.ttl", GOAL)
    for slug in ("alpha", "beta"):
        put(folder, f"data/programme/{slug}.ttl", programme(slug, slug.capitalize()))
    put(folder, "data/lineage/alpha-to-beta.ttl", lineage("alpha-to-beta", "alpha", "beta"))
    put(folder, "data/queries/goals.rq", QUERY)
    return folder


def put(folder: Path, path: str, text: str) -> None:
    """Write one file of a dataset."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
