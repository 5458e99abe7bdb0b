"""Servers on the loopback interface that stand for others on the web, and a listener that nobody may come to."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pyoxigraph as ox

from abckg.federation.addresses import AllowList
from abckg.federation.elsewhere import Bounds, Elsewhere
from abckg.federation.federation import Federation

__all__ = ["Fake", "Listener", "fake", "federation", "listener"]

Behaviour = Callable[[BaseHTTPRequestHandler, str], None]


@dataclass
class Fake:
    """An endpoint; ``queries`` are those it was asked."""

    port: int
    scheme: str = "http"
    queries: list[str] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return f"{self.scheme}://far.example:{self.port}/"

    @property
    def url(self) -> str:
        return f"{self.prefix}sparql"


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    told = {"Content-Type": "application/sparql-results+json", "Content-Length": str(len(body)), **headers}
    for name, value in told.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def answering(store: ox.Store) -> Behaviour:
    """Return the behaviour of an endpoint over ``store``."""

    def answer(handler: BaseHTTPRequestHandler, query: str) -> None:
        found = store.query(query)
        assert isinstance(found, ox.QuerySolutions)
        reply(handler, found.serialize(format=ox.QueryResultsFormat.JSON) or b"")

    return answer


def rows(*bindings: dict[str, dict[str, str]], names: Sequence[str] = ("s",)) -> Behaviour:
    """Return the behaviour of an endpoint that always gives the same solutions."""
    body = json.dumps({"head": {"vars": list(names)}, "results": {"bindings": list(bindings)}}).encode()
    return lambda handler, _: reply(handler, body)


@contextmanager
def fake(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Fake]:
    """Run an endpoint; over TLS where there is a context."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            query = parse_qs(body)["query"][0]
            found.queries.append(query)
            behaviour(self, query)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Fake(server.server_address[1], "https" if tls else "http")
        server.socket = tls.wrap_socket(server.socket, server_side=True) if tls else server.socket
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


def federation(*prefixes: str, bounds: Bounds | None = None, most: int = 10_000) -> Federation:
    """Return a federation for which ``far.example`` stands on the loopback interface, which may be asked here."""

    def resolve(host: str, port: int) -> Sequence[str]:
        return {"far.example": ["127.0.0.1"], "near.example": ["10.0.0.1"], "both.example": ["127.0.0.1", "10.0.0.1"]}[
            host
        ]

    client = Elsewhere(
        AllowList(prefixes), bounds, resolve=resolve, is_permitted=lambda address: address == "127.0.0.1"
    )
    return Federation(client, rows=most)


@dataclass
class Listener:
    """A socket that listens; ``calls`` counts who came."""

    port: int
    _socket: socket.socket

    def calls(self) -> int:
        found = 0
        self._socket.settimeout(0.05)
        while True:
            try:
                self._socket.accept()[0].close()
            except TimeoutError:
                return found
            found += 1


@contextmanager
def listener() -> Iterator[Listener]:
    """Listen on the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Listener(listening.getsockname()[1], listening)
