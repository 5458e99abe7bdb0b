"""The store that asks other processes: it answers as the store in this process does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

import tiny
from abckg.errors import NotAcceptable, QueryRefused, QuerySyntaxError, StoreBusy, StoreError
from abckg.formats import GRAPH_FORMATS, SOLUTION_FORMATS, ResultFormat
from abckg.pool import pool
from abckg.pool.lease import Lease, Limits
from abckg.pool.pooled import PooledStore
from abckg.pool.shapes import shape_of
from abckg.store import Answer, AnswerKind, DatasetSelection, Document, Question, write_store

SELECT = (
    "SELECT ?s ?p ?o ?none { ?s ?p ?o FILTER(!ISBLANK(?s) && !ISBLANK(?o)) OPTIONAL { ?o <http://x/> ?none } } "
    "ORDER BY ?s ?p ?o LANG(?o)"
)
ASK = "ASK { ?s ?p ?o }"
CONSTRUCT = f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), '{tiny.BASE}id/')) }}"
TRIPLE = 'SELECT ?t ?u ("a\\tb\\n" AS ?v) { BIND(TRIPLE(<http://a/>, <http://b/>, "c\\n"@en) AS ?t) }'


@pytest.fixture(scope="module", params=[256, 0], ids=["in-memory", "on-disk"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PooledStore]:
    path = tmp_path_factory.mktemp("pooled") / "store"
    write_store(tiny.dataset(), path)
    opened = PooledStore.open(path, Limits(processes=1, in_memory=request.param))
    yield opened
    opened.close()


def always(form: ResultFormat | None) -> Callable[[AnswerKind], ResultFormat | None]:
    return lambda _: form


def written(store: PooledStore, query: str, form: ResultFormat) -> bytes:
    found = store.run(Question(query, prefixes=tiny.PREFIXES), always(form))
    assert isinstance(found, Document)
    return b"".join(found.chunks)


def rows(store: PooledStore, query: str, limit: int | None) -> list[tuple[object, ...]]:
    found = store.run(Question(query, rows=limit), always(None))
    assert isinstance(found, Answer)
    return [tuple(row) for row in found.rows()] or [tuple(triple) for triple in found.triples()]


@pytest.mark.parametrize("query", [SELECT, TRIPLE, "SELECT * { }", "SELECT ?x { FILTER(false) }"])
@pytest.mark.parametrize("limit", [None, 1000], ids=["all", "limited"])
def test_rows_are_those_of_the_store_in_this_process(store: PooledStore, query: str, limit: int | None) -> None:
    answer = tiny.store().query(query)

    found = store.run(Question(query, rows=limit), always(None))

    assert isinstance(found, Answer)
    assert found.variables == answer.variables
    assert list(found.rows()) == list(answer.rows())


@pytest.mark.parametrize("form", SOLUTION_FORMATS, ids=lambda form: str(form.name))
@pytest.mark.parametrize("query", [SELECT, ASK], ids=["select", "ask"])
def test_results_in_every_format_are_those_of_the_store_in_this_process(
    store: PooledStore, query: str, form: ResultFormat
) -> None:
    assert written(store, query, form) == tiny.store().query(query).serialize(form)


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: str(form.name))
def test_graph_in_every_format_is_that_of_the_store_in_this_process(store: PooledStore, form: ResultFormat) -> None:
    def graph(body: bytes) -> set[ox.Triple]:
        assert isinstance(form.engine, ox.RdfFormat)
        return {quad.triple for quad in ox.parse(body, form.engine)}

    mine = tiny.store().query(CONSTRUCT).serialize(form, tiny.PREFIXES)

    assert graph(written(store, CONSTRUCT, form)) == graph(mine)


def test_no_more_rows_and_triples_are_sent_than_the_next(store: PooledStore) -> None:
    assert len(rows(store, SELECT, 3)) == 4
    assert len(rows(store, CONSTRUCT, 3)) == 4


def test_inference_and_dataset_count(store: PooledStore) -> None:
    leads = f"ASK {{ ?s <{tiny.BASE}ontology#leads> ?o }}"

    assert store.query(leads).boolean
    assert not store.query(leads, inference=False).boolean
    assert not store.query(leads, dataset=DatasetSelection((f"{tiny.BASE}graph/data",))).boolean


def test_count_and_version_are_those_of_the_dataset(store: PooledStore) -> None:
    assert (store.count(), store.version) == (tiny.store().count(), tiny.dataset().version)


def test_errors_are_those_of_the_store_in_this_process(store: PooledStore) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        store.query("SELECT ?s\nWHERE { ?s ?p")
    with pytest.raises(QueryRefused):
        store.query("ASK { SERVICE <http://x.example/> { ?s ?p ?o } }")

    assert caught.value.line == 2


def test_kind_that_can_be_had_in_no_format_is_not_acceptable(store: PooledStore) -> None:
    def choose(kind: AnswerKind) -> ResultFormat:
        if kind == "graph":
            raise NotAcceptable("no graphs")
        return SOLUTION_FORMATS[0]

    assert isinstance(store.run(Question(ASK), choose), Document)
    with pytest.raises(NotAcceptable):
        store.run(Question(CONSTRUCT), choose)


def test_long_answer_comes_in_pieces_and_may_be_left(store: PooledStore) -> None:
    found = store.run(Question("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"), always(SOLUTION_FORMATS[0]))

    assert isinstance(found, Document)
    assert len(next(iter(found.chunks))) >= 1 << 18
    found.chunks.close()  # type: ignore[attr-defined]
    assert store.query(ASK).boolean


def test_queue_that_is_full_refuses(tmp_path: Path) -> None:
    write_store(tiny.dataset(), tmp_path / "store")
    store = PooledStore.open(tmp_path / "store", Limits(processes=1, queue=1))
    found = store.run(Question("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"), always(SOLUTION_FORMATS[0]))

    with pytest.raises(StoreBusy):
        store.query(ASK)

    assert isinstance(found, Document)
    store.close()
    with pytest.raises(StoreError):
        store.query(ASK)


def test_query_like_one_that_was_ended_begins_demoted(tmp_path: Path) -> None:
    write_store(tiny.dataset(), tmp_path / "store")
    store = PooledStore.open(tmp_path / "store", Limits(processes=1))

    def begin(query: str) -> tuple[Lease, bool]:
        lease = store.pool.lease(shape_of(query), None)
        return lease, os.sched_getscheduler(lease.process.number) == os.SCHED_IDLE

    ended, *was_demoted = begin("SELECT * { ?a <http://x/> 'x' } # first")
    ended.demote()
    ended.began -= 2
    ended.close()
    for query in ("SELECT * { ?a <http://x/> ?b } #", "SELECT * { ?a <http://y/> 'y' } #", "SELECT * { ?a <> '' } #"):
        lease, is_demoted = begin(query)
        was_demoted.append(is_demoted)
        store.pool.give_back(lease, is_usable=True)  # it came to its end
    store.close()

    assert was_demoted == [False, False, True, False]


def test_query_that_is_given_up_has_none_that_is_like_it_stand_back(tmp_path: Path) -> None:
    write_store(tiny.dataset(), tmp_path / "store")
    store = PooledStore.open(tmp_path / "store", Limits(processes=2))
    popular, slow = shape_of("SELECT * { ?a <http://x/> 'x' }"), shape_of("SELECT * { ?a ?b ?c . ?d ?e ?f }")

    def ask(shape: int, *, given_up_after: float | None) -> bool:
        lease = store.pool.lease(shape, None)
        is_demoted = lease.is_demoted
        if given_up_after is None:
            store.pool.give_back(lease, is_usable=True)
        else:
            lease.demote()
            lease.began -= given_up_after
            lease.close()
        return is_demoted

    soon = [ask(slow, given_up_after=0.1), ask(slow, given_up_after=5), ask(slow, given_up_after=None)]
    ask(popular, given_up_after=None)
    others = [ask(popular, given_up_after=5) for _ in range(3)]
    store.close()

    assert soon == [False, False, True]
    assert others == [False, False, False]


def test_shapes_of_short_queries_are_told(tmp_path: Path) -> None:
    write_store(tiny.dataset(), tmp_path / "store")
    store = PooledStore.open(tmp_path / "store", Limits(processes=1))
    short: list[int] = []
    store.pool.when_short = short.append

    written(store, SELECT, SOLUTION_FORMATS[0])  # the first one may find a process that is not warm yet
    for _ in range(20):
        written(store, ASK, SOLUTION_FORMATS[0])
    lease = store.pool.lease(shape_of("slow"), None)
    time.sleep(0.03)
    store.pool.give_back(lease, is_usable=True)
    store.pool.lease(shape_of("given up"), None).close()
    store.close()

    assert shape_of(ASK) in short
    assert {shape_of("slow"), shape_of("given up")} & set(short) == set()


def test_folder_without_store_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        PooledStore.open(tmp_path / "none")


def test_store_is_served_from_disk_until_it_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_AT_ONCE", 0)
    write_store(tiny.dataset(), tmp_path / "store")
    opened = PooledStore.open(tmp_path / "store", Limits(processes=2))
    try:
        answers = {written(opened, SELECT, SOLUTION_FORMATS[0])}
        deadline = time.monotonic() + 30
        while not opened.numbers()["in_memory"] and time.monotonic() < deadline:
            answers.add(written(opened, SELECT, SOLUTION_FORMATS[0]))
        answers |= {written(opened, SELECT, SOLUTION_FORMATS[0]) for _ in range(5)}
    finally:
        in_memory = opened.numbers()["in_memory"]
        opened.close()

    assert (len(answers), in_memory) == (1, 1)
