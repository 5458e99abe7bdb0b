"""Tells whether the client of a request is still there, as far as the kernel knows.

A WSGI server does not say when a client leaves while its answer is computed. The table of connections does, where the
client has no other connection to this server: behind a proxy the time limit has to do.
Layer: web; imports nothing of the package; looks into /proc and takes every client as present where there is none.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from wsgiref.types import WSGIEnvironment

__all__ = ["presence"]

_ESTABLISHED = "01"
_TABLES = {socket.AF_INET: "/proc/net/tcp", socket.AF_INET6: "/proc/net/tcp6"}


def presence(environ: WSGIEnvironment) -> Callable[[], bool] | None:
    """Return what tells, from any thread, whether the client of ``environ`` may still be there; None if unknown."""
    address, port = str(environ.get("REMOTE_ADDR", "")), str(environ.get("SERVER_PORT", ""))
    return (lambda: _is_present(address, port)) if address and port else None


def _is_present(address: str, port: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        start, end = f"{_in_table(socket.inet_pton(family, address))}:", f":{int(port):04X}"
    except (OSError, ValueError):
        return True
    return _is_connected(_TABLES[family], start, end)


def _in_table(packed: bytes) -> str:
    words = (packed[start : start + 4] for start in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _is_connected(table: str, address: str, port: str) -> bool:
    try:
        lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return True
    entries = (line.split() for line in lines)
    return any(
        entry[1].endswith(port) and entry[2].startswith(address) and entry[3] == _ESTABLISHED for entry in entries
    )
