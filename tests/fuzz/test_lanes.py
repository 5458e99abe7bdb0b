"""Whatever bytes come, a server with lanes answers them as one without: the same answers, in the same order."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import pairwise

import pytest

import tiny
from abckg.store import write_store
from faults.server import Server, running

LAST = b"GET /sparql?query=ASK%7B%7D&format=csv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
QUERIES = ["ASK%7B%7D", "SELECT%20*%20%7BVALUES%20%3Fa%20%7B1%202%7D%7D", "SELECT", "ASK%7B%7D&timeout=1"]
TARGETS = [f"/sparql?query={query}" for query in QUERIES] + [
    "/sparql?format=csv&query=ASK%7B%7D",
    "/sparql",
    "/nothing",
]
ODD_TARGETS = [
    "//sparql",
    "/./sparql",
    "/sparql/",
    "/sparql;a=b",
    "/Sparql",
    "/%73parql",
    "http://localhost/sparql",
    "*",
]
ODD_TARGETS += [
    "http://x.example/sparql",
    "sparql",
    "/sparql#x",
    "/sparql\xff",
    "/sparql%00",
    "/sparql\x00",
    "/sparql\t",
]
ENDINGS = ["#x", "&format=csv#x", '&x="y"', "&x={}", "&x=<>", "&x=|", "&x=\\", "&x=%zz", "&x=\xe3\x81\x82", "&x=\x7f"]
ENDINGS += ["&query=ASK%7B%7D", "&format=csv&format=json", "&default-graph-uri=", "&inference=false", "+", "?x=?"]
NAMES = ["Accept", "ACCEPT", "Accept-Encoding", "Origin", "Host", "If-None-Match", "Connection", "Content-Length", "TE"]
NAMES += ["Transfer-Encoding", "Expect", "Upgrade", "HTTP2-Settings", "X-A_B", "Content_Length", "Content-Type", "A B"]
NAMES += ["Content-Encoding", "Proxy-Connection", "X\xffY", "", "Trailer", "User-Agent"]
VALUES = ["*/*", "text/csv", "text/html", "gzip", "br, zstd", "localhost", "evil.example:99", "", "close", "keep-alive"]
VALUES += [
    "Upgrade",
    "h2c",
    "0",
    "5",
    "-1",
    "+5",
    "5, 5",
    "0x5",
    "1_0",
    "99999999999999999999",
    "chunked",
    "100-continue",
]
VALUES += ["gzip, chunked", "xchunked", "\xe9\x80", "a\x00b", "a\tb", '"', "*", "a\r b", "a\n b", "a\nX: y", "a\rX: y"]
VALUES += ["application/sparql-update", "application/sparql-query; charset=latin-1", "local host", "/", "x" * 9000]
BODIES = {"application/x-www-form-urlencoded": b"query=ASK%7B%7D", "application/sparql-query": b"ASK{}"}
LEFT_OUT = {b"date", b"server", b"connection", b"allow", b"transfer-encoding", b"content-length"}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Serve a graph with lanes and without."""
    path = tmp_path_factory.mktemp("lanes") / "store"
    write_store(tiny.dataset(), path)
    with ExitStack() as stack:
        yield stack.enter_context(running(path, lanes=2)), stack.enter_context(running(path, lanes=0))


def body_of(choice: random.Random, fields: list[tuple[str, str]]) -> bytes:
    kind, body = choice.choice(list(BODIES.items()))
    fields.append(("Content-Type", kind))
    told = choice.random()
    if told < 0.7:
        fields.append(("Content-Length", str(len(body) + choice.choice([0, 0, 0, 0, -2, 3]))))
    elif told < 0.95:
        fields.append(("Transfer-Encoding", "chunked"))
        fields += [("Content-Length", str(len(body)))] * choice.choice([0, 0, 1])
        end = choice.choice([b"\r\n", b"\r\n", b"\r\n", b";a=b\r\n", b" \r\n", b"\n"])
        body = b"%x%b%b\r\n0\r\n%b\r\n" % (len(body), end, body, choice.choice([b"", b"X: y\r\n", b"bad\r\n"]))
    return body


def request(choice: random.Random) -> bytes:
    """Return a request, often an odd one."""

    def mostly(usual: str, *others: str) -> str:
        return usual if choice.random() < 0.98 else choice.choice(others)

    method = choice.choice(["GET"] * 7 + ["POST"] * 4 + ["get", "PUT", "TRACE"])
    target = choice.choice(TARGETS)
    if choice.random() < 0.15:
        target = choice.choice(ODD_TARGETS) + target.removeprefix("/sparql")
    target += choice.choice(ENDINGS) if choice.random() < 0.15 else ""
    fields = [("Host", "localhost")] if choice.random() < 0.97 else []
    body = body_of(choice, fields) if method == "POST" and "/nothing" not in target else b""
    fields += [(choice.choice(NAMES), choice.choice(VALUES)) for _ in range(choice.choice([0, 0, 1, 2]))]
    fields += [choice.choice(fields)] if fields and choice.random() < 0.05 else []
    choice.shuffle(fields)
    blank, version = mostly(" ", "  ", "\t"), mostly("HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "http/1.1", "HTTP/1.1 ", "")
    lines = [f"{method}{blank}{target}{mostly(' ', '  ')}{version}"]
    lines += [f"{name}{mostly(': ', ':', ' : ')}{value}" for name, value in fields]
    text = "".join(line + mostly("\r\n", "\n", "\r", "\r\r\n", "\n\n") for line in lines)
    before, after = mostly("", "\r\n", " "), mostly("\r\n", "\n")
    return f"{before}{text}{after}".encode("latin-1") + body


def pieces(choice: random.Random) -> list[bytes]:
    """Return the bytes that a client sends, in the pieces in which it does."""
    sent = b"".join(request(choice) for _ in range(choice.choice([1, 1, 2, 3]))) + LAST
    if choice.random() < 0.6:
        return [sent]
    cuts = [0, *sorted(choice.sample(range(1, len(sent)), choice.choice([1, 2]))), len(sent)]
    return [sent[start:end] for start, end in pairwise(cuts)]


def answers(server: Server, sent: list[bytes]) -> tuple[list[tuple[object, ...]], bool]:
    """Return status, headers and body of each answer, and whether the client could send all before the end."""
    got, is_whole = bytearray(), True
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for number, piece in enumerate(sent):
                time.sleep(0.01 if number else 0)
                connection.sendall(piece)
            while piece := connection.recv(1 << 16):
                got += piece
        except ConnectionError:  # what was answered last may be lost on the way, as ever
            is_whole = False
    return list(read(bytes(got))), is_whole


def read(rest: bytes) -> Iterator[tuple[object, ...]]:
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
        told = dict(fields)
        body = b""
        if told.get(b"transfer-encoding") == b"chunked":
            while size := int(rest[: rest.index(b"\r\n")], 16):
                start = rest.index(b"\r\n") + 2
                body, rest = body + rest[start : start + size], rest[start + size + 2 :]
            rest = rest[5:]
        elif not status.startswith((b"HTTP/1.1 304", b"HTTP/1.1 100")):
            size = int(told[b"content-length"])
            body, rest = rest[:size], rest[size:]
        yield status.split()[1], sorted(field for field in fields if field[0] not in LEFT_OUT), body


@pytest.mark.parametrize("seed", range(4))
def test_any_bytes_are_answered_the_same_with_and_without_lanes(servers: tuple[Server, Server], seed: int) -> None:
    cases = [pieces(random.Random(1000 * seed + number)) for number in range(250)]  # noqa: S311 - no secret

    with ThreadPoolExecutor(8) as threads:
        with_lanes, without = (list(threads.map(partial(answers, server), cases)) for server in servers)

    for sent, (here, is_whole), (there, is_other_whole) in zip(cases, with_lanes, without, strict=True):
        both = None if is_whole and is_other_whole else min(len(here), len(there))
        assert here[:both] == there[:both], sent
    statuses = {answer[0] for found, _ in (*with_lanes, *without) for answer in found}
    assert {b"200", b"400", b"404", b"405", b"406", b"415"} <= statuses
    assert not statuses & {b"500", b"502"}


@pytest.mark.parametrize("hosts", ["a b", "a,b", "a@b", "a\r\nHost: b"])
@pytest.mark.parametrize(
    "target", ["/sparql", "/void", "/api/openapi.json", "/sparql?query=SELECT(%3Cx%3EAS%3Fx)%7B%7D"]
)
def test_address_that_would_be_built_of_no_host_is_refused(
    servers: tuple[Server, Server], target: str, hosts: str
) -> None:
    sent = f"GET {target} HTTP/1.1\r\nAccept: */*\r\nHost: {hosts}\r\n\r\n".encode() + LAST
    for server in servers:
        assert [answer[0] for answer in answers(server, [sent])[0]] == [b"400", b"200"]


@pytest.mark.parametrize(
    "start",
    ["get /sparql?query=ASK%7B%7D", "GET //sparql?query=ASK%7B%7D", "POST //sparql", "GET /sparql?query=SELECT"],
)
def test_request_that_is_almost_one_of_the_endpoint_is_refused(servers: tuple[Server, Server], start: str) -> None:
    sent = f"{start} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-update\r\n\r\n".encode() + LAST
    for server in servers:
        assert [answer[0] for answer in answers(server, [sent])[0]] in ([b"400", b"200"], [b"403", b"200"])
