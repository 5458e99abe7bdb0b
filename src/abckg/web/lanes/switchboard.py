"""Takes every connection, gives it to a lane, and takes it back from a lane that is busy for too long.

Layer: web; imports ``errors`` and ``pool``; runs on Linux.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import resource
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from abckg.errors import StoreError
from abckg.pool.pool import Pool
from abckg.pool.processes import QueryProcess
from abckg.web.connection import Carried
from abckg.web.lanes.board import LANES, Board, State
from abckg.web.lanes.messages import Greeting, Kind, ask_back, receive, send_connection
from abckg.web.lanes.tunnel import Tunnels

__all__ = ["Measured", "Switchboard"]

# Seconds of processor time: of a query of an unknown shape, and of one whose shape was short before.
_PATIENCE, _MORE_PATIENCE = 0.025, 0.1
_EXCEPTIONS = 3
_OCCUPANCY = 0.2  # seconds
_TICK, _RESTING_TICK = 0.01, 0.05
_LINGER = 1_000_000_000  # nanoseconds
_AT_ONCE = 64
_RESTART = 1.0
_SPARE = 64  # descriptors that no connection takes
_FORGET = 600.0
_CARE, _MOST_CARE = 1.0, 16.0

_log = logging.getLogger(__name__)

Measured = Callable[[str, int, float, str | None], None]


@dataclass
class _Lane:
    number: int
    process: QueryProcess
    pool: Pool
    clients: set[int] = field(default_factory=set)
    seen: tuple[int, float] = (0, 0.0)  # the query that was under way, and the processor time taken before
    began: float = field(default_factory=time.monotonic)
    is_retired: bool = False


class Switchboard:
    """The connections of a server.

    Args:
        pool: Returns what has the processes for the data as they are now.
        listener: Where clients connect.
        port: The port of the server behind, on the loopback interface.
        lanes: How many processes answer at a time.
        measured: Called with method, status, seconds and the use of the cache of each request that a lane answered.
        carried: See ``Tunnels``.
    """

    def __init__(
        self,
        pool: Callable[[], Pool],
        listener: socket.socket,
        port: int,
        lanes: int,
        measured: Measured,
        carried: dict[str, Carried],
    ) -> None:
        self._pool, self._listener, self._measured = pool, listener, measured
        self._wanted = min(lanes, LANES)
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = descriptors // 2  # a connection that is led behind takes two more
        self._tunnels = Tunnels(port, carried, descriptors - min(_SPARE, descriptors // 4))
        self.board = Board()
        self._lanes: dict[int, _Lane] = {}
        self._clients: dict[int, socket.socket] = {}
        self._last = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._resting = 0.0
        self._exceptions: Counter[int] = Counter()
        self._care, self._careless = _CARE, 0.0

    def start(self) -> threading.Thread:
        """Begin, in a thread of its own that ends with the process."""
        thread = threading.Thread(target=self._run, name="abckg-switchboard", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:
            _log.exception("The connections are lost; this process ends, and another takes its place.")
            os._exit(1)

    async def _serve(self) -> None:
        self._loop, self._staffing = asyncio.get_running_loop(), asyncio.Lock()
        self._listener.setblocking(False)
        self._listener.listen(1024)
        self._loop.add_reader(self._listener, self._accept)
        self._start(self._staff())
        forgotten = time.monotonic()
        while True:
            await asyncio.sleep(self._pause())
            self._watch()
            if time.monotonic() - forgotten > _FORGET:
                self.board.forget()
                self._exceptions.clear()
                forgotten = time.monotonic()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                with self._listener.dup() as probe:  # of the lowest number that is free
                    is_room = probe.fileno() < self._most
                client = self._listener.accept()[0] if is_room else None
            except BlockingIOError:
                return
            except OSError:
                client = None
            if client is None:  # no descriptor is to spare: those that wait go on waiting
                self._loop.remove_reader(self._listener)
                self._loop.call_later(_TICK, self._loop.add_reader, self._listener, self._accept)
                return
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._last += 1
            self._clients[self._last] = client
            self._assign(self._last)

    def _assign(self, number: int) -> None:
        """Give a connection to the lane that has the fewest, or lead it to the server behind where there is none."""
        ready = [lane for lane in self._lanes.values() if not lane.is_retired]
        for lane in sorted(ready, key=lambda lane: len(lane.clients)):
            with contextlib.suppress(OSError):
                send_connection(lane.process.connection, number, self._clients[number])
                lane.clients.add(number)
                return
        self._start(self._lead(number))

    async def _lead(self, number: int, began: int = 0) -> None:
        """Lead a connection to the server behind; its request was begun at ``began`` where it was."""
        if await self._tunnels.carry(self._clients[number], began):
            self._assign(number)
        else:
            self._close(number)

    async def _finish(self, number: int, rest: bytes, *, is_last: bool) -> None:
        try:
            await self._loop.sock_sendall(self._clients[number], rest)
        except OSError:
            is_last = True
        if is_last:
            self._close(number)
        else:
            self._assign(number)

    def _close(self, number: int) -> None:
        client = self._clients.pop(number)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_WR)
        client.close()

    def _hear(self, lane: _Lane, most: int | None = _AT_ONCE) -> None:
        """Do what a lane asks for, up to so many times."""
        for _ in itertools.repeat(None) if most is None else range(most):
            try:
                message = receive(lane.process.connection)
            except BlockingIOError:
                return
            except OSError:
                message = None
            if message is None:
                self._loop.remove_reader(lane.process.connection)
                return
            kind, number, data = message
            lane.clients.discard(number)
            if kind is Kind.MEASURED:
                for one in json.loads(data):
                    self._measured(*one)
            elif kind is Kind.CLOSED:
                self._close(number)
            elif kind is Kind.FREED:
                self._assign(number)
            elif kind is Kind.PASSED:
                self._start(self._lead(number))
            else:
                self._start(self._finish(number, data, is_last=kind is Kind.LAST_REST))

    def _pause(self) -> float:
        """Return the seconds until the lanes are to be looked at again."""
        latest = max((self.board.latest(number) for number in self._lanes), default=0)
        return _TICK if time.monotonic_ns() - latest < _LINGER else _RESTING_TICK

    def _watch(self) -> None:
        """Take long queries from their lanes, and end the lanes whose data are those of before."""
        pool = self._pool()
        for lane in self._lanes.values():
            if self._is_long(lane):
                lane.process.kill()
            elif not lane.is_retired and not (lane.pool is pool and pool.is_current(lane.process)):
                lane.is_retired = True
                with contextlib.suppress(OSError):
                    lane.process.connection.shutdown(socket.SHUT_WR)

    def _is_long(self, lane: _Lane) -> bool:
        """Return whether a lane works on its query for longer than lanes are for."""
        began = self.board.began(lane.number)
        if began != lane.seen[0]:
            lane.seen = began, lane.process.seconds() if began else 0.0
            return False
        occupied = (time.monotonic_ns() - began) / 1e9 if began else 0.0
        patience = _MORE_PATIENCE if self.board.is_short(self.board.shape(lane.number)) else _PATIENCE
        return occupied > patience and (occupied > _OCCUPANCY or lane.process.seconds() - lane.seen[1] > patience)

    def _ended(self, lane: _Lane) -> None:
        """Give the connections of a lane that has ended to others."""
        self._loop.remove_reader(lane.process.handle)
        self._hear(lane, most=None)
        self._loop.remove_reader(lane.process.connection)
        del self._lanes[lane.number]
        lane.pool.end_other(lane.process)
        state, busy = self.board.state(lane.number), self.board.connection(lane.number)
        self.board.turn(lane.number, State.IDLE)
        for number in lane.clients:
            if number != busy or state is State.IDLE:
                self._assign(number)
            elif state is State.ASKING:
                self._learn(self.board.shape(lane.number))
                self._start(self._lead(number, self.board.latest(lane.number)))
            else:
                self._close(number)  # nobody knows how much of the answer was sent
        if time.monotonic() - lane.began < _RESTART and not lane.is_retired and state is State.IDLE:
            self._resting = time.monotonic() + _RESTART
        self._start(self._staff())

    def _learn(self, shape: int) -> None:
        """Remember that a query of ``shape`` was long; one that is short as a rule may have a few exceptions."""
        if self.board.is_short(shape):
            self._exceptions[shape] += 1
        if not self.board.is_short(shape) or self._exceptions[shape] >= _EXCEPTIONS:
            self.board.note_long(shape)
            self._take_care()

    def _take_care(self) -> None:
        """Have lanes take only known shapes for a while, twice as long as before when it is needed soon again.

        So no number of shapes ends more than a lane or two every few seconds.
        """
        now = time.monotonic()
        self._care = min(2 * self._care, _MOST_CARE) if now < self._careless + 2 * self._care else _CARE
        self._careless = now + self._care
        self.board.be_careful(self._care)

    async def _staff(self) -> None:
        """Start the lanes that are missing."""
        await asyncio.sleep(max(0.0, self._resting - time.monotonic()))
        async with self._staffing:
            while len(self._lanes) < self._wanted:
                await self._hire()

    async def _hire(self) -> None:
        number = next(number for number in range(LANES) if number not in self._lanes)
        edition, pool = self.board.edition, self._pool()  # in this order: data later than their edition do no harm
        pool.when_short = self.board.note_short  # in times of care, lanes take the next one of its shape
        try:
            process = await self._loop.run_in_executor(None, pool.other, self.board.descriptor)
        except StoreError:
            await asyncio.sleep(_RESTART)
            return
        host, port = self._listener.getsockname()[:2]
        process.connection.send(Greeting(number, edition, host, port).encode())
        process.connection.setblocking(False)
        self._lanes[number] = lane = _Lane(number, process, pool)
        self._loop.add_reader(process.connection, self._hear, lane)
        self._loop.add_reader(process.handle, self._ended, lane)
        self._balance()

    def _balance(self) -> None:
        """Have lanes give back what they have more than others: those of a lane that ended went to the rest."""
        fair = -(-sum(len(lane.clients) for lane in self._lanes.values()) // len(self._lanes))
        for lane in self._lanes.values():
            if len(lane.clients) > fair and not lane.is_retired:
                with contextlib.suppress(OSError):
                    ask_back(lane.process.connection, len(lane.clients) - fair)
