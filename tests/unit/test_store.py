"""The store interface, embedded and over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from werkzeug.serving import make_server

import tiny
from abckg.errors import QueryRefused, QuerySyntaxError, StoreError
from abckg.formats import GRAPH_FORMATS, SOLUTION_FORMATS, formats_for
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.store import DatasetSelection, EmbeddedStore, RemoteStore, Store, write_store
from abckg.web.application import create_app

COINS = ox.NamedNode(f"{tiny.BASE}id/hub/coins")
LEADS = f"ASK {{ <{tiny.BASE}id/organization/tohoku> <{tiny.BASE}ontology#leads> {COINS} }}"
LABELS = (
    f"SELECT ?label ?none WHERE {{ {COINS} <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }} ORDER BY ?label"
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    app = create_app(tiny.store(), Settings(), Catalogue([]))
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sparql"
    server.shutdown()
    thread.join()


@pytest.fixture(params=["memory", "disk", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path, endpoint: str) -> Store:
    if request.param == "memory":
        return tiny.store()
    if request.param == "remote":
        return RemoteStore(endpoint)
    write_store(tiny.dataset(), tmp_path / "store")
    return EmbeddedStore.open(tmp_path / "store")


def test_select_gives_rows_as_long_as_its_variables(store: Store) -> None:
    answer = store.query(LABELS)

    assert (answer.kind, answer.variables) == ("solutions", ("label", "none"))
    assert list(answer.rows()) == [
        (ox.Literal("COINS", language="en"), None),
        (ox.Literal("スマートライフケア拠点", language="ja"), None),
    ]


def test_ask_gives_a_boolean(store: Store) -> None:
    answer = store.query(LEADS)

    assert (answer.kind, answer.boolean) == ("boolean", True)


def test_construct_gives_triples(store: Store) -> None:
    answer = store.query(f"CONSTRUCT WHERE {{ {COINS} a ?class }}")

    assert answer.kind == "graph"
    assert {triple.object for triple in answer.triples()} == {
        ox.NamedNode(f"{tiny.BASE}ontology#Hub"),
        ox.NamedNode(f"{tiny.BASE}ontology#Collaboration"),
    }


def test_without_inference_only_what_is_stated_answers(store: Store) -> None:
    assert not store.query(LEADS, inference=False).boolean


def test_dataset_of_the_request_overrides_that_of_the_query(store: Store) -> None:
    graph = f"{tiny.BASE}graph/inferred"

    answer = store.query("SELECT * FROM <http://g.example/> WHERE { ?s ?p ?o }", dataset=DatasetSelection((graph,)))

    assert len(list(answer.rows())) == 2


def test_graph_that_the_dataset_does_not_have_is_empty(store: Store) -> None:
    assert not store.query("ASK { GRAPH <http://unknown.example/> { ?s ?p ?o } }").boolean


def test_count_is_that_of_the_default_graph(store: Store) -> None:
    data = tiny.dataset()

    assert store.count() == len({*data.ontology, *data.data, *data.inferred})


def test_syntax_error_has_line_and_column(store: Store) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        store.query("SELECT ?s\nWHERE { ?s ?p")

    assert caught.value.line == 2


@pytest.mark.parametrize("query", ["CLEAR ALL", "ASK { SERVICE <http://x.example/> { ?s ?p ?o } }"])
def test_updates_and_service_are_refused(store: Store, query: str) -> None:
    with pytest.raises(QueryRefused):
        store.query(query)


@pytest.mark.parametrize("query", [LABELS, LEADS, "CONSTRUCT WHERE { ?s ?p ?o }"], ids=["select", "ask", "construct"])
def test_every_answer_is_written_in_every_format_of_its_kind(store: Store, query: str) -> None:
    kind = store.query(query).kind

    for form in formats_for(kind):
        assert store.query(query).serialize(form, tiny.PREFIXES)


def test_turtle_declares_the_prefixes_it_uses_and_no_others() -> None:
    answer = tiny.store().query(f"CONSTRUCT WHERE {{ {COINS} a ?class }}")

    text = answer.serialize(GRAPH_FORMATS[0], tiny.PREFIXES).decode()

    assert "hub:coins a abc:" in text
    assert "organization:" not in text


def test_answer_read_in_another_thread_is_an_error_and_not_a_crash() -> None:
    answer = tiny.store().query(LABELS)
    faults: list[Exception] = []

    def read() -> None:
        try:
            answer.serialize(SOLUTION_FORMATS[0])
        except StoreError as fault:
            faults.append(fault)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()

    assert len(faults) == 1


def test_version_is_that_of_the_content(tmp_path: Path) -> None:
    write_store(tiny.dataset(), tmp_path / "store")

    assert EmbeddedStore.open(tmp_path / "store").version == tiny.store().version == tiny.dataset().version


def test_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="abckg build"):
        EmbeddedStore.open(tmp_path / "nothing")


def test_server_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(StoreError, match="does not answer"):
        RemoteStore("http://127.0.0.1:1/sparql", timeout=1).query(LEADS)
