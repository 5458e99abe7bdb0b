"""The query templates: each a shape that users of this graph ask, with parameters drawn from the generated data.

``MIX`` names those that a page or an interactive user asks; they are sent together under load. The others scan or
return much and are measured one at a time. ``LOOKUPS`` and ``BOUNDED_JOINS`` name those that match as much in data of
any size: a record and its parts, or the members of a network, as many in a large graph as in a small one. The star and
the path are not among them: they begin at a city, and there are at most 1,700, so that the organizations in one grow.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from generate import CHAIN, ID, INDICATORS, YEARS, Counts

__all__ = [
    "BOUNDED_JOINS",
    "LOOKUPS",
    "MIX",
    "TEMPLATES",
    "TWENTY_FIVE_MEGABYTES",
    "Parameters",
    "cached_query",
    "mixed",
    "text",
]

LOOKUPS = ("lookup", "filter-in")
BOUNDED_JOINS = ("predecessors", "grouped-by-role", "optional-filter", "union", "provenance", "construct")
MIX = ("lookup", "star", "path", "predecessors", "grouped-by-role", "optional-filter", "union", "provenance")

_PREFIXES = """\
PREFIX abc: <https://w3id.org/abc-kg/ontology#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_FIGURES = "?figure abc:observedSubject ?subject ; abc:hasIndicator ?i ; abc:inYear ?year ; abc:numericValue ?value"


class Parameters:
    """Draws the records that the queries ask for.

    The same seed draws the same records in data of the same size. In data of another size it draws those at the same
    place in the order of their kind, which are as popular.
    """

    def __init__(self, counts: Counts, seed: int = 7) -> None:
        self._counts = counts
        self._random = random.Random(seed)

    def organization(self) -> str:
        """Return an organization."""
        return self._record("organization/", 0, self._counts.organizations)

    def network(self) -> str:
        """Return a network that is not among the most popular third."""
        return self._record("hub/", self._counts.networks // 3, self._counts.networks)

    def programme(self) -> str:
        """Return a programme, at each place of a line of programmes equally often."""
        line, place = self._random.random(), self._random.randrange(CHAIN)
        number = int(line * (self._counts.programmes // CHAIN)) * CHAIN + place
        return f"<{ID}programme/{number}>"

    def city(self) -> str:
        """Return a city."""
        return self._record("place/city-", 0, self._counts.cities)

    def prefecture(self) -> str:
        """Return a prefecture."""
        return f"<{ID}place/jp-{self._random.randrange(1, 48):02}>"

    def indicator(self) -> str:
        """Return an indicator."""
        return f"<{ID}indicator/{self._random.choice(INDICATORS)}>"

    def year(self) -> int:
        """Return a year."""
        return self._random.choice(YEARS)

    def word(self) -> str:
        """Return a part of a Japanese name."""
        return self._random.choice(("量子", "水素", "北海道", "半導体", "京都府", "発酵"))

    def _record(self, kind: str, first: int, end: int) -> str:
        # One draw for each, so that the seed draws on in step in data of every size.
        return f"<{ID}{kind}{first + int(self._random.random() * (end - first))}>"


def _union(p: Parameters) -> str:
    programme = p.programme()
    return (
        f"SELECT DISTINCT ?network ?how WHERE {{ {{ ?award abc:underProgramme {programme} ; "
        f"abc:adoptedCollaboration ?network . BIND('award' AS ?how) }} UNION "
        f"{{ ?network abc:fundedUnder {programme} . BIND('funded' AS ?how) }} }}"
    )


def _construct(p: Parameters) -> str:
    network = p.network()
    return (
        f"CONSTRUCT {{ ?o org:memberOf {network} ; skos:prefLabel ?label }} "
        f"WHERE {{ ?m org:organization {network} ; org:member ?o . ?o skos:prefLabel ?label }}"
    )


TEMPLATES: dict[str, Callable[[Parameters], str]] = {
    "lookup": lambda p: f"SELECT ?p ?o WHERE {{ {p.organization()} ?p ?o }}",
    "star": lambda p: (
        f"SELECT ?o ?ja ?en ?n WHERE {{ ?o abc:locatedIn {p.city()} ; a abc:Company ; skos:prefLabel ?ja, ?en ; "
        "org:memberOf ?n . FILTER(LANG(?ja) = 'ja' && LANG(?en) = 'en') }"
    ),
    "path": lambda p: (
        f"SELECT DISTINCT ?o ?n ?label WHERE {{ ?o abc:locatedIn {p.city()} . ?m org:member ?o ; "
        "org:organization ?n . ?n abc:fundedUnder ?g . ?g skos:prefLabel ?label . FILTER(LANG(?label) = 'ja') }"
    ),
    "predecessors": lambda p: (
        f"SELECT ?x ?label WHERE {{ {p.programme()} abc:hasDirectPredecessor+ ?x . ?x skos:prefLabel ?label }}"
    ),
    "grouped-by-role": lambda p: (
        f"SELECT ?role (COUNT(*) AS ?n) (MIN(?y) AS ?first) WHERE {{ ?m org:organization {p.network()} ; "
        "org:role ?role ; abc:inYear ?y } GROUP BY ?role ORDER BY DESC(?n)"
    ),
    "optional-filter": lambda p: (
        f"SELECT ?o ?label ?year ?text WHERE {{ ?m org:organization {p.network()} ; org:member ?o ; abc:inYear ?year . "
        "?o skos:prefLabel ?label . OPTIONAL { ?s abc:concernsActor ?o ; a abc:Challenge ; abc:statementText ?text } "
        "FILTER(LANG(?label) = 'ja' && ?year >= 2015) }"
    ),
    "union": _union,
    "provenance": lambda p: (
        f"SELECT ?m ?n ?passage ?from ?to ?title WHERE {{ ?m org:member {p.organization()} ; org:organization ?n ; "
        "abc:evidencedBy ?passage . ?passage abc:passageOf ?d ; abc:startOffset ?from ; abc:endOffset ?to . "
        "?d skos:prefLabel ?title }"
    ),
    "in-place-path": lambda p: (
        f"SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE {{ ?o abc:locatedIn/abc:containedInPlace* {p.prefecture()} }}"
    ),
    "aggregate": lambda p: (
        "SELECT ?place ?year (AVG(?value) AS ?mean) (COUNT(*) AS ?n) "
        f"WHERE {{ ?figure abc:hasIndicator {p.indicator()} ; abc:observedSubject ?city ; abc:inYear ?year ; "
        "abc:numericValue ?value . ?city a abc:City ; abc:containedInPlace ?place . ?place a abc:Prefecture } "
        "GROUP BY ?place ?year"
    ),
    "top-k": lambda p: (
        f"SELECT ?subject ?value WHERE {{ ?f abc:hasIndicator {p.indicator()} ; abc:inYear {p.year()} ; "
        "abc:numericValue ?value ; abc:observedSubject ?subject } ORDER BY DESC(?value) LIMIT 10"
    ),
    "contains": lambda p: (
        "SELECT ?o ?label WHERE { ?o a abc:University ; skos:prefLabel ?label . "
        f"FILTER(CONTAINS(?label, '{p.word()}')) }}"
    ),
    "filter-in": lambda p: (
        f"SELECT ?o ?n WHERE {{ ?m org:member ?o ; org:organization ?n . "
        f"FILTER(?o IN ({p.organization()}, {p.organization()}, {p.organization()})) }}"
    ),
    "not-exists": lambda p: (
        f"SELECT ?o ?label WHERE {{ ?o abc:locatedIn {p.prefecture()} ; a abc:University ; skos:prefLabel ?label . "
        "FILTER(LANG(?label) = 'ja') FILTER NOT EXISTS { ?s abc:concernsActor ?o ; a abc:Challenge } }"
    ),
    "construct": _construct,
    "10k-rows": lambda _: f"SELECT ?subject ?i ?year ?value WHERE {{ {_FIGURES} }} LIMIT 10000",
    "class-counts": lambda _: "SELECT ?c (COUNT(*) AS ?n) WHERE { ?s a ?c } GROUP BY ?c ORDER BY DESC(?n)",
    "count": lambda _: "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
}

TWENTY_FIVE_MEGABYTES = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 100000"


def text(name: str, parameters: Parameters, nonce: str) -> str:
    """Return a query of a template; ``nonce``, in a comment at its end, makes it one that no cache has seen."""
    return f"{_PREFIXES}{TEMPLATES[name](parameters)} #{nonce}"


def mixed(counts: Counts, number: int, seed: int, names: Sequence[str] = MIX) -> list[str]:
    """Return ``number`` queries of the templates in turn, each with parameters of its own."""
    parameters = Parameters(counts, seed)
    return [text(names[index % len(names)], parameters, "") for index in range(number)]


def cached_query(counts: Counts) -> str:
    """Return the query that is sent again and again."""
    return text("optional-filter", Parameters(counts), "0")
