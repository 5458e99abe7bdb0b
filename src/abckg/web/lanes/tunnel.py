"""Leads a connection to the server behind, byte by byte, until the request in it is answered.

The bytes are those of the two sides, with every error and every end; they are looked at only to know where the
exchange is over, so that the next request can be answered by a lane. Where that cannot be told for certain - requests
sent ahead, HEAD, another protocol - the two stay together until one of them closes.
Layer: web. Specification: RFC 9112
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, HttpResponseParser

from abckg.web.connection import Carried

__all__ = ["Tunnels"]

_PIECE = 1 << 18


class Tunnels:
    """Connections to the server behind.

    Args:
        port: Its port on the loopback interface.
        carried: Where the server behind finds what is known here of a request, by the address from which it comes.
        most: Descriptors from this number on are for others.
    """

    def __init__(self, port: int, carried: dict[str, Carried], most: int) -> None:
        self._port, self._carried, self._most = port, carried, most
        self._sources = (f"127.{64 + a}.{b}.{c}" for a, b, c in itertools.cycle(_ADDRESSES))

    async def carry(self, client: socket.socket, began: int = 0) -> bool:
        """Have the request in ``client`` answered; return whether another one may follow in the connection."""
        source = next(self._sources)
        request = self._carried[source] = Carried(began)
        try:
            return await self._carry(client, source, request)
        finally:
            del self._carried[source]

    async def _carry(self, client: socket.socket, source: str, request: Carried) -> bool:
        loop = asyncio.get_running_loop()
        exchange = _Exchange()
        try:
            with socket.socket() as server:
                if server.fileno() >= self._most:
                    return False
                server.setblocking(False)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server.setsockopt(socket.SOL_IP, _BIND_NO_PORT, 1)
                server.bind((source, 0))
                await loop.sock_connect(server, ("127.0.0.1", self._port))
                there = loop.create_task(_there(loop, client, server, exchange, request))
                try:
                    return await _back(loop, server, client, exchange, there)
                finally:
                    there.cancel()
                    await asyncio.wait({there})  # else the loop knows a descriptor whose number is soon another's
        except OSError:
            return False


_ADDRESSES = [(a, b, c) for a in range(4) for b in range(256) for c in range(1, 255)]
_BIND_NO_PORT = 24  # IP_BIND_ADDRESS_NO_PORT, ip(7)


class _Exchange:
    """One request and its answer, as far as they have come."""

    def __init__(self) -> None:
        self._asked, self._answered = _Half(), _Half()
        self._request: HttpRequestParser | None = HttpRequestParser(self._asked)
        self._response: HttpResponseParser | None = HttpResponseParser(self._answered)
        self._asked.parser, self._answered.parser = self._request, self._response

    def sent(self, data: bytes) -> None:
        """Take note of what the client sent."""
        if self._request is None:
            return
        try:
            self._request.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._request = None
            return
        if self._asked.begun > 1 or self._request.get_method() in (b"HEAD", b"CONNECT"):
            self._request = None

    def received(self, data: bytes) -> None:
        """Take note of what the server sent."""
        if self._response is None:
            return
        try:
            self._response.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._response = None

    @property
    def is_cut(self) -> bool:
        """Whether the request is not all there."""
        return self._request is not None and self._asked.ended < self._asked.begun

    @property
    def is_over(self) -> bool:
        """Whether the request is answered, and the connection ready for the next."""
        is_plain = self._request is not None and self._response is not None
        is_kept = self._asked.is_kept and self._answered.is_kept
        return (
            is_plain
            and is_kept
            and self._asked.begun == self._asked.ended == self._answered.begun == self._answered.ended == 1
        )


class _Half:
    def __init__(self) -> None:
        self.parser: HttpRequestParser | HttpResponseParser | None = None
        self.begun = self.ended = 0
        self.is_kept = False

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_headers_complete(self) -> None:
        self.is_kept = self.parser is not None and self.parser.should_keep_alive()

    def on_message_complete(self) -> None:
        self.ended += 1


async def _there(
    loop: asyncio.AbstractEventLoop,
    client: socket.socket,
    server: socket.socket,
    exchange: _Exchange,
    request: Carried,
) -> None:
    with contextlib.suppress(OSError):
        while data := await _received(loop, client):
            exchange.sent(data)
            await loop.sock_sendall(server, data)
    request.is_cut = exchange.is_cut
    request.is_wanted = False
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_WR)


async def _received(loop: asyncio.AbstractEventLoop, client: socket.socket) -> bytes:
    """Return what has come; where this is cancelled, nothing was taken out of the connection."""
    while True:
        try:
            return client.recv(_PIECE)
        except BlockingIOError:
            come = loop.create_future()
            loop.add_reader(client, _settle, come)
            try:
                await come
            finally:
                loop.remove_reader(client)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _back(
    loop: asyncio.AbstractEventLoop,
    server: socket.socket,
    client: socket.socket,
    exchange: _Exchange,
    there: asyncio.Task[None],
) -> bool:
    while data := await loop.sock_recv(server, _PIECE):
        exchange.received(data)
        await loop.sock_sendall(client, data)
        if exchange.is_over and not there.done():
            return True
    return False
