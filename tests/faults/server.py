"""A server under test: asks it, and looks at its processes."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from conftest import ROOT, free_port, wait_for

__all__ = ["LIMIT", "Reply", "Server", "children", "name_of", "running", "tree"]

LIMIT = 1.5


@dataclass(frozen=True)
class Reply:
    """What came back, and after how many seconds."""

    status: int
    media_type: str
    retry_after: str | None
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Server:
    """A server at a port of the loopback interface, started as a process."""

    port: int
    process: int

    def ask(self, query: str, accept: str = "application/sparql-results+json, text/turtle;q=0.9", **more: str) -> Reply:
        """Ask a query by POST."""
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept}
        try:
            connection.request("POST", "/sparql", urlencode({"query": query, **more}), headers)
            with connection.getresponse() as response:
                body = response.read()
        finally:
            connection.close()
        kind = response.headers.get_content_type()
        return Reply(response.status, kind, response.headers["Retry-After"], body, time.monotonic() - started)

    def send(self, query: str) -> socket.socket:
        """Send a query and return the connection, with nothing read from it."""
        path = f"/sparql?{urlencode({'query': query, 'format': 'csv'})}"
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return connection

    def metrics(self) -> str:
        """Return the numbers that it gives of itself."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20) as response:
            return str(response.read(), "utf-8")

    @property
    def front(self) -> int:
        """The process that takes the requests."""
        return children(self.process)[0]

    @property
    def forker(self) -> int:
        """The process that keeps the store."""
        return children(self.front)[0]

    def workers(self) -> list[int]:
        """The processes that answer queries which may take their time."""
        return self._forked("abckg-query")

    def lanes(self) -> list[int]:
        """The processes that answer short queries."""
        return self._forked("abckg-lane")

    def _forked(self, name: str) -> list[int]:
        return [one for forker in children(self.front) for one in children(forker) if name_of(one) == name]

    def descriptors(self) -> int:
        """How many files and connections the front has open."""
        return len(list(Path(f"/proc/{self.front}/fd").iterdir()))


def name_of(process: int) -> str:
    """Return the name that a process goes by; empty where it has ended."""
    try:
        return Path(f"/proc/{process}/comm").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def children(process: int) -> list[int]:
    """Return the processes that ``process`` started and that run."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == process and state != "Z":
            found.append(int(path.parent.name))
    return sorted(found)


def tree(process: int) -> list[int]:
    """Return all that ``process`` started, directly or not."""
    return [found for child in children(process) for found in (child, *tree(child))]


@contextmanager
def running(
    store: Path,
    *before: str,
    access_log: str = "",
    servers: int = 1,
    lanes: int = 2,
    limit: float = LIMIT,
    long_queries: int = 4,
) -> Iterator[Server]:
    """Serve ``store``; ``before`` is put before the command."""
    port = free_port()
    serve = [sys.executable, "-m", "abckg", "serve", "--root", str(ROOT), "--store", str(store), "--port", str(port)]
    limits = {
        "ABCKG_MEMORY": "256",
        "ABCKG_QUEUE": "12",
        "ABCKG_WORKERS": "2",
        "ABCKG_LONG_QUERIES": str(long_queries),
        "ABCKG_LANES": str(lanes),
        "ABCKG_ACCESS_LOG": access_log,
    }
    command = [*before, *serve, "--timeout", str(limit), "--servers", str(servers)]
    process = subprocess.Popen(command, env={**os.environ, **limits}, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}", process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)
