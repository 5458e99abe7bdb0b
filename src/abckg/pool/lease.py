"""A query process while it answers one query: what it may take, what it says, and why it was ended.

Layer: imports ``errors``, ``processes`` and ``wire``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from abckg.errors import AbckgError, QueryTimedOut, StoreBusy, StoreError
from abckg.pool.processes import QueryProcess
from abckg.pool.wire import Frames, Mark, Task, fault_of

__all__ = ["Cause", "Lease", "Limits"]


@dataclass(frozen=True)
class Limits:
    """What queries may take.

    Attributes:
        processes: Processes that are kept ready.
        long_queries: Queries that may take more than a tenth of a second of processor time at a time.
        queue: Queries that may be under way or wait; one more is refused.
        timeout: Seconds that one may take, with waiting and reading.
        memory: MiB that one may take.
        in_memory: MiB that a store may take on disk to be held in memory, where it takes some three times as much;
            below 0: what half of the memory to spare holds.
        services: Prefixes of the endpoints that SERVICE may ask.
    """

    processes: int = 4
    long_queries: int = 4
    queue: int = 32
    timeout: float = 30.0
    memory: int = 1024
    in_memory: int = -1
    services: tuple[str, ...] = ()


class Cause(Enum):
    """Why a query was ended."""

    TIME = "time"
    CROWD = "crowd"
    GONE = "gone"


class _Owner(Protocol):
    limits: Limits

    def give_back(self, lease: Lease, *, is_usable: bool) -> None: ...


class Lease:
    """A query process while it answers one query; the thread that asked reads, the pool's clock may end it."""

    def __init__(self, pool: _Owner, process: QueryProcess, shape: int, timeout: float, started: float) -> None:
        self._pool = pool
        self._frames = Frames(process.connection)
        self.process = process
        self.shape = shape
        self.timeout = timeout
        self.started = started
        self.began = self.looked = time.monotonic()
        self._seconds_before: float | None = None
        self.is_wanted: Callable[[], bool] | None = None
        self.is_long = self.is_demoted = self.is_answering = False
        self.is_last = False
        self.is_over = False
        self.cause: Cause | None = None

    def seconds(self) -> float:
        """Return the processor time that the query has taken since this was asked for the first time."""
        now = self.process.seconds()
        if self._seconds_before is None:
            self._seconds_before = now
        return now - self._seconds_before

    def demote(self) -> None:
        """Let every other process go first, as long as the query takes."""
        self.is_demoted = True
        self.process.demote()

    def send(self, task: Task) -> bool:
        """Send the task; False where the process has ended before it could begin."""
        try:
            self.process.connection.sendall(task.encode())
        except OSError:
            return self.cause is not None
        return True

    def frame(self) -> tuple[Mark, bytes]:
        """Return the next frame; the last one gives the process back, an error ends it where it must.

        Raises:
            QueryTimedOut: The time was over.
            StoreBusy: Too many long queries were under way.
            AbckgError: What the query process says.
        """
        frame = self._frames.read()
        if frame is None:
            fault = self._fault()
            self.close()
            raise fault
        mark, data = frame
        if mark is Mark.FAULT:
            self._pool.give_back(self, is_usable=True)
            raise fault_of(data)
        self.is_answering = True
        if mark in (Mark.END, Mark.LAST):
            self.is_last = mark is Mark.LAST
            self._pool.give_back(self, is_usable=True)
        return mark, data

    def close(self) -> None:
        """End the query if it is still under way."""
        self._pool.give_back(self, is_usable=False)

    def _fault(self) -> AbckgError:
        limits = self._pool.limits
        if self.cause is Cause.TIME:
            return QueryTimedOut(
                f"The query took longer than {self.timeout:g} seconds and was ended; ask for less, or set a LIMIT."
            )
        if self.cause is Cause.CROWD:
            return StoreBusy(
                f"{limits.long_queries} long queries are under way, which is all that run at a time; try again later."
            )
        if self.cause is Cause.GONE:
            return StoreError("Nobody waits for the answer any more.")
        return StoreError(
            f"The process of the query was ended: the query needed more than {limits.memory} MiB, or it was stopped "
            "from outside. Ask for less, or try again."
        )
