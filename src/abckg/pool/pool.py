"""Query processes for the threads of a server, and the clock that ends the queries that take too long.

A store that is to be held in memory is served from disk until it has been read.
A query gets a process as soon as one is free. When its answer has not begun after eight hundredths of a second of
processor time, or is not complete after half a second, it is demoted and another process takes its place, so that long
queries run in what time short ones leave; one that is like a query that was ended is demoted before it begins. One
that waits, for whatever, makes room for another process after a second.
Only a few are replaced at once: one more that goes on is ended. At its time limit, or when nobody waits for it any
more, its process is killed. One thread keeps the time of all queries, one starts the processes; neither is there
before a ``Pool`` is made, which belongs into the process that serves.
Layer: imports ``errors``, ``lease``, ``memory``, ``processes`` and ``shapes``.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from abckg.errors import StoreBusy, StoreError
from abckg.pool.lease import Cause, Lease, Limits
from abckg.pool.memory import spare_memory
from abckg.pool.processes import WORKER, Forker, QueryProcess
from abckg.pool.shapes import Endless

__all__ = ["Pool"]

_TICK = 0.02
_LINGER = 50
# Seconds of processor time: before the answer begins, while it is written, and of one too many.
_PATIENCE, _ANSWERING_PATIENCE, _CROWDED_PATIENCE = 0.08, 0.5, 1.0
_OCCUPANCY, _CROWDED_OCCUPANCY = 1.0, 3.0  # seconds
_SHORT = 0.025  # seconds
_TRIAL = 1.0  # seconds without an answer after which a query that is ended is one that would go on
_LOOK = 0.25
_RESTART = 1.0
_REVIEW = 1.0
_AT_ONCE = 4  # MiB that are read into memory before the first query
_IN_MEMORY_TO_ON_DISK = 3
_MIB = 1 << 20


class Pool:
    """The query processes of one server process.

    Args:
        path: The store directory.
        limits: What queries may take.
        program: See ``Forker``.

    Attributes:
        when_short: Called, by any thread, with the shape of each query that was short.
    """

    def __init__(self, path: Path, limits: Limits, program: str = WORKER) -> None:
        self.limits = limits
        self._path, self._program = path, program
        lock = threading.Lock()
        self._free, self._missing, self._watch = (threading.Condition(lock) for _ in range(3))
        self._idle: list[QueryProcess] = []
        self._leases: set[Lease] = set()
        self._others: set[QueryProcess] = set()
        self._ready = self._long = self._waiting = self._streams = 0
        self._ended: Counter[str] = Counter()
        self._endless = Endless()
        self.when_short: Callable[[int], None] = lambda _: None
        self._is_closed = False
        size = sum(entry.stat().st_size for entry in path.iterdir()) / _MIB
        most = limits.in_memory if limits.in_memory >= 0 else spare_memory() / 2 / _IN_MEMORY_TO_ON_DISK
        self._is_in_memory = size <= min(most, _AT_ONCE)
        self._former: list[Forker] = []
        self._coming: Forker | None = None
        self._forker = self._start_forker()
        tasks = [self._keep_time, self._keep_ready]
        if not self._is_in_memory and size <= most:
            tasks.append(self._move_to_memory)
        self._threads = [threading.Thread(target=run, daemon=True) for run in tasks]
        for thread in self._threads:
            thread.start()

    def lease(
        self, shape: int, timeout: float | None, is_wanted: Callable[[], bool] | None = None, waited: float = 0.0
    ) -> Lease:
        """Return a process for a query, once one is free.

        Args:
            shape: Of the query, by ``shape_of``.
            timeout: Seconds from now after which the query is ended, where that is less than the pool's own limit.
            is_wanted: Whether somebody still waits for the answer.
            waited: Seconds before now that count as well.

        Raises:
            StoreBusy: The queue is full, or none was free in time.
        """
        started = time.monotonic() - waited
        limit = min(timeout or self.limits.timeout, self.limits.timeout)
        with self._free:
            if self._waiting + len(self._leases) >= self.limits.queue:
                self._ended["refused"] += 1
                raise StoreBusy("Too many queries are waiting; try again in a few seconds.")
            self._waiting += 1
            try:
                process = self._wait(started + limit)
            finally:
                self._waiting -= 1
            lease = Lease(self, process, shape, limit, started)
            lease.is_wanted = is_wanted
            if shape in self._endless:
                lease.demote()
            self._leases.add(lease)
            self._watch.notify()
        return lease

    def give_back(self, lease: Lease, *, is_usable: bool) -> None:
        """End a lease; its process is ended too unless ``is_usable`` and never demoted. May be called again."""
        with self._free:
            if lease.is_over:
                return
            lease.is_over = True
            self._leases.discard(lease)
            self._learn(lease, is_usable=is_usable)
            is_worn = (
                lease.is_long
                or lease.is_demoted
                or lease.is_last
                or lease.cause
                or lease.process.origin is not self._forker
            )
            keep = is_usable and not (is_worn or self._is_closed)
            if not is_usable:
                self._ended[lease.cause.value if lease.cause else "lost"] += 1
            if keep:
                self._idle.append(lease.process)
                self._free.notify()
            elif lease.cause is None:
                self._make_room(lease)
        if not keep:
            lease.process.close()

    def other(self, memory: int) -> QueryProcess:
        """Return a process of the other kind that the program of this pool has, to be ended by ``end_other``.

        Args:
            memory: The descriptor of the memory that it looks at.

        Raises:
            StoreError: None can be started.
        """
        process = self._forker.fork(memory)
        with self._free:
            self._others.add(process)
        return process

    def end_other(self, process: QueryProcess) -> None:
        """End a process of ``other``."""
        with self._free:
            self._others.discard(process)
        process.close()

    def is_current(self, process: QueryProcess) -> bool:
        """Return whether a process has the store as new ones have it."""
        return process.origin is self._forker

    def numbers(self) -> Mapping[str, int]:
        """Return how many queries wait and run now, and how many were refused and ended by cause since the start.

        ``in_memory`` is 1 where the store is held in memory.

        The causes: ``time``, ``crowd`` (too many long queries), ``gone`` (nobody waits), ``lost`` (memory, or from
        outside, or left by its reader).
        """
        with self._free:
            now = {"waiting": self._waiting, "running": len(self._leases), "long": self._long, "ready": self._ready}
            return {
                **now,
                "lanes": len(self._others),
                "in_memory": int(self._is_in_memory),
                **{name: self._ended[name] for name in ("refused", *(cause.value for cause in Cause), "lost")},
            }

    def open_stream(self) -> None:
        """Count an answer that is sent in pieces; StoreBusy where half of the queue does so: readers may be slow."""
        with self._free:
            if self._streams >= max(1, self.limits.queue // 2):
                raise StoreBusy("Too many long answers are being read; try again in a few seconds.")
            self._streams += 1

    def close_stream(self) -> None:
        """Count one less."""
        with self._free:
            self._streams -= 1

    def close(self) -> None:
        """End all queries and processes."""
        with self._free:
            self._is_closed = True
            for lease in self._leases:
                lease.cause = lease.cause or Cause.GONE
                lease.process.kill()
            for condition in (self._free, self._missing, self._watch):
                condition.notify_all()
            if self._coming is not None and self._coming is not self._forker:
                self._coming.close()
        for thread in self._threads:
            thread.join()
        for process in self._idle:
            process.close()
        self._idle.clear()
        for forker in (self._forker, *self._former):
            forker.close()

    def _wait(self, deadline: float) -> QueryProcess:
        while not self._is_closed:
            if self._idle:
                return self._idle.pop()
            if not self._free.wait(deadline - time.monotonic()) and not self._idle:
                raise StoreBusy("No process was free for the query in time; try again in a few seconds.")
        raise StoreError("The store is closed.")

    def _drop_dead(self) -> None:
        for process in [process for process in self._idle if not process.is_alive()]:
            self._idle.remove(process)
            process.close()
            self._ready -= 1
            self._missing.notify()

    def _keep_time(self) -> None:
        idle_ticks = 0
        while True:
            with self._watch:
                idle_ticks = 0 if self._leases else idle_ticks + 1
                if idle_ticks > _LINGER and not self._is_closed:
                    self._watch.wait()
                if self._is_closed:
                    return
                now = time.monotonic()
                for lease in self._leases:
                    self._check(lease, now)
                looks = [lease for lease in self._leases if lease.is_wanted and now - lease.looked > _LOOK]
            for lease in looks:
                self._look(lease, now)
            time.sleep(_TICK)

    def _check(self, lease: Lease, now: float) -> None:
        if lease.cause is not None:
            return
        if now - lease.started >= lease.timeout:
            self._end(lease, Cause.TIME)
            return
        occupied = now - lease.began
        used = lease.seconds()
        if lease.is_long or occupied < _PATIENCE:
            return
        if used >= (_ANSWERING_PATIENCE if lease.is_answering else _PATIENCE) and not lease.is_demoted:
            lease.demote()
        if not (lease.is_demoted or occupied >= _OCCUPANCY):
            return
        if self._long < self.limits.long_queries:
            lease.is_long = True
            self._long += 1
            self._ready -= 1
            self._missing.notify()
        elif used >= _CROWDED_PATIENCE or occupied >= _CROWDED_OCCUPANCY:
            self._end(lease, Cause.CROWD)

    def _learn(self, lease: Lease, *, is_usable: bool) -> None:
        if is_usable:
            self._endless.discard(lease.shape)
            if time.monotonic() - lease.began < _SHORT:
                self.when_short(lease.shape)
        elif lease.is_demoted and not lease.is_answering and time.monotonic() - lease.began >= _TRIAL:
            self._endless.add(lease.shape)

    def _look(self, lease: Lease, now: float) -> None:
        lease.looked = now
        if lease.is_wanted is None or lease.is_wanted():
            return
        with self._watch:
            if not lease.is_over and lease.cause is None:
                self._end(lease, Cause.GONE)

    def _end(self, lease: Lease, cause: Cause) -> None:
        lease.cause = cause
        lease.process.kill()
        self._make_room(lease)  # now: who waits for a slow reader notices the end much later

    def _make_room(self, lease: Lease) -> None:
        if lease.is_long:
            self._long -= 1
        else:
            self._ready -= 1
            self._missing.notify()

    def _keep_ready(self) -> None:
        while True:
            with self._missing:
                while self._ready >= self.limits.processes and not self._is_closed:
                    self._missing.wait(_REVIEW)
                    self._drop_dead()
                    self._drop_former()
                if self._is_closed:
                    return
            process = self._fork()
            if process is not None:
                with self._free:
                    if process.origin is not self._forker:
                        process.close()
                        continue
                    self._ready += 1
                    self._idle.append(process)
                    self._free.notify()

    def _fork(self) -> QueryProcess | None:
        forker = self._forker
        try:
            return forker.fork()
        except StoreError:
            forker.close()
        try:
            self._replace(self._start_forker())
        except StoreError:
            time.sleep(_RESTART)
        return None

    def _new_forker(self, *, in_memory: bool) -> Forker:
        limits, program = self.limits, self._program
        return Forker(self._path, memory=limits.memory, in_memory=in_memory, services=limits.services, program=program)

    def _start_forker(self) -> Forker:
        forker = self._new_forker(in_memory=self._is_in_memory)
        forker.wait()
        return forker

    def _move_to_memory(self) -> None:
        with self._missing:
            if self._is_closed:
                return
            self._coming = forker = self._new_forker(in_memory=True)
        try:
            forker.wait()
        except StoreError:
            return  # it is served from disk as before
        self._is_in_memory = True
        self._replace(forker)

    def _replace(self, forker: Forker) -> None:
        """Have new processes come from ``forker``; those of the one before end when their queries do."""
        with self._missing:
            self._former.append(self._forker)
            self._forker = forker
            worn, self._idle = self._idle, []
            self._ready -= len(worn)
            self._missing.notify()
        for process in worn:
            process.close()

    def _drop_former(self) -> None:
        needed = {process.origin for process in (*(lease.process for lease in self._leases), *self._others)}
        for forker in self._former:
            if forker not in needed:
                forker.close()
        self._former = [forker for forker in self._former if forker in needed]
