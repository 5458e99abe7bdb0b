"""Clients that open connections and do not use them: everybody else is answered, and nothing is left of them."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from abckg.web.watch import close_silent
from faults.server import Server, running
from faults.waiting import settled

QUICK = "ASK { ?s ?p ?o }"
MANY = 200
HALF = {
    "nothing": b"",
    "half a line": b"GET /spar",
    "half of the headers": b"GET /sparql HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\n",
    "half of a body": b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/sparql-query\r\n\r\nASK {",
    "half of a chunk": b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: application/sparql-query\r\n\r\n10\r\nASK {",
}
# Refused before it is read, for want of a token: its connection need not stay open.
HALF_OF_A_WRITE = (
    b"PUT /store?default HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nContent-Type: text/turtle\r\n\r\n<"
)


def memory(process: int) -> int:
    """Return the KiB that a process holds."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@contextmanager
def held_open(server: Server) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        place = ("127.0.0.1", server.port)
        yield [stack.enter_context(socket.create_connection(place)) for _ in range(MANY)]


@pytest.mark.parametrize("sent", [*HALF.values(), HALF_OF_A_WRITE], ids=[*HALF.keys(), "half of a write"])
def test_two_hundred_connections_held_open_hold_up_nobody(server: Server, sent: bytes) -> None:
    before = memory(server.front)
    with held_open(server) as connections:
        for connection in connections:
            connection.sendall(sent)
        settled(lambda: server.descriptors() >= MANY or sent == HALF_OF_A_WRITE)
        replies = [server.ask(QUICK) for _ in range(20)]

    assert {reply.status for reply in replies} == {200}
    assert max(reply.seconds for reply in replies) < 5
    settled(lambda: server.descriptors() < MANY)
    assert memory(server.front) - before < 100_000


def test_requests_byte_by_byte_hold_up_nobody(server: Server) -> None:
    with held_open(server) as connections:
        for letter in b"GET /sparql HT":
            for connection in connections:
                connection.sendall(bytes([letter]))
            assert server.ask(QUICK).status == 200


@pytest.fixture
def pairs() -> list[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = []
        for _ in range(3):
            client = socket.create_connection(listening.getsockname())
            found.append((client, listening.accept()[0]))
        return found


def test_only_connections_that_are_silent_for_long_are_closed(
    pairs: list[tuple[socket.socket, socket.socket]],
) -> None:
    (silent, _), (talking, hearing), (full, unread) = pairs
    unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    full.setblocking(False)
    while True:
        try:
            full.send(b"x" * 100_000)
        except BlockingIOError:
            break
    for _ in range(6):
        time.sleep(0.1)
        talking.sendall(b"x")

    assert close_silent(0.45) >= 2  # the silent one, by both its ends; the full one sends probes that are answered

    assert silent.recv(1) == b""
    assert hearing.recv(10) == b"xxxxxx"
    talking.sendall(b"y")
    assert hearing.recv(1) == b"y"
    for pair in pairs:
        for one in pair:
            one.close()


def test_connections_never_take_all_descriptors_and_others_are_answered_after_them(dense: Path) -> None:
    with running(dense, "sh", "-c", 'ulimit -n 128; exec "$@"', "sh") as server:
        settled(lambda: len(server.lanes()) == len(server.workers()) == 2)
        before = server.descriptors()
        with ExitStack() as stack:
            for number in range(300):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                connection.sendall(HALF["half of the headers"] if number % 2 else b"")
            settled(lambda: server.descriptors() >= 64)
            time.sleep(1)
            assert server.descriptors() < 128

        assert server.ask(QUICK).status == 200
        settled(lambda: server.descriptors() <= before)
        assert len(server.lanes()) == len(server.workers()) == 2
