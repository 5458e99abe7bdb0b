"""Answers that are kept: the right bytes, for the right question, for the right version of the data."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

import tiny
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.store import Answer, Choose, DatasetSelection, Document, EmbeddedStore, Question
from abckg.web.application import create_app
from abckg.web.cache import Kept, ResponseCache, kept_on_the_way

SELECT = "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"


class CountingStore:
    """A store that counts how often it is asked by clients, and whose version a test can change."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self.version = store.version
        self.asked: list[str] = []

    def query(self, text: str, *, inference: bool = True, dataset: DatasetSelection | None = None) -> Answer:
        return self._store.query(text, inference=inference, dataset=dataset)

    def run(self, question: Question, choose: Choose) -> Answer | Document:
        self.asked.append(question.text)
        return self._store.run(question, choose)

    def count(self) -> int:
        return self._store.count()


@pytest.fixture
def store() -> CountingStore:
    return CountingStore(tiny.store())


@pytest.fixture
def fresh(store: CountingStore) -> FlaskClient:
    return create_app(store, Settings(), Catalogue([])).test_client()


def ask(client: FlaskClient, query: str = SELECT, **headers: str) -> tuple[int, bytes]:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.get("/sparql", query_string={"query": query}, headers=fields)
    return response.status_code, response.data


def test_repeated_query_is_computed_once_by_get_and_post(fresh: FlaskClient, store: CountingStore) -> None:
    first, again = ask(fresh), ask(fresh)
    posted = fresh.post("/sparql", data={"query": SELECT})

    assert first == again == (200, posted.data)
    assert store.asked == [SELECT]


def test_first_and_later_answers_have_the_same_headers(fresh: FlaskClient) -> None:
    first, again = (fresh.get("/sparql", query_string={"query": SELECT}) for _ in range(2))

    assert dict(first.headers) == dict(again.headers)


@pytest.mark.parametrize("query", [SELECT, "ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_matching_tag_is_304_without_computing(fresh: FlaskClient, store: CountingStore, query: str) -> None:
    tag = fresh.head("/sparql", query_string={"query": query}).headers["ETag"]
    store.asked.clear()

    response = fresh.get("/sparql", query_string={"query": query}, headers={"If-None-Match": f'"x", {tag}'})

    assert (response.status_code, response.data, store.asked) == (304, b"", [])
    assert response.headers["ETag"] == tag
    assert {"accept", "accept-encoding"} <= {name.lower() for name in response.vary}


def test_tag_that_does_not_match_gets_the_answer(fresh: FlaskClient) -> None:
    ask(fresh)

    assert ask(fresh, If_None_Match='W/"other"')[0] == 200


@pytest.mark.parametrize(
    "query", ["SELECT (NOW() AS ?t) {}", "SELECT (RAND() AS ?t) {}", "SELECT (STRUUID() AS ?t) {}"]
)
def test_query_that_is_never_the_same_twice_is_not_kept(fresh: FlaskClient, store: CountingStore, query: str) -> None:
    first, again = (fresh.get("/sparql", query_string={"query": query}) for _ in range(2))

    assert first.data != again.data
    assert len(store.asked) == 2
    assert first.headers["Cache-Control"] == "no-store"


def test_new_version_of_the_data_is_computed_anew(fresh: FlaskClient, store: CountingStore) -> None:
    tag = fresh.get("/sparql", query_string={"query": SELECT}).headers["ETag"]

    store.version = "next"

    assert ask(fresh, If_None_Match=tag)[0] == 200
    assert store.asked == [SELECT, SELECT]


@pytest.mark.parametrize(
    "other",
    [
        {"default-graph-uri": f"{tiny.BASE}graph/data"},
        {"named-graph-uri": f"{tiny.BASE}graph/data"},
        {"inference": "false"},
        {"format": "csv"},
    ],
    ids=str,
)
def test_other_dataset_or_format_is_another_answer(fresh: FlaskClient, other: dict[str, str]) -> None:
    plain = fresh.get("/sparql", query_string={"query": SELECT})
    asked = fresh.get("/sparql", query_string={"query": SELECT, **other})

    assert plain.headers["ETag"] != asked.headers["ETag"]
    assert plain.data != asked.data


def test_host_counts_where_the_answer_depends_on_it(fresh: FlaskClient) -> None:
    query = "SELECT (<x> AS ?x) {}"

    one, two = (fresh.get("/sparql", query_string={"query": query}, base_url=f"http://{h}/") for h in ("a.x", "b.x"))

    assert (b"a.x" in one.data, b"b.x" in two.data) == (True, True)


def test_cache_drops_what_was_not_asked_for_longest() -> None:
    cache = ResponseCache(16_000)
    for name in ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"):
        cache.put((name,), Kept(b"x" * 1_400, "text/plain"))
        cache.get(("a",))

    assert cache.get(("a",))
    assert cache.get(("b",)) is None
    assert cache.get(("j",))
    assert cache.size <= 16_000


def test_cache_keeps_nothing_too_large() -> None:
    cache, none = ResponseCache(16_000), ResponseCache(0)
    cache.put(("large",), Kept(b"x" * 4_000, "text/plain"))
    none.put(("a",), Kept(b"", "text/plain"))

    assert (cache.size, none.size) == (0, 0)


def test_stream_is_kept_when_it_is_complete_and_fits() -> None:
    kept: list[bytes] = []

    assert list(kept_on_the_way((b"a", b"b"), lambda size: size < 3, kept.append)) == [b"a", b"b"]
    assert list(kept_on_the_way((b"a", b"bc"), lambda size: size < 3, kept.append)) == [b"a", b"bc"]
    assert next(kept_on_the_way((b"d", b"e"), lambda size: size < 3, kept.append)) == b"d"

    assert kept == [b"ab"]
