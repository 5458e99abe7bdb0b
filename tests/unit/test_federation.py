"""SERVICE for endpoints on a list: the same answers as by the definition, and nobody else is asked."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abckg.errors import AbckgError, QueryRefused, QuerySyntaxError
from abckg.federation.addresses import AllowList
from abckg.federation.elsewhere import Bounds, Elsewhere, ElsewhereError, Unbounded
from abckg.federation.federation import Federation
from abckg.store import EmbeddedStore
from elsewhere import Behaviour, answering, fake, federation, listener, reply, rows

X = "http://x.example/"
P = f"PREFIX : <{X}>\n"


def graph(*triples: tuple[str, str, str | int]) -> ox.Store:
    store = ox.Store()
    for subject, predicate, value in triples:
        term = ox.NamedNode(X + value) if isinstance(value, str) else ox.Literal(value)
        store.add(ox.Quad(ox.NamedNode(X + subject), ox.NamedNode(X + predicate), term))
    return store


HERE = graph(("a", "knows", "b"), ("a", "knows", "c"), ("b", "knows", "c"), ("d", "knows", "a"))
FAR = graph(("b", "age", 3), ("c", "age", 5), ("c", "age", 6), ("e", "age", 7), ("c", "likes", "a"))


def federated(store: ox.Store, federation: Federation) -> EmbeddedStore:
    found = EmbeddedStore(store, "x")
    found.federate = federation
    return found


def asked(query: str, behaviour: Behaviour, **more: int) -> list[dict[str, str | None]]:
    with fake(behaviour) as far:
        store = federated(HERE, federation(f"http://far.example:{far.port}/", most=more.get("most", 10_000)))
        answer = store.query(P + query.replace("FAR", f"<{far.url}>"))
        return [dict(zip(answer.variables, map(str, row), strict=True)) for row in answer.rows()]


def by_definition(query: str) -> list[dict[str, str | None]]:
    """Answer over one store with the other one in a named graph, GRAPH in the place of SERVICE."""
    both = ox.Store()
    both.extend(HERE)
    far = ox.NamedNode(f"{X}far")
    both.extend(ox.Quad(quad.subject, quad.predicate, quad.object, far) for quad in FAR)
    text = query.replace("SERVICE SILENT FAR", "GRAPH :far").replace("SERVICE FAR", "GRAPH :far")
    answer = EmbeddedStore(both, "x").query(P + text)
    return [dict(zip(answer.variables, map(str, row), strict=True)) for row in answer.rows()]


WORDS = ["SERVICE", "SILENT", "{", "}", "<http://127.0.0.1:9/>", "?x", "ex:y", "'", '"', "#", "\n", "\\u0053ERVICE"]
WORDS += ["GRAPH", "EXISTS", "FILTER", "(", ")", "SELECT *", "PREFIX ex: <http://127.0.0.1:9/>", "<<", "?a ?b ?c ."]
SHAPES = [
    "SELECT ?s ?n { ?s :knows ?o . SERVICE FAR { ?o :age ?n } }",
    "SELECT * { SERVICE FAR { ?o :age ?n FILTER(?n > 4) } ?s :knows ?o }",
    "SELECT * { ?s :knows ?o OPTIONAL { SERVICE FAR { ?o :age ?n } } }",
    "SELECT * { ?s :knows ?o OPTIONAL { SERVICE FAR { ?o :age ?n } FILTER(?s = :a) } }",
    "SELECT * { { ?s :knows ?o } UNION { SERVICE FAR { ?s :age ?o } } }",
    "SELECT * { ?s :knows ?o MINUS { SERVICE FAR { ?o :age 5 } } }",
    "SELECT (SUM(?n) AS ?sum) { ?s :knows ?o { SELECT ?o ?n { SERVICE FAR { ?o :age ?n } } } }",
    "SELECT * { SERVICE SILENT FAR { ?o :age ?n OPTIONAL { ?o :likes ?s } } ?s :knows ?o }",
    "SELECT * { ?s :knows ?o SERVICE FAR { } }",
    "SELECT * { SERVICE FAR { :c :likes :a } ?s :knows ?o }",
    "SELECT ?n { SERVICE FAR { SELECT ?n { ?x :age ?n } ORDER BY ?n LIMIT 2 } }",
    "SELECT * { SERVICE FAR { ?o :age ?n } SERVICE FAR { ?o :likes ?s } ?s :knows ?o }",
    "SELECT ?s { ?s :knows ?o BIND(1 AS ?one) SERVICE FAR { ?o :age ?n } FILTER(?n + ?one > 5) } ORDER BY ?s",
]


@pytest.mark.parametrize("query", SHAPES)
def test_answers_are_those_by_the_definition(query: str) -> None:
    found, expected = asked(query, answering(FAR)), by_definition(query)

    assert expected
    assert sorted(map(str, found)) == sorted(map(str, expected))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s :knows ?where SERVICE ?where { ?a ?b ?c } }",
        "SELECT * { SERVICE FAR { SERVICE FAR { ?a ?b ?c } } }",
        "SELECT * { GRAPH ?g { SERVICE FAR { ?a ?b ?c } } }",
        "ASK { ?s ?p ?o FILTER EXISTS { SERVICE FAR { ?s ?b ?c } } }",
        "ASK { ?s ?p ?o FILTER(NOT EXISTS { { SELECT * { SERVICE FAR { ?s ?b ?c } } } }) }",
        "SELECT * { SERVICE <http://far.example.evil.example/> { ?a ?b ?c } }",
        "SELECT * { SERVICE <http://near.example/> { ?a ?b ?c } }",
        "SELECT * { SERVICE SILENT <http://unlisted.example/> { ?a ?b ?c } }",
        "SELECT * { SERVICE FAR { ?a ?b ?c } SERVICE SILENT <http://unlisted.example/> { ?a ?b ?c } }",
        "SELECT * { SERVICE FAR { ?a ?b '\\u0041' } }",
        "SELECT * { " + "SERVICE FAR { ?a ?b ?c } " * 5 + "}",
        "SELECT * { SERVICE FAR { ?a ?b ?c }",
        "SELECT * { SERVICE FAR { ?a ?b } }",
        "SELECT * { SERVICE FAR { ?a ?b ?c } } } SELECT * { {",
    ],
)
def test_what_cannot_be_answered_so_is_refused_and_nobody_is_asked(query: str) -> None:
    with fake(answering(FAR)) as far:
        prefixes = (f"http://far.example:{far.port}/", "http://near.example/")
        store = federated(HERE, federation(*prefixes))
        with pytest.raises((QueryRefused, QuerySyntaxError)):
            store.query(P + query.replace("FAR", f"<{far.url}>"))

        assert far.queries == []


def test_host_that_has_one_address_inside_is_refused_even_if_silent() -> None:
    store = federated(HERE, federation("http://both.example/"))

    with pytest.raises(QueryRefused, match="public internet"):
        store.query("SELECT * { SERVICE SILENT <http://both.example/> { ?a ?b ?c } }")


def test_production_path_refuses_the_loopback_interface_without_a_connection() -> None:
    with listener() as nobody:
        for host in ("127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433"):
            url = f"http://{host}:{nobody.port}/"
            store = federated(HERE, Federation(Elsewhere(AllowList([url]))))
            with pytest.raises(QueryRefused, match="public internet"):
                store.query(f"SELECT * {{ SERVICE <{url}> {{ ?a ?b ?c }} }}")

        assert nobody.calls() == 0


def redirecting(to: str, status: int = 302) -> Behaviour:
    return lambda handler, _: reply(handler, b"", status, Location=to)


def test_redirect_is_followed_where_it_may_be() -> None:
    with fake(answering(FAR)) as far, fake(redirecting(far.url, 307)) as first:
        prefixes = [f"http://far.example:{port}/" for port in (far.port, first.port)]
        store = federated(HERE, federation(*prefixes))
        rows_found = list(store.query(f"{P}SELECT * {{ SERVICE <{first.url}> {{ ?o :age 7 }} }}").rows())

    assert [str(row[0]) for row in rows_found] == [f"<{X}e>"]


@pytest.mark.parametrize(
    "to", ["http://unlisted.example/", "http://10.0.0.1/", "file:///etc/passwd", "//unlisted.example/"]
)
def test_redirect_to_anybody_else_is_refused_even_if_silent(to: str) -> None:
    with pytest.raises(QueryRefused):
        asked("SELECT * { SERVICE SILENT FAR { ?a ?b ?c } }", redirecting(to))


@pytest.mark.parametrize("host", ["near.example", "both.example"])
def test_redirect_to_a_listed_host_inside_the_network_is_refused_even_if_silent(host: str) -> None:
    with fake(redirecting(f"http://{host}/sparql")) as far:
        store = federated(HERE, federation(far.prefix, f"http://{host}/"))
        with pytest.raises(QueryRefused, match="public internet"):
            store.query(f"SELECT * {{ SERVICE SILENT <{far.url}> {{ ?a ?b ?c }} }}")


def fickle(prefix: str, *answers: str) -> tuple[EmbeddedStore, list[str]]:
    """Return a store for which the name of the endpoint resolves otherwise each time, and the answers not yet given."""
    left = list(answers)
    client = Elsewhere(
        AllowList([prefix]), resolve=lambda *_: [left.pop(0)], is_permitted=lambda address: address == "127.0.0.1"
    )
    return federated(HERE, Federation(client)), left


def test_name_that_resolves_otherwise_the_second_time_is_resolved_once_and_leads_where_it_was_looked_at() -> None:
    with fake(answering(FAR)) as far:
        store, left = fickle(far.prefix, "127.0.0.1", "10.0.0.1")
        found = list(store.query(f"{P}SELECT * {{ SERVICE <{far.url}> {{ ?o :age 7 }} }}").rows())

    assert [str(row[0]) for row in found] == [f"<{X}e>"]
    assert left == ["10.0.0.1"]


def test_name_that_resolves_inside_the_network_after_a_redirect_is_refused() -> None:
    with fake(redirecting("/other", 307)) as far:
        store, left = fickle(far.prefix, "127.0.0.1", "10.0.0.1")
        with pytest.raises(QueryRefused, match="public internet"):
            store.query(f"SELECT * {{ SERVICE SILENT <{far.url}> {{ ?a ?b ?c }} }}")

        assert (left, len(far.queries)) == ([], 1)


def test_redirects_without_end_are_not_followed() -> None:
    with pytest.raises(ElsewhereError, match="redirects"):
        asked("SELECT * { SERVICE FAR { ?a ?b ?c } }", redirecting("/sparql"))


def broken(handler: BaseHTTPRequestHandler, _: str) -> None:
    reply(handler, b'{"head"', Content_Length="1000")
    handler.close_connection = True


BAD: dict[str, Behaviour] = {
    "status": lambda handler, _: reply(handler, b"{}", 500),
    "type": lambda handler, _: reply(handler, b"<html>", Content_Type="text/html"),
    "coding": lambda handler, _: reply(handler, b"{}", Content_Encoding="gzip"),
    "syntax": lambda handler, _: reply(handler, b"{"),
    "boolean": lambda handler, _: reply(handler, b'{"head":{},"boolean":true}'),
    "broken": broken,
    "injected": rows({"s": {"type": "uri", "value": "http://x> } SERVICE <http://y"}}),
}


@pytest.mark.parametrize("behaviour", BAD.values(), ids=BAD.keys())
def test_answer_that_is_none_is_an_error_or_one_empty_solution_if_silent(behaviour: Behaviour) -> None:
    with pytest.raises(ElsewhereError):
        asked("SELECT ?s { SERVICE FAR { ?s ?p ?o } }", behaviour)

    assert asked("SELECT ?s { SERVICE SILENT FAR { ?s ?p ?o } }", behaviour) == [{"s": "None"}]


def test_more_rows_or_bytes_than_are_read_is_an_error_even_if_silent() -> None:
    many = rows(*[{"s": {"type": "literal", "value": "x"}}] * 11)
    huge: Behaviour = lambda handler, _: reply(handler, b" " * (9 << 20))  # noqa: E731

    assert len(asked("SELECT ?s { SERVICE FAR { ?s ?p ?o } }", many, most=11)) == 11
    for behaviour in (many, huge):
        with pytest.raises(Unbounded):
            asked("SELECT ?s { SERVICE SILENT FAR { ?s ?p ?o } }", behaviour, most=10)


def test_blank_nodes_in_an_answer_are_refused() -> None:
    with pytest.raises(QueryRefused, match="blank"):
        asked("SELECT ?s { SERVICE FAR { ?s ?p ?o } }", rows({"s": {"type": "bnode", "value": "b"}}))


def trickling(handler: BaseHTTPRequestHandler, _: str) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/sparql-results+json")
    handler.end_headers()
    try:
        for _piece in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        pass


def hesitating(handler: BaseHTTPRequestHandler, _: str) -> None:
    try:
        for letter in "HTTP/1.1 200 OK\r\n" + "X-Header: x\r\n" * 50:
            handler.wfile.write(letter.encode())
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.parametrize("behaviour", [trickling, hesitating], ids=["body", "headers"])
def test_answer_that_trickles_is_given_up_in_time(behaviour: Behaviour) -> None:
    with fake(behaviour) as far:
        store = federated(HERE, federation(f"http://far.example:{far.port}/", bounds=Bounds(seconds=0.5)))
        started = time.monotonic()
        with pytest.raises(ElsewhereError):
            store.query(f"SELECT * {{ SERVICE <{far.url}> {{ ?a ?b ?c }} }}")

        assert time.monotonic() - started < 3


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_literal_comes_through_as_it_is(text: str) -> None:
    term = ox.Literal(text)
    (found,) = asked("SELECT ?s { SERVICE FAR { ?s ?p ?o } }", rows({"s": {"type": "literal", "value": text}}))

    assert found["s"] == str(term)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_no_arrangement_of_words_gets_past(words: list[str]) -> None:
    """The engine would fail to connect to port 9, with an error that says so: it must not be asked to."""
    text = "PREFIX ex: <http://127.0.0.1:9/> SELECT * { " + " ".join(words) + " }"
    for store in (
        EmbeddedStore(ox.Store(), "x"),
        federated(ox.Store(), federation("http://far.example/")),
    ):
        try:
            list(store.query(text).rows())
        except AbckgError as fault:
            assert "port" not in str(fault)  # noqa: PT017 - any other error is right
