"""Where clients connect to, when the connections are those of a switchboard.

Layer: web; imports ``errors``.
"""

from __future__ import annotations

import socket

from abckg.errors import UsageError

__all__ = ["LISTEN", "bound", "free_port"]

LISTEN = "ABCKG_LISTEN"  # the address and the port of clients, and the port of the server behind


def bound(host: str, port: int, *, alone: bool = False) -> socket.socket:
    """Return a socket bound to an address, which other processes may bind, too, unless it is to be ``alone``.

    Raises:
        UsageError: It is in use, or not of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as fault:
        raise UsageError(f"{host}: cannot be listened on: {fault}") from fault
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not alone:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
    except OSError as fault:
        listener.close()
        raise UsageError(f"{host}, port {port}: cannot be listened on: {fault}") from fault
    return listener


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with bound("127.0.0.1", 0) as one:
        return int(one.getsockname()[1])
