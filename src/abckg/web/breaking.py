"""Breaks the connection of an answer that fails after it has begun, so that no client takes what came for the whole.

A WSGI application cannot do that by itself: it can only fail, and granian then ends the transfer as if all were said.
So the socket is looked for among those of this process: pieces of random length are sent, and the socket whose count of
bytes grows by just those lengths is the one. It is shut down before the end of the transfer is written to it.
Where it is not found (the client does not read, no Linux) the failure goes to the server.
Layer: web; imports nothing of the package but its web modules.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import time
from collections.abc import Iterable, Iterator

from abckg.web.sockets import close_all, connections, written

__all__ = ["break_when_failing"]

_WAITS = (0.05, 0.05, 0.05, 0.1, 0.1, 0.2, 0.2, 0.4, 0.4, 0.8, 0.8, 1.6, 1.6)
_ENOUGH = 2
_LENGTHS = range(1000, 16_000)
_TICK = 0.005

_log = logging.getLogger(__name__)


def break_when_failing(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return the pieces of a body, as they are sent; one that fails never ends as if it were complete."""
    return _Breaking(pieces)


class _Breaking:
    """The pieces of an answer; after a failure, pieces that find the socket."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._is_failing = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            raise
        except Exception as fault:  # the edge: whatever went wrong, the answer is not complete
            if self._is_failing:
                raise
            self._is_failing, self._pieces = True, _ending(fault)
            return next(self._pieces)


def _ending(fault: Exception) -> Iterator[bytes]:
    """Yield blanks of random lengths until a socket is found to have sent them, break that one; fail where none is."""
    sockets = connections()
    hits = dict.fromkeys(sockets, 0)
    try:
        for wait in _WAITS if sockets else ():
            time.sleep(_TICK)  # what was under way before goes out first
            before = {one: written(one) for one in sockets}
            length = secrets.choice(_LENGTHS)
            yield b" " * length
            found = _grown(before, {length, length + len(f"{length:X}\r\n\r\n")}, wait)
            hits = {one: hits[one] + 1 if one is found else 0 for one in sockets}
            if found is not None and hits[found] == _ENOUGH:
                with contextlib.suppress(OSError):
                    found.shutdown(socket.SHUT_RDWR)
                _log.error("An answer was broken off: %s", fault)
                return
    finally:
        close_all(sockets)
    raise fault


def _grown(before: dict[socket.socket, int], lengths: set[int], wait: float) -> socket.socket | None:
    """Return the socket that has sent one of ``lengths`` more than ``before``, as soon as it has."""
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        for one, count in before.items():
            if written(one) - count in lengths:
                return one
        time.sleep(_TICK)
    return None
