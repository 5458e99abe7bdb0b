"""Looks after a server process from beside: closes connections on which nothing happens, and takes its numbers.

A request whose body never comes holds a thread, and the WSGI server has no limit of time for that. Nobody can tell such
a connection from one that waits for an answer, but for the time: longer than any answer takes, nothing was said by
either side. Idle connections that a client keeps are closed as well; it opens another one.
Layer: web; imports nothing of the package but its web modules.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from abckg.web.sockets import close_all, connections, seconds_of_silence

__all__ = ["close_silent", "keep_watch"]


def keep_watch(silence: float, take_numbers: Callable[[], None], every: float = 5.0) -> threading.Thread:
    """Start a thread that looks each ``every`` seconds, and closes what was silent for ``silence`` seconds."""

    def watch() -> None:
        while True:
            time.sleep(every)
            with contextlib.suppress(OSError):  # no descriptor is free: the next time, maybe
                close_silent(silence)
            take_numbers()

    thread = threading.Thread(target=watch, name="abckg-watch", daemon=True)
    thread.start()
    return thread


def close_silent(silence: float) -> int:
    """Close the connections on which neither side said anything for ``silence`` seconds; return how many."""
    sockets = connections()
    try:
        silent = [one for one in sockets if _silence(one) > silence]
        for one in silent:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        return len(silent)
    finally:
        close_all(sockets)


def _silence(one: socket.socket) -> float:
    try:
        return seconds_of_silence(one)
    except OSError:
        return 0.0
