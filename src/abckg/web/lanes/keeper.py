"""The program that keeps the store of a server with lanes, and forks them as well as the query processes.

What a lane needs is imported when the first one is wanted, and once for all.
Layer: web; imports ``pool`` and ``store``.
"""

from __future__ import annotations

import socket
import sys

from abckg.pool.worker import main, name_process
from abckg.store import EmbeddedStore


def _lane(connection: socket.socket, store: EmbeddedStore, memory: int) -> None:
    from abckg.web.lanes.lane import serve

    name_process("abckg-lane")
    serve(connection, store, memory)


if __name__ == "__main__":
    main(sys.argv[1:], _lane)
