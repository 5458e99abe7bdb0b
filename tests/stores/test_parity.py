"""Every store gives the same answers: counts, the questions of the catalogue, the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from abckg.namespaces import ABC, BASE, INFERRED_GRAPH
from abckg.queries import load_catalogue
from abckg.search.search import SearchIndex
from abckg.settings import Settings
from abckg.store import EmbeddedStore, Store, Term
from abckg.web.application import create_app

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load_catalogue(ROOT)
# What stays different, and why; docs/deployment.md tells users.
NOT_PORTABLE = {("virtuoso", "dates-of-a-year-in-order"): "a date minus a date is no operator of SPARQL 1.1"}
PAGES = (
    "/",
    "/ontology",
    "/queries",
    "/page/hub/hiroshima-bio-dx",
    "/page/place/jp-34",
    "/records?class=Hub",
    "/search?q=量子",
)
# A store elsewhere does not tell its version.
VERSION = re.compile(r"<code>[0-9a-f]{0,12}</code>")


def value(term: Term | None) -> object:
    """Return a term as it compares: numbers by value, as servers write them in their own way."""
    if isinstance(term, ox.Literal) and term.datatype.value.endswith(("#decimal", "#integer", "#double")):
        return float(term.value)
    return term


def rows(store: Store, text: str) -> list[tuple[object, ...]]:
    return [tuple(map(value, row)) for row in store.query(text).rows()]


@pytest.fixture
def pages(any_store: Store) -> FlaskClient:
    return create_app(any_store, Settings(root=str(ROOT)), CATALOGUE).test_client()


@pytest.fixture(scope="session")
def found(any_store: Store) -> SearchIndex:
    return SearchIndex.of(any_store)


class TestParity:
    def test_count_is_that_of_the_union(self, any_store: Store, store: EmbeddedStore) -> None:
        assert any_store.count() == store.count()

    def test_classes_have_the_same_numbers(self, any_store: Store, store: EmbeddedStore) -> None:
        text = "SELECT ?class (COUNT(*) AS ?n) WHERE { ?s a ?class FILTER(ISIRI(?class)) } GROUP BY ?class"

        assert set(rows(any_store, text)) == set(rows(store, text))

    @pytest.mark.parametrize("slug", list(CATALOGUE))
    def test_question_gives_the_same_rows(
        self, slug: str, any_store: Store, store: EmbeddedStore, request: pytest.FixtureRequest
    ) -> None:
        text = CATALOGUE[slug].bind()

        is_same = rows(any_store, text) == rows(store, text)

        assert is_same is ((store_name(request), slug) not in NOT_PORTABLE)

    def test_boolean_of_a_record_is_true_or_false(self, any_store: Store) -> None:
        answer = any_store.query(f"SELECT DISTINCT ?open WHERE {{ ?award <{ABC}partnersOpenEnded> ?open }}")

        assert {row[0] for row in answer.rows()} <= {ox.Literal(True), ox.Literal(False)}

    def test_described_record_has_the_same_triples(self, any_store: Store, store: EmbeddedStore) -> None:
        text = f"CONSTRUCT {{ <{BASE}id/hub/coins> ?p ?o }} WHERE {{ <{BASE}id/hub/coins> ?p ?o }}"

        assert set(any_store.query(text).triples()) == set(store.query(text).triples())

    def test_without_inference_nothing_inferred_answers(self, any_store: Store) -> None:
        text = f"ASK {{ ?hub a <{ABC}Hub>, <{ABC}Collaboration> }}"

        assert [any_store.query(text, inference=way).boolean for way in (True, False)] == [True, False]

    def test_query_that_names_its_graph_sees_that_graph_only(self, any_store: Store, store: EmbeddedStore) -> None:
        text = f"SELECT (COUNT(*) AS ?n) FROM <{INFERRED_GRAPH}> {{ ?s ?p ?o }}"  # noqa: S608 - it is SPARQL

        assert rows(any_store, text) == rows(store, text)

    @pytest.mark.parametrize("needle", ["量子", "Hiroshima", "バイオ"])
    def test_text_is_found_in_names(self, needle: str, any_store: Store, store: EmbeddedStore) -> None:
        label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
        text = f"SELECT ?s ?name WHERE {{ ?s {label} ?name FILTER(CONTAINS(?name, '{needle}')) }}"

        assert set(rows(any_store, text)) == set(rows(store, text))

    @pytest.mark.parametrize("needle", ["量子", "東", "Hiroshima", "ﾊﾞｲｵ dx", "jp-34", "高知 university", "病院"])
    def test_search_finds_the_same_in_the_same_order(self, needle: str, found: SearchIndex, built: Path) -> None:
        same = SearchIndex.open(built / "search.sqlite")

        assert found.kinds == same.kinds
        for kind in (None, f"{ABC}Actor"):
            expected = same.search(needle, kind=kind, limit=50, language="ja")
            assert found.search(needle, kind=kind, limit=50, language="ja") == expected
        assert same.search(needle).total > 0

    @pytest.mark.parametrize("page", PAGES)
    def test_page_shows_the_same(self, page: str, pages: FlaskClient, store: EmbeddedStore) -> None:
        same = create_app(store, Settings(root=str(ROOT)), CATALOGUE).test_client().get(page)

        found = pages.get(page)

        assert found.status_code == same.status_code == 200
        assert VERSION.sub("", found.text) == VERSION.sub("", same.text)


def store_name(request: pytest.FixtureRequest) -> str:
    name: str = request.node.callspec.params["any_store"]
    return name
