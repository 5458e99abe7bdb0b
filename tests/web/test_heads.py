"""What a lane reads of a connection: plain requests, whole; nothing else."""

from __future__ import annotations

import pytest

from abckg.web.lanes.board import Board, State
from abckg.web.lanes.heads import Partial, Request, read

GET = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a.example\r\nAccept: text/csv\r\nAccept: */*\r\n\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 5\r\n\r\nASK{}"


def test_request_becomes_an_environment() -> None:
    request = read(GET, "127.0.0.1", 8000)

    assert isinstance(request, Request)
    assert (request.size, request.is_kept) == (len(GET), True)
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "HTTP_ACCEPT", "SERVER_PORT")
    found = [request.environ[name] for name in names]
    assert found == ["GET", "/sparql", "query=ASK%7B%7D", "a.example", "text/csv,*/*", "8000"]


def test_only_the_first_of_several_requests_is_read() -> None:
    request = read(POST + GET, "127.0.0.1", 8000)

    assert isinstance(request, Request)
    assert request.size == len(POST)
    assert request.environ["wsgi.input"].read() == b"ASK{}"


@pytest.mark.parametrize("length", range(len(POST)))
def test_part_of_a_request_is_none(length: int) -> None:
    found = read(POST[:length], "127.0.0.1", 8000)

    assert found == (Partial(len(POST)) if b"\r\n\r\n" in POST[:length] else None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"GET", b"HEAD"),
        (b"GET", b"DELETE"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"HTTP/1.1", b"HTTP/2.0"),
        (b"Host: a.example\r\n", b""),
        (b"Host: a.example\r\n", b"Host: a.example\r\nHost: b.example\r\n"),
        (b"Accept: */*", b"Expect: 100-continue"),
        (b"Accept: */*", b"Upgrade: websocket\r\nConnection: upgrade"),
        (b"Accept: */*", b"Transfer-Encoding: chunked"),
        (b"Accept: */*", b"Content-Encoding: gzip"),
        (b"Accept: */*", b"Content-Length: -1"),
        (b"Accept: */*", b"Content_Length: 3"),
        (b"Accept: */*", b" folded: line"),
        (b"/sparql", b"/spar ql"),
    ],
)
def test_what_is_not_plain_is_none(old: bytes, new: bytes) -> None:
    assert read(GET.replace(old, new), "127.0.0.1", 8000) is None


def test_connection_that_is_to_be_closed_is_told() -> None:
    request = read(GET.replace(b"Accept: */*", b"Connection: close"), "127.0.0.1", 8000)

    assert isinstance(request, Request)
    assert not request.is_kept


def test_board_is_seen_by_all_that_have_its_memory() -> None:
    one = Board()
    other = Board(one.descriptor)

    one.advance()
    one.begin(3, 17, -5)

    assert (other.edition, other.state(3), other.connection(3)) == (1, State.ASKING, 17)
    assert other.began(3) == other.latest(3) > 0
    other.turn(3, State.IDLE)
    assert (one.began(3), one.latest(3) > 0) == (0, True)


def test_board_knows_which_shapes_are_long_and_in_doubt_which_are_short() -> None:
    board, unknown, short, long = Board(), 1, -2, -3
    board.note_short(short)
    board.note_short(long)
    board.note_long(long)

    assert [board.is_for_lanes(shape) for shape in (unknown, short, long)] == [True, True, False]
    board.be_careful(60)
    assert [board.is_for_lanes(shape) for shape in (unknown, short, long)] == [False, True, False]
    board.be_careful(-1)
    board.forget()
    assert [board.is_for_lanes(shape) for shape in (unknown, short, long)] == [True, True, True]
