"""The query processes as the server sees them: it starts them, sends them tasks, demotes them and ends them.

Layer: imports ``allocator`` and ``errors``; runs on Linux (process descriptors).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from abckg.errors import StoreError
from abckg.pool.allocator import with_allocator

__all__ = ["WORKER", "Forker", "QueryProcess"]

WORKER = "abckg.pool.worker"

_NICE = 19
_GRACE = 5.0
_PROCESS_CLOCK = 2


@dataclass(frozen=True)
class QueryProcess:
    """A process that answers one query at a time.

    Attributes:
        number: Its number.
        handle: A descriptor that names it even when its number belongs to another.
        connection: Where it takes tasks and answers.
        origin: The process that forked it, with which it ends.
    """

    number: int
    handle: int
    connection: socket.socket
    origin: Forker

    def is_alive(self) -> bool:
        """Return whether it runs."""
        poll = select.poll()
        poll.register(self.handle, select.POLLIN)
        return not poll.poll(0)

    def seconds(self) -> float:
        """Return the processor time that it has taken, by the clock of its number (Linux, clock_getcpuclockid(3))."""
        with contextlib.suppress(OSError):
            return time.clock_gettime(~self.number << 3 | _PROCESS_CLOCK)
        return 0.0

    def demote(self) -> None:
        """Let everything else go first, and interrupt it at once (sched(7), SCHED_IDLE) where the system lets."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.number, _NICE)
            os.sched_setscheduler(self.number, os.SCHED_IDLE, os.sched_param(0))

    def kill(self) -> None:
        """End it at once, whatever it does; who reads from it sees the end without waiting for its memory."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it and let go of it; may be called once."""
        self.kill()
        self.connection.close()
        os.close(self.handle)


class Forker:
    """The process that keeps the store and forks query processes; it and they end when this process does.

    Args:
        path: The store directory.
        memory: MiB that a query may take.
        in_memory: Whether the store is read into memory first, which takes seconds for a million triples.
        services: Prefixes of the endpoints that SERVICE may ask.
        program: The module that is run; ``worker``, or one that does more.
    """

    def __init__(
        self, path: Path, *, memory: int, in_memory: bool, services: Sequence[str] = (), program: str = WORKER
    ) -> None:
        self._control, theirs = socket.socketpair()
        kept = "memory" if in_memory else "disk"
        command = [sys.executable, "-m", program, str(theirs.fileno()), str(path), str(memory), kept]
        command.append(json.dumps(list(services)))
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=with_allocator(os.environ)
            )
        self._path = path
        self._is_ready = False
        self._turn = threading.Lock()

    def wait(self) -> None:
        """Return when it can fork; StoreError where it cannot, or is closed."""
        with contextlib.suppress(OSError):
            self._is_ready = self._control.recv(1) == b"r"
        if not self._is_ready:
            self.close()
            raise StoreError(f"{self._path}: the processes for queries do not start.")

    @property
    def number(self) -> int:
        """The number of the process."""
        return self._process.pid

    def fork(self, memory: int | None = None) -> QueryProcess:
        """Return a new query process, or one of the other kind that looks at ``memory``, a descriptor.

        Raises:
            StoreError: The process that forks has ended.
        """
        try:
            with self._turn:
                socket.send_fds(self._control, [b"f"], [] if memory is None else [memory])
                number, descriptors, _, _ = socket.recv_fds(self._control, 20, 2)
        except OSError as fault:
            raise StoreError(f"No process for queries can be started: {fault}") from fault
        if len(descriptors) != 2:
            raise StoreError("No process for queries can be started: the one that starts them has ended.")
        return QueryProcess(int(number), descriptors[1], socket.socket(fileno=descriptors[0]), self)

    def close(self) -> None:
        """End it and all that it forked; may be called again."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        try:
            self._process.wait(_GRACE if self._is_ready else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
