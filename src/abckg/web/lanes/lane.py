"""A lane: answers the short queries that come by the connections that it was given, one after the other.

Layer: web; imports ``errors``, ``pool``, ``settings`` and ``store``; runs on Linux.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import IO, NamedTuple, cast

from abckg.errors import StoreError
from abckg.pool.shapes import shape_of
from abckg.pool.worker import address_space
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.store import Answer, Choose, DatasetSelection, Document, EmbeddedStore, Question, count_of
from abckg.web.access import STARTED, Entry, configure_logs, flush_logs, note
from abckg.web.endpoint import PATH, Endpoint, Reply
from abckg.web.lanes.board import Board, State
from abckg.web.lanes.heads import Partial, Request, read
from abckg.web.lanes.messages import LONGEST, Greeting, Kind, Message, send, taken
from abckg.web.site import Site

__all__ = ["serve"]

_PEEK = 1 << 16
_MOST_MEASURED = 1000
_PAUSE = 0.1  # seconds until what was done is told
_REPEATS = 8_000_000  # bytes
_MIB = 1 << 20


class _NotHere(Exception):
    """The answer is not one to be given here."""


class _Response(NamedTuple):
    """A response as it is sent; the header Date belongs between the two parts."""

    head: bytes
    body: bytes
    entry: Entry

    @classmethod
    def of(cls, reply: Reply, *, is_kept: bool) -> _Response:
        lines = [f"HTTP/1.1 {reply.status}", *(f"{name}: {value}" for name, value in reply.headers)]
        lines.append("" if is_kept else "Connection: close\r\n")
        return cls("\r\n".join(lines).encode("latin-1"), b"".join(reply.body), reply.entry)


@dataclass
class _Client:
    number: int
    connection: socket.socket
    wants: int = 0


class _Held:
    """A file for an answer that is no longer than a lane sends."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.room = LONGEST

    def write(self, piece: bytes) -> int:
        self.room -= len(piece)
        if self.room < 0:
            raise OSError("The answer is long.")
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing."""


class _LaneStore:
    """The store of a lane: says on the board what it is about, so that a long query can be taken from it."""

    def __init__(self, store: EmbeddedStore, board: Board, lane: int) -> None:
        self._store, self._board, self._lane = store, board, lane
        self.version = store.version
        self.client = 0

    def query(self, text: str, *, inference: bool = True, dataset: DatasetSelection | None = None) -> Answer:
        """See ``Store.query``."""
        return self._store.query(text, inference=inference, dataset=dataset)

    def run(self, question: Question, choose: Choose) -> Answer | Document:
        """See ``Store.run``; _NotHere where the answer is known to be long, or is to be read by rows."""
        shape = shape_of(question.text)
        if question.timeout is not None or not self._board.is_for_lanes(shape):
            raise _NotHere
        self._board.begin(self._lane, self.client, shape)
        answer = self.query(question.text, inference=question.inference, dataset=question.dataset)
        form = choose(answer.kind)
        if form is None:
            raise _NotHere
        held = _Held()
        try:
            answer.write(cast(IO[bytes], held), form, question.prefixes)
        except StoreError:
            if held.room < 0:
                self._board.note_long(shape)
            raise
        self._board.note_short(shape)
        return Document(answer.kind, form, (b"".join(held.pieces),))

    def count(self) -> int:
        """See ``Store.count``."""
        return count_of(self)


class _Lane:
    def __init__(self, switchboard: socket.socket, store: EmbeddedStore, board: Board) -> None:
        greeting = Greeting.decode(switchboard.recv(1 << 12))
        self._switchboard, self._board = switchboard, board
        self._number, self._edition, self._host, self._port = greeting
        self._store = _LaneStore(store, board, self._number)
        settings = Settings.from_environment(os.environ)
        configure_logs(settings, thread=False)
        self._path = f"{settings.prefix}{PATH}"
        self._site = Site(self._store, settings, Catalogue(()))
        self._endpoint = Endpoint(_not_here, self._site)
        self._clients: dict[int, _Client] = {}
        self._poll = select.epoll()
        self._poll.register(switchboard, select.EPOLLIN)
        self._measured: list[tuple[str, int, float, str | None]] = []
        self._repeats: dict[bytes, _Response] = {}
        self._room = _REPEATS
        self._date = (0, b"")
        self._most = address_space() + settings.memory * _MIB // 2

    def serve(self) -> None:
        """Answer until the switchboard wants an end."""
        told = time.monotonic()
        while True:
            events = self._poll.poll(_PAUSE if self._measured else None)
            for descriptor, _ in events:
                if descriptor != self._switchboard.fileno():
                    if descriptor in self._clients:  # it may have been wanted back meanwhile
                        self._attend(self._clients[descriptor])
                elif not self._take():
                    self._tell()
                    return
            if self._measured and (not events or time.monotonic() - told > _PAUSE):
                self._tell()
                told = time.monotonic()
                if address_space() > self._most:
                    return  # what large answers took is not given back: another lane begins without it

    def _take(self) -> bool:
        found = taken(self._switchboard)
        if found is None:
            return False
        if found.client is None and found.is_of_a_client:  # there is no descriptor left for it
            self._say(Message(Kind.PASSED, found.number))
            return True
        if found.client is None:
            for client in list(self._clients.values())[: found.number]:
                self._leave(client, Kind.FREED)
            return True
        self._clients[found.client.fileno()] = _Client(found.number, found.client)
        self._poll.register(found.client, select.EPOLLIN)
        return True

    def _attend(self, client: _Client) -> None:
        """Do what the bytes in a connection ask for, which stay in it until they are answered."""
        try:
            data = client.connection.recv(_PEEK, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._leave(client, Kind.CLOSED)
            return
        started = time.perf_counter()
        repeat = self._repeats.get(data) if self._board.edition == self._edition else None
        if repeat is not None:
            self._send(client, len(data), repeat, is_kept=True)
            self._note(repeat.entry, started)
            return
        request = read(data, self._host, self._port)
        if isinstance(request, Request):
            self._answer(client, data, request, started)
        elif isinstance(request, Partial) and client.wants < request.size <= _PEEK:
            self._wait(client, request.size)
        else:
            self._leave(client, Kind.PASSED)

    def _answer(self, client: _Client, data: bytes, request: Request, started: float) -> None:
        reply = self._reply(client, request, started)
        if reply is None:
            self._board.turn(self._number, State.IDLE)
            self._leave(client, Kind.PASSED)
            return
        response = _Response.of(reply, is_kept=request.is_kept)
        if request.is_kept and request.size == len(data):
            self._remember(data, response)
        self._send(client, request.size, response, is_kept=request.is_kept)
        self._note(reply.entry, started)

    def _wait(self, client: _Client, size: int) -> None:
        """Look at a connection when so much has come, or all that will."""
        client.wants = size
        client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, max(1, size))

    def _reply(self, client: _Client, request: Request, started: float) -> Reply | None:
        environ = request.environ
        if environ["PATH_INFO"] != self._path or self._board.edition != self._edition:
            return None
        environ["PATH_INFO"], environ["SCRIPT_NAME"] = PATH, self._site.settings.prefix
        environ[STARTED] = started
        self._store.client = client.number
        try:
            return self._endpoint.reply(environ)
        except Exception:  # the edge: the server behind words every error
            return None

    def _send(self, client: _Client, size: int, response: _Response, *, is_kept: bool) -> None:
        """Take the request out of the connection and answer it."""
        self._board.send(self._number, client.number)
        if client.wants:
            self._wait(client, 0)
        connection, written = client.connection, response.head + self._day() + response.body
        try:
            connection.recv(size, socket.MSG_TRUNC)
            sent = connection.send(written)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._leave(client, Kind.CLOSED)
        else:
            if sent < len(written):
                self._leave(client, Kind.REST if is_kept else Kind.LAST_REST, written[sent:])
            elif not is_kept:
                self._leave(client, Kind.CLOSED)
        self._board.turn(self._number, State.IDLE)

    def _leave(self, client: _Client, kind: Kind, data: bytes = b"") -> None:
        """Give a connection back."""
        if client.wants:
            self._wait(client, 0)
        self._poll.unregister(client.connection)
        del self._clients[client.connection.fileno()]
        client.connection.close()
        self._say(Message(kind, client.number, data))

    def _say(self, message: Message) -> None:
        with contextlib.suppress(OSError):  # the switchboard has ended, and this process is about to
            send(self._switchboard, message)

    def _remember(self, request: bytes, response: _Response) -> None:
        """Remember the answer to a request that came a second time, byte by byte the same."""
        if response.entry.cache not in ("hit", "not_modified"):
            return
        self._room -= len(request) + len(response.head) + len(response.body)
        if self._room < 0:
            self._repeats.clear()
            self._room = _REPEATS
        self._repeats[request] = response

    def _day(self) -> bytes:
        """Return the header Date."""
        now = int(time.time())
        if self._date[0] != now:
            day = format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True)
            self._date = now, f"Date: {day}\r\n\r\n".encode()
        return self._date[1]

    def _note(self, entry: Entry, started: float) -> None:
        seconds = time.perf_counter() - started
        note(entry, seconds)
        self._measured.append((entry.method, entry.status, round(seconds, 6), entry.cache))
        if len(self._measured) == _MOST_MEASURED:
            self._tell()

    def _tell(self) -> None:
        self._say(Message(Kind.MEASURED, 0, json.dumps(self._measured).encode()))
        self._measured.clear()
        flush_logs()


def serve(switchboard: socket.socket, store: EmbeddedStore, memory: int) -> None:
    """Be a lane.

    Args:
        switchboard: Where connections come from.
        store: What is asked.
        memory: The descriptor of the board.
    """
    _Lane(switchboard, store, Board(memory)).serve()


def _not_here(_environ: object, _start_response: object) -> list[bytes]:
    raise _NotHere
