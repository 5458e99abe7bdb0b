"""Writes over HTTP against the real server: who may, what is refused, what a reader sees."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

import small
from abckg.build import build
from abckg.dataset import DATA_GRAPH, ONTOLOGY_GRAPH
from abckg.writing.versions import Versions
from conftest import free_port
from elsewhere import listener
from faults.server import tree
from faults.waiting import settled
from faults.writing import TOKEN, UPDATE, WritableServer, plain_store, writable

FORM = "application/x-www-form-urlencoded"
GOAL = "https://w3id.org/abc-kg/id/goal/tidy-region"
ABC = "https://w3id.org/abc-kg/ontology#"
TURTLE = "text/turtle"
GRAPH = "/store?graph=urn:g"
RUNAWAY = "INSERT { <s:s> <p:p> ?n } WHERE { SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } }"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    build(small.write_small(folder / "root"), folder / "build")
    return folder / "build" / "store"


@pytest.fixture(scope="module")
def writes(store: Path) -> Iterator[WritableServer]:
    with writable(store, ABCKG_TIMEOUT="2") as started:
        yield started


def insert(number: int) -> str:
    return f"INSERT DATA {{ GRAPH <urn:g> {{ <s:s> <p:p> {number} }} }}"


@pytest.mark.parametrize("token", ["", "wrong", f"{TOKEN}x", "トークン"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/update"), ("POST", "/sparql"), ("PUT", GRAPH)])
def test_write_without_the_token_is_401(writes: WritableServer, method: str, path: str, token: str) -> None:
    reply = writes.send(method, path, b"CLEAR ALL", UPDATE, token=token.encode().decode("latin-1"))

    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"


def test_update_is_applied_in_each_way_that_the_protocol_has(writes: WritableServer) -> None:
    sent = [
        writes.update(insert(1)),
        writes.send("POST", "/update", urlencode({"update": insert(2)}).encode(), FORM),
        writes.send("POST", "/sparql", urlencode({"update": insert(3)}).encode(), FORM),
        writes.send("POST", "/sparql", insert(4).encode(), UPDATE),
    ]

    assert [reply.status for reply in sent] == [204] * 4
    assert all(reply.headers["Cache-Control"] == "no-store" for reply in sent)
    assert writes.rows("SELECT (COUNT(*) AS ?n) { GRAPH <urn:g> { <s:s> <p:p> ?n } }") == [["4"]]


def test_what_is_written_is_seen_at_once_under_another_tag(writes: WritableServer) -> None:
    path = f"/sparql?{urlencode({'query': 'SELECT ?o { GRAPH <urn:seen> { ?s ?p ?o } }'})}"
    before = writes.send("GET", path)
    assert writes.send("GET", path, If_None_Match=before.headers["ETag"]).status == 304

    writes.update("INSERT DATA { GRAPH <urn:seen> { <s:s> <p:p> 'seen' } }")
    after = writes.send("GET", path, If_None_Match=before.headers["ETag"])

    assert after.status == 200
    assert b"seen" in after.body
    assert after.headers["ETag"] != before.headers["ETag"]


def test_what_follows_is_worked_out(writes: WritableServer) -> None:
    members = f"<{ABC}lineageOutput>"
    (pair,) = writes.rows(f"SELECT ?s ?o {{ GRAPH <{DATA_GRAPH}> {{ ?s {members} ?o }} }}")
    before = writes.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")

    text = small.programme("gamma", "Gamma").encode()
    assert writes.send("POST", f"/store?graph={quote(DATA_GRAPH)}", text, TURTLE).status == 204

    after = writes.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    inferred = writes.rows(
        "SELECT ?o { GRAPH <https://w3id.org/abc-kg/graph/inferred> "
        "{ <https://w3id.org/abc-kg/id/programme/gamma> ?p ?o } }"
    )
    assert pair
    assert int(after[0][0]) == int(before[0][0]) + 4 + len(inferred)
    assert inferred


def test_write_that_violates_a_shape_is_409_in_both_languages_and_changes_nothing(writes: WritableServer) -> None:
    before = writes.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")

    reply = writes.update(f"DELETE WHERE {{ <{GOAL}> <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }}")

    assert (reply.status, reply.headers["Content-Type"]) == (409, "application/problem+json")
    problem = json.loads(reply.body)
    assert problem["total"] == len(problem["results"]) >= 1
    assert {result["focus"] for result in problem["results"]} == {f"<{GOAL}>"}
    assert problem["results"][0]["path"] == "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    assert set(problem["results"][0]["messages"]) == {"en", "ja"}
    assert writes.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == before


def test_write_that_breaks_a_rule_over_the_whole_graph_is_409_with_its_name(writes: WritableServer) -> None:
    nowhere = f"{GOAL}-nowhere"
    text = f"INSERT DATA {{ <{GOAL}> <http://www.w3.org/2004/02/skos/core#related> <{nowhere}> }}"

    reply, report = writes.update(text), writes.update(text, Accept=TURTLE)

    assert (reply.status, report.status) == (409, 409)
    told = {result["shape"]: result for result in json.loads(reply.body)["results"]}
    breach = told["<https://w3id.org/abc-kg/rules#dangling-reference>"]
    assert (breach["focus"], breach["value"]) == (f"<{GOAL}>", f"<{nowhere}>")
    assert set(breach["messages"]) == {"en", "ja"}
    assert b"rules#dangling-reference" in report.body
    assert not writes.ask(f"?s ?p <{nowhere}>")


def test_report_of_a_violation_is_had_as_turtle(writes: WritableServer) -> None:
    reply = writes.update(f"INSERT DATA {{ <urn:x> a <{ABC}Goal> }}", Accept=TURTLE)

    assert (reply.status, reply.headers["Content-Type"]) == (409, "text/turtle; charset=utf-8")
    names = {quad.predicate.value for quad in ox.parse(reply.body, ox.RdfFormat.TURTLE)}
    assert {f"http://www.w3.org/ns/shacl#{name}" for name in ("conforms", "focusNode", "resultMessage")} <= names


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("LOAD <http://127.0.0.1:1/>", 403),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403),
        (f"DROP GRAPH <{ONTOLOGY_GRAPH}>", 403),
        ("INSERT DATA { <s:s> <p:p>\n }", 400),
        (f"INSERT {{ <s:s> <p:p> 1 }} WHERE {{ {'{' * 70}{'}' * 70} }}", 403),
        ("DROP GRAPH <urn:none>", 409),
    ],
    ids=["load", "service", "ontology", "syntax", "nesting", "missing"],
)
def test_update_that_cannot_be_applied_says_why(writes: WritableServer, text: str, status: int) -> None:
    reply = writes.update(text)

    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json")
    assert reply.json()["detail"]


def test_operations_of_an_update_are_applied_all_or_none(writes: WritableServer) -> None:
    reply = writes.update("INSERT DATA { GRAPH <urn:half> { <s:s> <p:p> 1 } } ; DROP GRAPH <urn:none>")

    assert reply.status == 409
    assert not writes.ask("GRAPH <urn:half> { ?s ?p ?o }")


def test_update_that_runs_away_is_ended_and_nothing_is_left_of_it(writes: WritableServer) -> None:
    processes = len(tree(writes.process.pid))
    started = time.monotonic()

    reply = writes.update(RUNAWAY)

    assert (reply.status, bool(reply.headers["Retry-After"])) == (504, True)
    assert time.monotonic() - started < 8  # the limit is 2; the machine may be busy
    settled(lambda: len(tree(writes.process.pid)) <= processes)
    assert writes.update(insert(5)).status == 204


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/update?timeout=0.4", UPDATE), ("/sparql?timeout=0.4", UPDATE), ("/update", FORM)],
    ids=["address", "endpoint", "form"],
)
def test_update_may_set_a_shorter_limit_and_is_ended_at_it(writes: WritableServer, path: str, media_type: str) -> None:
    text = f"INSERT DATA {{ GRAPH <urn:g> {{ <s:s> <p:before> 1 }} }} ; {RUNAWAY}"
    body = text if media_type == UPDATE else urlencode({"update": text, "timeout": "0.4"})
    started = time.monotonic()

    reply = writes.send("POST", path, body.encode(), media_type)
    seconds = time.monotonic() - started

    assert (reply.status, reply.headers["Content-Type"]) == (504, "application/problem+json")
    assert bool(reply.headers["Retry-After"])
    assert seconds < 1.9  # before the limit of the server, which is 2
    assert not writes.ask("GRAPH <urn:g> { ?s <p:before> ?o }")
    assert writes.update(insert(12)).status == 204


def test_limit_of_a_write_holds_for_all_of_it_and_none_is_longer_than_that_of_the_server(
    writes: WritableServer,
) -> None:
    at_once = [
        writes.send("POST", "/update?timeout=0.001", insert(13).encode(), UPDATE),
        writes.send("PUT", f"{GRAPH}&timeout=0.001", b"<s:s> <p:p> 13 .", TURTLE),
        writes.send("DELETE", f"{GRAPH}&timeout=0.001"),
    ]
    started = time.monotonic()
    longer = writes.send("POST", "/update?timeout=60", RUNAWAY.encode(), UPDATE)

    assert [reply.status for reply in (*at_once, longer)] == [504] * 4
    assert time.monotonic() - started < 20  # the limit is 2; the machine may be busy
    assert writes.send("POST", "/update?timeout=20", insert(14).encode(), UPDATE).status == 204
    assert writes.send("POST", "/update?timeout=soon", insert(14).encode(), UPDATE).status == 400
    assert not writes.ask("?s <p:p> 13")


def test_body_over_the_limit_is_413_and_one_over_that_of_queries_is_not(writes: WritableServer) -> None:
    triples = "".join(f"<urn:{number}> <p:p> {number} .\n" for number in range(12_000)).encode()

    assert writes.send("PUT", "/store?graph=urn:large", triples, TURTLE).status == 201
    with socket.create_connection(("127.0.0.1", writes.port)) as connection:
        head = f"POST /update HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {UPDATE}\r\n"
        connection.sendall(f"{head}Content-Length: 20000000\r\n\r\n".encode())
        assert connection.recv(20).startswith(b"HTTP/1.1 413")


def test_version_that_nobody_uses_is_deleted_and_one_in_use_is_not(store: Path, writes: WritableServer) -> None:
    folder = Versions(store).folder
    long = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with socket.create_connection(("127.0.0.1", writes.port)) as connection:
        connection.sendall(f"GET /sparql?{urlencode({'query': long})} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.5)
        assert writes.update(insert(6)).status == 204
        held = [path for path in folder.iterdir() if path.is_dir()]

        assert connection.recv(20).startswith(b"HTTP/1.1 504")  # it went on to its own end

    assert len(held) == 2
    settled(lambda: len([path for path in folder.iterdir() if path.is_dir()]) == 1, seconds=20)


def test_readers_are_answered_while_writes_go_on_and_see_whole_versions(writes: WritableServer) -> None:
    seen: list[list[list[str]]] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            seen.append(writes.rows("SELECT ?n (COUNT(*) AS ?c) { GRAPH <urn:whole> { ?s <p:p> ?n } } GROUP BY ?n"))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(4):
        triples = " ".join(f"<urn:{place}> <p:p> {number} ." for place in range(50)).encode()
        assert writes.send("PUT", "/store?graph=urn:whole", triples, TURTLE).status in (201, 204)
    is_over.set()
    reader.join()

    assert len(seen) >= 4
    assert all(rows == [] or (len(rows) == 1 and rows[0][1] == "50") for rows in seen)


def test_remote_context_is_refused_and_nobody_is_asked(writes: WritableServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/context.jsonld"
        bodies: list[dict[str, object]] = [
            {"@context": address},
            {"@context": {"@import": address}},
            {"@context": [{}, address]},
        ]
        replies = [writes.send("PUT", GRAPH, json.dumps(body).encode(), "application/ld+json") for body in bodies]
        writes.update(f"LOAD <{address}>")
        listener.settimeout(0.3)
        with pytest.raises(TimeoutError):
            listener.accept()

    assert [reply.status for reply in replies] == [400] * 3
    assert all(b"fetches nothing" in reply.body for reply in replies)


DEEP = 40_000
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
RDFXML = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:p='p:'>"
HOSTILE = {
    "lists": (TURTLE, f"<s:s> <p:p> {'(' * 5_000}{')' * 5_000} ."),
    "triple-terms": (TURTLE, f"<s:s> <p:p> {'<<( <a:a> <b:b> ' * DEEP}1{' )>>' * DEEP} ."),
    "triple-terms-in-lines": (
        "application/n-triples",
        f"<s:s> <p:p> {'<<( <a:a> <b:b> ' * DEEP}<c:c>{' )>>' * DEEP} .",
    ),
    "json": ("application/ld+json", '{"@id":"a:a","p:p":' * DEEP + "1" + "}" * DEEP),
    "contexts": ("application/ld+json", f'{{"@context":{"[" * DEEP}{"]" * DEEP}}}'),
    "xml": (
        "application/rdf+xml",
        f"{RDFXML}{'<rdf:Description><p:p>' * DEEP}{'</p:p></rdf:Description>' * DEEP}</rdf:RDF>",
    ),
    "entities": (
        "application/rdf+xml",
        f'<!DOCTYPE rdf:RDF [<!ENTITY a0 "ha">{LAUGHS}]>{RDFXML}<rdf:Description p:p="&a9;"/></rdf:RDF>',
    ),
}


@pytest.mark.parametrize(("media_type", "body"), HOSTILE.values(), ids=HOSTILE)
def test_body_that_nests_or_grows_without_end_costs_its_own_write_only(
    writes: WritableServer, media_type: str, body: str
) -> None:
    reply = writes.send("PUT", "/store?graph=urn:hostile", body.encode(), media_type)

    assert reply.status in (201, 204, 400, 503, 504)
    assert reply.status < 300 or reply.headers["Content-Type"] == "application/problem+json"
    assert writes.update(insert(15)).status == 204
    assert writes.send("DELETE", "/store?graph=urn:hostile").status in (204, 404)


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ <s:s> <p:p> {'(' * DEEP}1{')' * DEEP} }}",
        f"DELETE {{ ?s ?p ?o }} WHERE {{ {'{' * DEEP}{'}' * DEEP} }}",
        f"CLEAR ALL ; {'{' * DEEP}",
        f"INSERT DATA {{ <s:s> <p:p> {'<<( <a:a> <b:b> ' * DEEP}1{' )>>' * DEEP} }}",
        f"INSERT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o FILTER({'!' * DEEP}true) }}",
    ],
    ids=["data", "pattern", "unfinished", "triple-terms", "operators"],
)
def test_update_that_could_overflow_a_stack_is_refused(writes: WritableServer, text: str) -> None:
    reply = writes.update(text)

    assert (reply.status, reply.headers["Content-Type"]) in ((s, "application/problem+json") for s in (400, 403))
    assert writes.ask("?s ?p ?o")


@pytest.mark.parametrize("silent", ["", "SILENT"])
@pytest.mark.parametrize(
    "text",
    [
        "LOAD {0} <{1}>",
        "LOAD {0} <{1}> INTO GRAPH <urn:g>",
        "CLEAR GRAPH <urn:g> ; LOAD {0} <{1}>",
        "PREFIX far: <{1}> LOAD {0} far:x",
        "# <\nLOAD {0} <file:///etc/passwd>",
        "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE {0} <{1}> {{ ?s ?p ?o }} }}",
        "INSERT {{ ?s ?p ?o }} WHERE {{ {{ SELECT * {{ OPTIONAL {{ SERVICE {0} <{1}> {{ ?s ?p ?o }} }} }} }} }}",
        "INSERT {{ ?s ?p ?o }} WHERE {{ VALUES ?far {{ <{1}> }} SERVICE {0} ?far {{ ?s ?p ?o }} }}",
        "INSERT {{ ?s ?p ?o }} WHERE {{ FILTER NOT EXISTS {{ SERV\\u0049CE {0} <{1}> {{ ?s ?p ?o }} }} }}",
    ],
)
def test_update_that_would_fetch_is_refused_silent_or_not_and_nobody_is_asked(
    writes: WritableServer, text: str, silent: str
) -> None:
    assert writes.update(insert(16)).status == 204
    with listener() as nobody:
        reply = writes.update(text.format(silent, f"http://127.0.0.1:{nobody.port}/"))

        assert reply.status in (400, 403)
        assert nobody.calls() == 0
    assert writes.ask("GRAPH <urn:g> { <s:s> <p:p> 16 }")


def test_address_of_any_length_is_refused_or_answered_and_nothing_breaks(writes: WritableServer) -> None:
    for length in (1_000, 20_000, 60_000, 300_000):
        for path in (f"/store/{'x' * length}", f"/update?{'x' * length}", f"/id/{'x/' * (length // 2)}"):
            reply = writes.send("GET", path)
            assert 400 <= reply.status < 500, (path[:9], length)
    assert writes.ask("?s ?p ?o")


def test_graph_is_guarded_by_its_tag(writes: WritableServer) -> None:
    path = "/store?graph=urn:guarded"
    assert writes.send("PUT", path, b"<s:s> <p:p> 1 .", TURTLE, If_Match="*").status == 412
    assert writes.send("PUT", path, b"<s:s> <p:p> 1 .", TURTLE, If_None_Match="*").status == 201
    assert writes.send("PUT", path, b"<s:s> <p:p> 2 .", TURTLE, If_None_Match="*").status == 412
    first = writes.send("GET", path, Accept=TURTLE).headers["ETag"]
    assert writes.send("GET", path, Accept=TURTLE, If_None_Match=first).status == 304
    writes.update(insert(7))  # of another graph

    assert writes.send("PUT", path, b"<s:s> <p:p> 3 .", TURTLE, If_Match=first).status == 204
    assert writes.send("PUT", path, b"<s:s> <p:p> 4 .", TURTLE, If_Match=first).status == 412
    assert writes.send("DELETE", path, If_Match=first).status == 412
    assert writes.send("GET", path, Accept="application/n-triples").body.split()[2].startswith(b'"3"')
    assert not first.startswith("W/")


@pytest.mark.parametrize(
    ("media_type", "body", "place"),
    [
        (TURTLE, b"<s:s> <p:p>\n .", (2, 2)),
        ("application/n-quads", b"<s:s> <p:p> <o:o> <urn:another> .", None),
        ("application/rdf+xml", b"<rdf>", None),
    ],
)
def test_malformed_graph_is_400_with_its_place(
    writes: WritableServer, media_type: str, body: bytes, place: tuple[int, int] | None
) -> None:
    reply = writes.send("PUT", GRAPH, body, media_type)

    assert reply.status == 400
    assert place is None or (reply.json()["line"], reply.json()["column"]) == place


def test_other_requests_of_the_graph_store_get_their_status(writes: WritableServer) -> None:
    assert writes.send("PUT", GRAPH, b"x", "text/html").status == 415
    assert writes.send("PUT", GRAPH, b"x", "").status == 415
    assert writes.send("PUT", GRAPH, b"x", f"{TURTLE}; charset=utf-16").status == 415
    assert writes.send("PATCH", GRAPH, b"CLEAR ALL", UPDATE).status == 405
    assert writes.send("DELETE", "/store?graph=urn:none").status == 404
    assert writes.send("GET", "/store?graph=relative").status == 400
    assert writes.send("GET", "/store?default&graph=urn:g").status == 400
    assert writes.send("GET", "/store?default", Accept="image/png").status == 406
    options = writes.send("OPTIONS", "/store", token="")
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"}


def test_writer_that_is_killed_is_replaced_and_nothing_is_lost(writes: WritableServer) -> None:
    def writer() -> int:
        for number in tree(writes.process.pid):
            # One of the processes of a version before may end meanwhile.
            with contextlib.suppress(OSError):
                if b"abckg.writing.writer" in Path(f"/proc/{number}/cmdline").read_bytes():
                    return number
        raise AssertionError("there is no writer")

    assert writes.update(insert(9)).status == 204
    os.kill(writer(), signal.SIGKILL)

    statuses = [writes.update(insert(number)).status for number in (10, 11)]

    assert statuses[0] in (204, 503)
    assert statuses[1] == 204
    assert writes.ask("GRAPH <urn:g> { <s:s> <p:p> 9, 11 }")


def test_page_of_another_site_cannot_write(writes: WritableServer) -> None:
    origin = "http://elsewhere.example"
    reply = writes.send("OPTIONS", "/store", Origin=origin, Access_Control_Request_Headers="authorization")

    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert "authorization" not in reply.headers["Access-Control-Allow-Headers"].lower()
    assert "PUT" not in reply.headers["Access-Control-Allow-Methods"]


def test_writes_are_described_and_counted(writes: WritableServer) -> None:
    description = writes.send("GET", "/sparql", Accept="application/n-triples", token="").body.decode()
    writes.update(insert(8))
    metrics = writes.send("GET", "/metrics", token="").body.decode()

    assert "SPARQL11Update" in description
    assert f"http://127.0.0.1:{writes.port}/update" in description
    assert 'abckg_writes_total{kind="update",status="204"}' in metrics
    assert 'abckg_writes_total{kind="put",status="401"}' in metrics or "put" in metrics


def test_second_server_on_the_same_store_does_not_start(store: Path, writes: WritableServer) -> None:
    assert writes.ask("?s ?p ?o")
    command = [sys.executable, "-m", "abckg", "serve", "--store", str(store), "--port", str(free_port())]

    ended = subprocess.run(
        command, env={**os.environ, "ABCKG_TOKEN": TOKEN}, capture_output=True, timeout=60, check=False
    )

    assert ended.returncode == 2
    assert b"another server writes" in ended.stderr


@pytest.mark.parametrize(
    "framing", ["Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"], ids=["length", "chunks"]
)
@pytest.mark.parametrize("request_line", ["PUT /store?graph=urn:half", "POST /store?graph=urn:half", "POST /update"])
def test_write_whose_client_leaves_in_the_middle_changes_nothing(
    writes: WritableServer, request_line: str, framing: str
) -> None:
    kind, body = (
        (UPDATE, insert(77).replace("urn:g", "urn:half")) if "update" in request_line else (TURTLE, "<s:s> <p:p> 77 .")
    )
    sent = f"{len(body):x}\r\n{body}\r\n" if "chunked" in framing else body
    head = f"{request_line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {kind}\r\n{framing}"

    with socket.create_connection(("127.0.0.1", writes.port), timeout=20) as connection:
        connection.sendall(f"{head}{sent}".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer[:12] in (b"HTTP/1.1 400", b"")
    assert writes.rows("SELECT (COUNT(*) AS ?n) { GRAPH <urn:half> { ?s ?p ?o } }") == [["0"]]


def test_write_in_chunks_is_refused_where_nobody_could_tell_that_some_are_missing(tmp_path: Path) -> None:
    with writable(plain_store(tmp_path / "build"), ABCKG_LANES="0") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": TURTLE}
        connection.request("PUT", "/store?graph=urn:half", iter([b"<s:s> <p:p> 77 ."]), headers, encode_chunked=True)
        assert connection.getresponse().status == 411
        connection.close()


def test_write_in_chunks_is_stored_where_all_came(writes: WritableServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", writes.port, timeout=20)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": TURTLE}
    connection.request("PUT", "/store?graph=urn:chunks", iter([b"<s:s> <p:p>", b" 77 ."]), headers, encode_chunked=True)
    assert connection.getresponse().status == 201
    connection.close()
    assert writes.rows("SELECT ?n { GRAPH <urn:chunks> { ?s ?p ?n } }") == [["77"]]
    assert writes.send("DELETE", "/store?graph=urn:chunks").status == 204
