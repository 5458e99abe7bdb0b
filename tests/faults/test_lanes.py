"""Short queries are answered where their connection is, and nothing is lost where that cannot be."""

from __future__ import annotations

import http.client
import json
import math
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from abckg.pool.shapes import shape_of
from abckg.web.lanes.board import Board
from faults.server import LIMIT, Server, name_of, running, tree
from faults.waiting import settled
from faults.writing import plain_store, writable

X = "http://x.example/"
QUICK = f"SELECT ?o {{ <{X}node/1> <{X}near> ?o }}"
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LARGE = "SELECT * { ?a ?b ?c } LIMIT 700"
FORM = "application/x-www-form-urlencoded"
JSON = {"Accept": "application/sparql-results+json"}


def path(query: str, **more: str) -> str:
    return f"/sparql?{urlencode({'query': query, **more})}"


@contextmanager
def connected(server: Server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def get(connection: http.client.HTTPConnection, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection.request("GET", target, headers={**JSON, **headers})
    with connection.getresponse() as response:
        return response.status, dict(response.headers), response.read()


@contextmanager
def halted(processes: list[int]) -> Iterator[None]:
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def test_short_query_needs_no_query_process(server: Server) -> None:
    with halted(server.workers()), connected(server) as connection:
        assert get(connection, path(QUICK))[0] == 200
        connection.request("POST", "/sparql", urlencode({"query": QUICK}), {"Content-Type": FORM, **JSON})
        assert connection.getresponse().status == 200


def test_pages_queries_and_errors_share_a_connection(server: Server) -> None:
    targets = ["/", path(QUICK), "/nowhere", path(QUICK), path("SELECT"), path(QUICK), path(LARGE), path(QUICK)]

    with connected(server) as connection:
        statuses = [get(connection, target)[0] for target in targets * 2]
        used = connection.sock

    assert statuses == [200, 200, 404, 200, 400, 200, 200, 200] * 2
    assert used is not None


def test_requests_sent_ahead_are_answered_in_order(server: Server) -> None:
    queries = [f"SELECT ?n {{ VALUES ?n {{ {number} }} }}" for number in range(20)]
    head = "Host: localhost\r\nAccept: text/csv\r\n"
    sent = "".join(f"GET {path(query)} HTTP/1.1\r\n{head}\r\n" for query in queries)

    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{sent}GET /healthz HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    numbers = [
        piece.split(b"\r\n\r\nn\r\n")[1] for piece in answer.split(b"HTTP/1.1 200 OK") if b"\r\n\r\nn\r\n" in piece
    ]
    assert [int(number.split()[0]) for number in numbers] == list(range(20))
    assert b'"valid"' in answer


def test_many_connections_that_are_led_behind_and_closed_at_once_are_all_answered(server: Server) -> None:
    def ask(_: int) -> int:
        with connected(server) as connection:
            return get(connection, "/healthz", Connection="close")[0]

    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(ask, range(600))) == [200] * 600


def test_requests_sent_ahead_at_any_moment_are_all_answered(server: Server) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

    def ask(number: int) -> int:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            for _ in range(4):
                connection.sendall(one)
                time.sleep(number * 0.0001)  # about as long as an answer takes
            connection.sendall(one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            return b"".join(iter(lambda: connection.recv(65536), b"")).count(b"HTTP/1.1 200")

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(100))) == [5] * 100


def test_request_in_two_pieces_that_was_answered_before_leaves_its_connection_awake(server: Server) -> None:
    body = urlencode({"query": f"{QUICK} # {'x' * 2000}"}).encode()
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    settled(lambda: len(server.lanes()) == 2)

    def exchange(connection: socket.socket, *pieces: bytes) -> bytes:
        for piece in pieces:
            time.sleep(0.05)
            connection.sendall(piece)
        return connection.recv(1 << 16)

    with ExitStack() as stack:
        place = ("127.0.0.1", server.port)
        held = [stack.enter_context(socket.create_connection(place, timeout=5)) for _ in range(4)]
        for connection in held:  # each lane has some
            assert {exchange(connection, head + body)[:15] for _ in range(3)} == {b"HTTP/1.1 200 OK"}
            assert exchange(connection, head, body)[:15] == b"HTTP/1.1 200 OK"
            assert (
                exchange(connection, f"GET {path(QUICK)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())[:15]
                == b"HTTP/1.1 200 OK"
            )


def test_lanes_that_are_asked_to_end_go_on_until_the_server_ends_them(server: Server) -> None:
    lanes = server.lanes()
    with connected(server) as connection:
        for process in (*lanes, server.forker):
            os.kill(process, signal.SIGTERM)
        assert [get(connection, path(f"{QUICK} # {number}"))[0] for number in range(20)] == [200] * 20
    assert server.lanes() == lanes


def test_connection_is_closed_where_the_client_wants_it(server: Server) -> None:
    with connected(server) as connection:
        _, headers, _ = get(connection, path(QUICK), Connection="close")
        assert headers["Connection"] == "close"
        assert connection.sock is None


def test_answer_is_the_same_with_and_without_lanes(server: Server, dense: Path) -> None:
    asked = [(path(query), accept) for query in (QUICK, LARGE, "ASK {}", f"DESCRIBE <{X}node/1>") for accept in FORMATS]
    with running(dense, lanes=0) as other:
        with connected(server) as one, connected(other) as two:
            for target, accept in asked:
                here, there = (get(connection, target, **accept) for connection in (one, two))
                for _, headers, _ in (here, there):
                    for name in ("Date", "Server", "date", "server"):
                        headers.pop(name, None)
                lowered = [{name.lower(): value for name, value in headers.items()} for _, headers, _ in (here, there)]
                assert (here[0], here[2]) == (there[0], there[2])
                assert lowered[0] == lowered[1]
        assert other.lanes() == []


FORMATS = [
    {"Accept": "text/csv, text/turtle;q=0.5"},
    {"Accept": "application/sparql-results+xml, application/n-triples;q=0.5", "Accept-Encoding": "gzip"},
    {"Accept": "*/*", "Accept-Encoding": "br", "Origin": "https://x.example"},
    {"Accept": "image/png"},
]


def test_long_query_is_taken_from_its_lane_and_ended_at_its_limit(server: Server) -> None:
    lanes = set(server.lanes())
    with connected(server) as idle, connected(server) as busy:
        assert get(idle, path(QUICK))[0] == 200
        started = time.monotonic()
        status, _, _ = get(busy, path(LONG))
        took = time.monotonic() - started
        settled(lambda: len(server.lanes()) == 2)
        replaced = set(server.lanes())

        assert status == 504
        assert took < LIMIT + 0.6
        assert len(lanes & replaced) == 1
        assert get(idle, path(QUICK))[0] == get(busy, path(QUICK))[0] == 200

        assert get(busy, path(LONG.replace("?a", "?z")))[0] == 504
        assert get(busy, path(f"{LONG} # again"))[0] == 504
    assert len(replaced & set(server.lanes())) >= 1


def test_others_do_not_notice_a_query_that_is_long(server: Server) -> None:
    def ask(number: int) -> list[int]:
        with connected(server) as connection:
            return [get(connection, path(f"{QUICK} # {number}-{turn}"))[0] for turn in range(50)]

    with ThreadPoolExecutor(8) as threads:
        others = [threads.submit(ask, number) for number in range(6)]
        with connected(server) as connection:
            for number in range(3):
                shape = f"SELECT (COUNT(*) AS ?n{number}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}"
                assert get(connection, path(shape))[0] in (503, 504)
        statuses = {status for other in others for status in other.result()}

    assert statuses == {200}


def test_many_long_queries_of_many_shapes_end_few_lanes(server: Server) -> None:
    seen = set(server.lanes())
    shapes = [f"SELECT (COUNT(*) AS ?x{number}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}" for number in range(12)]
    started = time.monotonic()

    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(server.ask, shape) for shape in shapes]
        while not all(one.done() for one in asked):
            seen |= set(server.lanes())
            time.sleep(0.01)

    assert {one.result().status for one in asked} <= {503, 504}
    assert len(seen) <= 4 + 2 * math.log2(1 + time.monotonic() - started)  # each time they are spared twice as long


def test_shape_that_was_short_behind_is_known_to_lanes(server: Server) -> None:
    descriptors = Path(f"/proc/{server.front}/fd").iterdir()
    shared = next(one for one in descriptors if str(one.readlink()).startswith("/memfd:abckg-board"))
    board = Board(os.open(shared, os.O_RDWR))
    query = f"SELECT ?behind {{ <{X}node/1> <{X}near> ?behind }}"
    was_short = board.is_short(shape_of(query))

    for number in range(5):
        assert server.ask(f"{query} # {number}", timeout="5").status == 200  # which is a matter of the server behind

    assert not was_short
    settled(lambda: board.is_short(shape_of(f"{query} # another")))


def test_lane_that_is_killed_takes_no_connection_with_it(server: Server) -> None:
    with connected(server) as one, connected(server) as two, connected(server) as three:
        for connection in (one, two, three):
            assert get(connection, path(QUICK))[0] == 200
        sockets = [connection.sock for connection in (one, two, three)]

        for lane in server.lanes():
            os.kill(lane, signal.SIGKILL)

        assert [get(connection, path(QUICK))[0] for connection in (one, two, three)] == [200, 200, 200]
        assert [connection.sock for connection in (one, two, three)] == sockets


def test_connections_are_shared_again_when_a_lane_was_replaced(server: Server) -> None:
    settled(lambda: len(server.lanes()) == 2)
    with ExitStack() as stack:
        held = [stack.enter_context(connected(server)) for _ in range(10)]
        assert {get(connection, path(QUICK))[0] for connection in held} == {200}
        lost = server.lanes()[0]
        os.kill(lost, signal.SIGKILL)
        settled(lambda: len(server.lanes()) == 2 and lost not in server.lanes())

        settled(lambda: [sockets_of(lane) for lane in server.lanes()] == [1 + 5, 1 + 5])
        assert {get(connection, path(QUICK))[0] for connection in held} == {200}


def sockets_of(process: int) -> int:
    return sum(str(one.readlink()).startswith("socket:") for one in Path(f"/proc/{process}/fd").iterdir())


def test_answer_to_a_slow_reader_is_complete(server: Server) -> None:
    with connected(server) as connection:
        whole = get(connection, path(LARGE))[2]

    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", server.port))
        for _ in range(40):  # more than the buffers of the system hold
            slow.sendall(f"GET {path(LARGE)} HTTP/1.1\r\nHost: x\r\nAccept: {JSON['Accept']}\r\n\r\n".encode())
        time.sleep(0.3)
        assert server.ask(QUICK).status == 200
        slow.settimeout(20)
        got = bytearray()
        while got.count(whole) < 40:
            piece = slow.recv(1 << 16)
            assert piece, f"{got.count(whole)} of 40 answers"
            got += piece


def test_client_that_leaves_leaves_nothing_behind(server: Server) -> None:
    before = server.descriptors()
    for _ in range(20):
        connection = server.send(QUICK)
        connection.close()

    settled(lambda: server.descriptors() <= before)


@pytest.mark.parametrize(
    "request_line",
    ["GET /sparql HTTP/9.9", "GET  /sparql", "\x00\x01", "GET /sparql HTTP/1.1\r\nHost: a\r\nHost: b"],
    ids=["version", "no version", "no HTTP", "two hosts"],
)
def test_oddity_is_left_to_the_server_behind(server: Server, request_line: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{request_line}\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert b"200 OK" not in answer
    assert server.ask(QUICK).status == 200


def test_every_connection_sees_what_was_written_before(tmp_path: Path) -> None:
    count = path("SELECT (COUNT(*) AS ?n) { GRAPH <urn:g> { ?s ?p ?o } }")
    with writable(plain_store(tmp_path / "build")) as server, ExitStack() as stack:
        settled(lambda: len(lanes_of(server.process.pid)) > 0)
        readers = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=30) for _ in range(6)]
        for reader in readers:
            stack.callback(reader.close)
        for number in range(1, 6):
            assert server.update(f"INSERT DATA {{ GRAPH <urn:g> {{ <s:s> <p:p> {number} }} }}").status == 204
            for _ in range(2):
                counts = [
                    json.loads(get(reader, count)[2])["results"]["bindings"][0]["n"]["value"] for reader in readers
                ]
                assert counts == [str(number)] * 6


def test_what_a_lane_answers_is_logged_and_counted(dense: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with running(dense, access_log=str(log)) as server, connected(server) as connection:
        settled(lambda: len(server.lanes()) == 2)
        with halted(server.workers()):
            first, *_ = [get(connection, path(QUICK))[1]["ETag"] for _ in range(4)]
            assert get(connection, path(QUICK), **{"If-None-Match": first})[0] == 304
        settled(lambda: b'abckg_requests_total{method="GET",route="/sparql",status="200"} 4.0' in numbers(server))
        settled(lambda: log.read_text(encoding="utf-8").count('"/sparql"') >= 5)
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if '"/sparql"' in line]

    assert [(line["status"], line["cache"]) for line in lines[-5:]] == [
        (200, "miss"),
        (200, "hit"),
        (200, "hit"),
        (200, "hit"),
        (304, "not_modified"),
    ]
    assert len({line["query"] for line in lines[-5:]}) == 1


def lanes_of(process: int) -> list[int]:
    return [one for one in tree(process) if name_of(one) == "abckg-lane"]


def numbers(server: Server) -> bytes:
    return server.metrics().encode()
