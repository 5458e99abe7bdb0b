"""A server that takes writes: starts it, writes to it, kills it with all its processes."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.parse import urlencode

from abckg.dataset import Dataset
from abckg.namespaces import Prefixes
from abckg.sources import Sources
from abckg.store import write_store
from abckg.writing.gate import write_gate
from conftest import ROOT, free_port, wait_for

__all__ = ["TOKEN", "UPDATE", "Reply", "WritableServer", "plain_store", "writable"]

TOKEN = "a-token-for-the-tests"  # noqa: S105 - of a server on loopback
UPDATE = "application/sparql-update"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, object]:
        """The body as JSON."""
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass(frozen=True)
class WritableServer:
    """A server at a port of the loopback interface, in a group of processes of its own."""

    port: int
    process: subprocess.Popen[bytes]

    def send(
        self, method: str, path: str, body: bytes = b"", media_type: str = "", token: str = TOKEN, **headers: str
    ) -> Reply:
        """Send a request with the token; headers with ``_`` for ``-``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        sent |= {"Content-Type": media_type} if media_type else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def update(self, text: str, **headers: str) -> Reply:
        """Send an update."""
        return self.send("POST", "/update", text.encode(), UPDATE, **headers)

    def rows(self, query: str) -> list[list[str]]:
        """Return the rows of a query as texts."""
        reply = self.send("GET", f"/sparql?{urlencode({'query': query})}", Accept="text/csv", token="")
        assert reply.status == 200, reply.body
        return [line.split(",") for line in reply.body.decode().splitlines()[1:]]

    def ask(self, pattern: str) -> bool:
        """Return whether a pattern holds."""
        reply = self.send("GET", f"/sparql?{urlencode({'query': f'ASK {{ {pattern} }}'})}", token="")
        assert reply.status == 200, reply.body
        return bool(reply.json()["boolean"])

    def kill(self) -> None:
        """End all its processes at once, without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)


def plain_store(folder: Path) -> Path:
    """Write a store without anything in it, which neither an ontology nor shapes hold for."""
    folder.mkdir(exist_ok=True)
    write_store(Dataset((), (), (), Prefixes({})), folder / "store")
    write_gate(Sources(folder, Prefixes({}), ()), folder)
    return folder / "store"


@contextmanager
def writable(store: Path, **environment: str) -> Iterator[WritableServer]:
    """Serve ``store`` with writes on; settings by their names in the environment."""
    port = free_port()
    serve = [sys.executable, "-m", "abckg", "serve", "--root", str(ROOT), "--store", str(store), "--port", str(port)]
    settings = {"ABCKG_TOKEN": TOKEN, "ABCKG_ACCESS_LOG": "", "ABCKG_WORKERS": "2", "ABCKG_MEMORY": "512"}
    process = subprocess.Popen(
        serve, env={**os.environ, **settings, **environment}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(f"http://127.0.0.1:{port}", process)
        yield WritableServer(port, process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=20)
