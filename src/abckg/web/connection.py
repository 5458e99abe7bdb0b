"""Tells whether the client of a request is still there, as far as the kernel knows.

A WSGI server does not say when a client leaves while its answer is computed. Who carried the request to it does, and
else the table of connections, where the client has no other connection to this server: behind a proxy the time limit
has to do.
Layer: web; imports nothing of the package; looks into /proc and takes every client as present where there is none.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import WSGIEnvironment

__all__ = ["CARRIED", "Carried", "is_whole", "presence", "waited"]

CARRIED = "abckg.carried"  # in the environment of a request: what is known of how it came

_ESTABLISHED = "01"
_TABLES = {socket.AF_INET: "/proc/net/tcp", socket.AF_INET6: "/proc/net/tcp6"}


@dataclass
class Carried:
    """A request that a lane or its switchboard led to this server.

    Attributes:
        began: When it was begun before, by ``time.monotonic_ns``; 0: it was not.
        is_wanted: Whether its client is there.
        is_cut: Whether its client left in the middle of it.
    """

    began: int = 0
    is_wanted: bool = True
    is_cut: bool = False


def is_whole(environ: WSGIEnvironment, length: int) -> bool:
    """Return whether a body of ``length`` bytes is all that the client meant to send, as far as is known.

    A WSGI server may say the end of a body where its client left in the middle of it.
    """
    told, carried = environ.get("CONTENT_LENGTH"), environ.get(CARRIED)
    return (not told or not told.isdecimal() or int(told) == length) and not (carried and carried.is_cut)


def waited(environ: WSGIEnvironment, carried: Mapping[str, Carried]) -> float:
    """Return the seconds since the request of ``environ`` was begun before; 0 where it was not.

    Args:
        environ: The request.
        carried: The requests that were led here, by the address from which they come.
    """
    request = carried.get(environ.get("REMOTE_ADDR", ""))
    return (time.monotonic_ns() - request.began) / 1e9 if request and request.began else 0.0


def presence(environ: WSGIEnvironment, carried: Mapping[str, Carried]) -> Callable[[], bool] | None:
    """Return what tells, from any thread, whether the client may still be there, None if unknown; see ``waited``."""
    address, port = str(environ.get("REMOTE_ADDR", "")), str(environ.get("SERVER_PORT", ""))
    request = carried.get(address)
    if request is not None:
        return lambda: request.is_wanted
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
