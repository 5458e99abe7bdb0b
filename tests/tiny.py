"""A graph of a few lines for the tests of the store and of the pages: one hub, one university, one document."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from abckg.dataset import Dataset
from abckg.namespaces import Prefixes
from abckg.queries import Catalogue, read_query
from abckg.store import EmbeddedStore

BASE = "https://w3id.org/abc-kg/"
PREFIXES = Prefixes(
    {
        "abc": f"{BASE}ontology#",
        "document": f"{BASE}id/document/",
        "hub": f"{BASE}id/hub/",
        "org": "http://www.w3.org/ns/org#",
        "organization": f"{BASE}id/organization/",
        "owl": "http://www.w3.org/2002/07/owl#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "sh": "http://www.w3.org/ns/shacl#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "status": f"{BASE}id/status/",
    }
)
ONTOLOGY = """
<https://w3id.org/abc-kg/ontology> a owl:Ontology ; rdfs:label "ABC ontology"@en .
<https://w3id.org/abc-kg/ontology/core> a owl:Ontology ; rdfs:label "Core"@en .
abc:Hub a owl:Class ; rdfs:label "拠点"@ja, "Hub"@en ; skos:definition "研究開発の場である。"@ja, "A base for R&D."@en ;
  rdfs:subClassOf abc:Collaboration ; skos:example "COINS"@en .
abc:Collaboration a owl:Class ; rdfs:label "人的ネットワークの場"@ja, "Collaboration"@en .
abc:LedHub a owl:Class ; rdfs:label "牽引される拠点"@ja, "Led hub"@en ; owl:equivalentClass
  [ owl:intersectionOf ( abc:Hub [ a owl:Restriction ; owl:onProperty abc:ledBy ; owl:someValuesFrom abc:Hub ] ) ] .
abc:ledBy a owl:ObjectProperty ; rdfs:label "牽引主体"@ja, "led by"@en ; owl:inverseOf abc:leads ;
  abc:requiresEvidence true .
abc:leads a owl:ObjectProperty ; rdfs:label "牽引する"@ja, "leads"@en .
abc:reaches a owl:ObjectProperty ; rdfs:label "及ぶ"@ja, "reaches"@en ; owl:propertyChainAxiom ( abc:ledBy abc:leads ) .
org:member a owl:ObjectProperty ; rdfs:label "構成員"@ja, "member"@en .
abc:Document a owl:Class ; rdfs:label "文書"@ja, "Document"@en .
<https://w3id.org/abc-kg/prefixes/hub> sh:prefix "hub" ; sh:namespace "https://w3id.org/abc-kg/id/hub/" .
<https://w3id.org/abc-kg/prefixes/abc> sh:prefix "abc" ; sh:namespace "https://w3id.org/abc-kg/ontology#" .
"""
DATA = """
hub:coins a abc:Hub ; skos:prefLabel "スマートライフケア拠点"@ja, "COINS"@en ; abc:ledBy organization:tohoku ;
  abc:evidencedBy <https://w3id.org/abc-kg/id/hub/coins/s0-10-20> .
<https://w3id.org/abc-kg/id/hub/coins/s0-10-20> a abc:Passage ; abc:passageOf document:s0 ; abc:sectionPath "第1章" ;
  abc:startOffset 10 ; abc:endOffset 20 .
<https://w3id.org/abc-kg/id/hub/coins/member-tohoku> a org:Membership ; org:member organization:tohoku ;
  org:organization hub:coins ; abc:evidencedBy <https://w3id.org/abc-kg/id/hub/coins/s0-10-20> .
<https://w3id.org/abc-kg/id/hub/coins/fact-led-by> a abc:FactRecord ; rdf:subject hub:coins ; rdf:predicate abc:ledBy ;
  rdf:object organization:tohoku ; abc:assertionStatus status:curated-interpretation ;
  abc:evidencedBy <https://w3id.org/abc-kg/id/hub/coins/s0-10-20> .
organization:tohoku a abc:University ; skos:prefLabel "東北大学"@ja, "Tohoku University"@en ; skos:note "<b>&\\"" .
document:s0 a abc:Document ; skos:prefLabel "白書"@ja, "White paper"@en .
"""
INFERRED = """
organization:tohoku abc:leads hub:coins .
hub:coins a abc:Collaboration .
"""
QUERY = """#+ summary: Which hubs are there?
#+ summary_ja: 拠点は何か。
#+ description: All hubs.
#+ tags: [hub]
#+ parameters:
#+   - {name: class, type: iri, default: "abc:Hub", description: Class, description_ja: 種類}
#+ expect: 1
#+ questions: [q-001]
PREFIX abc: <https://w3id.org/abc-kg/ontology#>
SELECT ?thing
WHERE {
  VALUES ?class { abc:Hub }
  ?thing a ?class .
}
ORDER BY ?thing
"""


def triples(turtle: str) -> tuple[ox.Triple, ...]:
    """Return the triples of ``turtle``, which may use the prefixes of this module."""
    head = "".join(f"@prefix {label}: <{iri}> .\n" for label, iri in PREFIXES.items())
    return tuple(quad.triple for quad in ox.parse(head + turtle, format=ox.RdfFormat.TURTLE))


def dataset() -> Dataset:
    """Return the small dataset."""
    return Dataset(triples(ONTOLOGY), triples(DATA), triples(INFERRED), PREFIXES)


def store() -> EmbeddedStore:
    """Return the small dataset in memory."""
    return EmbeddedStore.from_dataset(dataset())


def catalogue(folder: Path) -> Catalogue:
    """Return a catalogue of one query, written into ``folder`` first."""
    path = folder / "hubs.rq"
    path.write_text(QUERY, encoding="utf-8")
    return Catalogue([read_query(path, PREFIXES)])
