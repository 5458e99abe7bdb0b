"""Looks at the connections of this process as the kernel sees them, where a WSGI server does not show them.

Layer: web; imports nothing of the package; finds no connection on other systems than Linux.
Specification: ``struct tcp_info`` in ``linux/tcp.h``
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import termios
from pathlib import Path

__all__ = ["close_all", "connections", "seconds_of_silence", "unsent", "written"]

_DESCRIPTORS = Path("/proc/self/fd")
_FAMILIES = (socket.AF_INET, socket.AF_INET6)
_ACKNOWLEDGED = slice(120, 128)  # tcpi_bytes_acked
_LAST_SENT, _LAST_RECEIVED, _LAST_ACKNOWLEDGED = slice(44, 48), slice(52, 56), slice(56, 60)


def connections() -> list[socket.socket]:
    """Return the connections over TCP that this process has, each under a descriptor of its own, to be closed."""
    found: list[socket.socket] = []
    for path in list(_DESCRIPTORS.iterdir()) if _DESCRIPTORS.is_dir() else ():
        try:
            if not str(path.readlink()).startswith("socket:"):
                continue
            one = socket.socket(fileno=os.dup(int(path.name)))
        except OSError:
            continue  # it was closed meanwhile
        if one.family in _FAMILIES and one.type == socket.SOCK_STREAM and _is_connected(one):
            found.append(one)
        else:
            one.close()
    return found


def close_all(sockets: list[socket.socket]) -> None:
    """Let go of the descriptors of ``connections``; the connections themselves stay."""
    for one in sockets:
        one.close()


def written(one: socket.socket) -> int:
    """Return how many bytes were ever written to a connection: those that arrived and those on their way."""
    try:
        while True:
            arrived = _number(one, _ACKNOWLEDGED)
            under_way = unsent(one)
            if arrived == _number(one, _ACKNOWLEDGED):
                return arrived + under_way
    except OSError:
        return 0


def unsent(one: socket.socket) -> int:
    """Return how many bytes of a connection did not arrive yet."""
    return int(struct.unpack("i", fcntl.ioctl(one.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0])


def seconds_of_silence(one: socket.socket) -> float:
    """Return for how long neither side of a connection has said or, where bytes are on their way, heard anything."""
    if unsent(one):
        return _number(one, _LAST_ACKNOWLEDGED) / 1000
    return min(_number(one, _LAST_SENT), _number(one, _LAST_RECEIVED)) / 1000


def _is_connected(one: socket.socket) -> bool:
    try:
        one.getpeername()
    except OSError:
        return False
    return True


def _number(one: socket.socket, place: slice) -> int:
    told = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, place.stop)
    return int.from_bytes(told[place], "little") if len(told) == place.stop else 0
