"""A store directory that is asked through query processes and written through one writer.

Each write makes a new version with query processes of its own; from then on new queries go there, and those under way
finish on the version they began with, which is deleted when nobody uses it any more.
Layer: imports ``dataset``,
``errors``, ``gate``, ``orders``, ``pool``, ``pooled``, ``store``, ``transaction``, ``versions`` and ``writer``.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from abckg.dataset import DATA_GRAPH, ONTOLOGY_GRAPH
from abckg.errors import QueryTimedOut, StoreBusy, StoreError
from abckg.namespaces import INFERRED_GRAPH
from abckg.pool.lease import Limits
from abckg.pool.pool import Pool
from abckg.pool.pooled import PooledStore
from abckg.pool.processes import WORKER
from abckg.store import Answer, Choose, DatasetSelection, Document, Question, Store, store_version
from abckg.writing.gate import find_gate
from abckg.writing.orders import Message, fault_in, message_of_write, receive, send
from abckg.writing.transaction import GraphWrite, Update
from abckg.writing.versions import Versions
from abckg.writing.writer import Bounds

__all__ = ["EditableStore", "refuse_unless_writable"]

_GRACE = 5.0
_RETIRED = 2
_PAUSE = 0.05


class _Writer:
    """The connection to the writer, which is started again where it has ended."""

    def __init__(self, store: Path, root: Path | None, bounds: Bounds) -> None:
        self._store, self._root, self._bounds = store, root, bounds
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._was_started = False
        self.path = self._start()

    def order(self, message: Message) -> Message:
        """Return what the writer answers.

        Raises:
            StoreError: It has ended; the next order finds a new one.
            AbckgError: What it says.
        """
        if self._control is None:
            self._start()
        answer = None
        if self._control is not None:
            with contextlib.suppress(OSError):
                send(self._control, message)
                answer = receive(self._control)
        if answer is None:
            self.close()
            raise StoreError("The writer has ended; try again.")
        if answer.fields.get("fault") == "timeout":
            raise QueryTimedOut(
                f"The write took longer than it may ({self._bounds.timeout:g} seconds for its operations, "
                f"{self._bounds.write_timeout:g} for the rest, or what its `timeout` says) and was ended; "
                "nothing was changed."
            )
        fault = fault_in(answer)
        if fault is not None:
            raise fault
        return answer

    def abort(self) -> None:
        """Have a prepared write forgotten."""
        if self._control is not None:
            with contextlib.suppress(OSError):
                send(self._control, Message({"do": "abort"}))

    def close(self) -> None:
        """End the writer and what it forked."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None

    def _start(self) -> Path:
        ours, theirs = socket.socketpair()
        bounds = (self._bounds.timeout, self._bounds.write_timeout, self._bounds.memory)
        where = (str(theirs.fileno()), str(self._store), str(self._root or ""))
        start = "again" if self._was_started else "first"
        self._was_started = True
        command = [sys.executable, "-m", "abckg.writing.writer", *where, *map(str, bounds), start]
        with theirs:
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)  # noqa: S603
        self._control = ours
        answer = receive(ours)
        fault = fault_in(answer) if answer else StoreError(f"{self._store}: the writer does not start.")
        if answer is None or fault is not None:
            self.close()
            raise fault or StoreError(f"{self._store}: the writer does not start.")
        return Path(answer.fields["path"])


@dataclass
class _Served:
    """A version with its query processes; ``uses`` counts the requests that hold to it."""

    path: Path
    pooled: PooledStore
    graphs: Mapping[str, str]
    uses: int = 0

    def is_idle(self) -> bool:
        numbers = self.pooled.numbers()
        return not (self.uses or numbers["running"] or numbers["waiting"] or numbers["lanes"])


@dataclass
class _Pins(threading.local):
    served: _Served | None = field(default=None)


class EditableStore:
    """A store directory that can be written to; ``close`` it at the end.

    Args:
        path: The store that a build wrote; its versions lie beside it.
        root: The dataset whose ontology and shapes hold where none lie beside the store.
        limits: What queries may take.
        bounds: What a write may take.
        program: See ``Forker``.

    Attributes:
        changed: Called when the queries that begin from now on see what was written.
    """

    def __init__(self, path: Path, root: Path | None, limits: Limits, bounds: Bounds, program: str = WORKER) -> None:
        self._limits, self._bounds, self._program = limits, bounds, program
        self.changed: Callable[[], None] = lambda: None
        self._versions = Versions(path)
        self._base = store_version(path)
        self._writer = _Writer(path, root, bounds)
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._turn = threading.Lock()
        self._waiting = 0
        self._pins = _Pins()
        self._retired: list[_Served] = []
        self._is_closed = False
        self._served = self._open(self._writer.path)
        self._cleaner = threading.Thread(target=self._clean, daemon=True)
        self._cleaner.start()

    @property
    def version(self) -> str:
        """See ``Store.version``; after a write it depends on all writes there were."""
        return (self._pins.served or self._served).pooled.version

    @property
    def pool(self) -> Pool:
        """The processes of the queries that begin now."""
        return self._served.pooled.pool

    def query(self, text: str, *, inference: bool = True, dataset: DatasetSelection | None = None) -> Answer:
        """See ``Store.query``."""
        with self._using() as served:
            return served.pooled.query(text, inference=inference, dataset=dataset)

    def run(self, question: Question, choose: Choose) -> Answer | Document:
        """See ``Store.run``."""
        with self._using() as served:
            return served.pooled.run(question, choose)

    def count(self) -> int:
        """See ``Store.count``."""
        with self._using() as served:
            return served.pooled.count()

    def numbers(self) -> Mapping[str, int]:
        """See ``Pool.numbers``."""
        with self._using() as served:
            return served.pooled.numbers()

    def tag(self, graph: str) -> str:
        """Return the version in which a graph changed last; of the default graph where ``graph`` is empty."""
        with self._using() as served:
            return served.graphs.get(graph, self._base)

    def pin(self) -> None:
        """Have this thread see the version of now until ``unpin``, whatever is written meanwhile."""
        self.unpin()
        with self._lock:
            self._served.uses += 1
            self._pins.served = self._served

    def unpin(self) -> None:
        """Have this thread see the version of each moment again."""
        served, self._pins.served = self._pins.served, None
        if served is not None:
            with self._changed:
                served.uses -= 1
                self._changed.notify_all()

    def write(self, write: Update | GraphWrite, check: Callable[[], None] = lambda: None) -> bool:
        """Apply a write wholly or not at all; once this returns it outlives a crash, and queries see it.

        Args:
            write: What is to be written.
            check: Raises where the write is not to be; called when no other write can come between.

        Returns:
            Whether anything changed.

        Raises:
            StoreBusy: Too many writes wait, or long queries hold too many versions.
            QueryTimedOut: The write took too long, or longer than its ``timeout``, and was ended.
            AbckgError: What ``check`` raises, and why the write is refused.
        """
        self.unpin()
        started = time.monotonic()
        with self._in_turn(min(self._limits.timeout, write.timeout or math.inf)):
            check()
            order = message_of_write(write)
            left = None if write.timeout is None else max(0.0, write.timeout - (time.monotonic() - started))
            prepared = self._writer.order(Message({**order.fields, "timeout": left}, order.parts))
            if prepared.fields["state"] != "prepared":
                return False
            try:
                served = self._open(Path(prepared.fields["path"]))
            except BaseException:
                self._writer.abort()
                raise
            self._commit(served)
            return True

    def close(self) -> None:
        """End the writer, all queries and all processes."""
        with self._turn:
            self._writer.close()
            with self._changed:
                self._is_closed = True
                self._changed.notify_all()
            self._cleaner.join()
            for served in (*self._retired, self._served):
                served.pooled.close()

    def _commit(self, served: _Served) -> None:
        try:
            self._writer.order(Message({"do": "commit"}))
        except StoreError:
            # It ended before it could say whether the version holds: the file says so.
            if self._versions.current() != served.path:
                served.pooled.close()
                raise
        with self._changed:
            self._retired.append(self._served)
            self._served = served
            self._changed.notify_all()
        self.changed()

    def _open(self, path: Path) -> _Served:
        return _Served(path, PooledStore.open(path, self._limits, self._program), self._versions.graphs(path))

    @contextmanager
    def _using(self) -> Iterator[_Served]:
        if self._pins.served is not None:
            yield self._pins.served
            return
        with self._lock:
            served = self._served
            served.uses += 1
        try:
            yield served
        finally:
            with self._changed:
                served.uses -= 1
                self._changed.notify_all()

    @contextmanager
    def _in_turn(self, timeout: float) -> Iterator[None]:
        deadline = time.monotonic() + timeout
        with self._lock:
            if self._waiting >= self._limits.queue:
                raise StoreBusy("Too many writes are waiting; try again in a few seconds.")
            self._waiting += 1
        try:
            if not self._turn.acquire(timeout=timeout):
                raise StoreBusy("Other writes took all the time; try again in a few seconds.")
        finally:
            with self._lock:
                self._waiting -= 1
        try:
            with self._changed:
                while len(self._retired) >= _RETIRED:
                    if not self._changed.wait(deadline - time.monotonic()):
                        raise StoreBusy("Long queries hold the versions before; try again in a few seconds.")
            yield
        finally:
            self._turn.release()

    def _clean(self) -> None:
        """Close and delete the versions that nobody uses any more."""
        while True:
            with self._changed:
                while not self._retired and not self._is_closed:
                    self._changed.wait()
                if self._is_closed:
                    return
                idle = [served for served in self._retired if served.is_idle()]
            for served in idle:
                served.pooled.close()
                self._versions.remove(served.path)
            with self._changed:
                self._retired = [served for served in self._retired if served not in idle]
                self._changed.notify_all()
                if not idle:
                    self._changed.wait(_PAUSE)


def refuse_unless_writable(path: Path, root: Path | None, store: Store) -> None:
    """Raise StoreError where the store at ``path``, opened as ``store``, cannot be written as it should be.

    Another server writes to it already; or its default graph is not the union of ontology, data and inferences, so
    that a write would lose what is in no graph of these; or the ontology by which a write would be judged is not its
    own.
    """
    versions = Versions(path)
    descriptor = versions.lock()
    os.close(descriptor)
    graphs = " ".join(f"<{name}>" for name in (ONTOLOGY_GRAPH, DATA_GRAPH, INFERRED_GRAPH))
    inside = f"VALUES ?g {{ {graphs} }} GRAPH ?g {{ ?s ?p ?o }}"
    query = (
        f"ASK {{ {{ ?s ?p ?o FILTER NOT EXISTS {{ {inside} }} }} "
        f"UNION {{ {inside} FILTER NOT EXISTS {{ {{ ?s ?p ?o }} }} }} }}"
    )
    gate = find_gate(path, root)
    held = set(store.query(f"SELECT ?s ?p ?o WHERE {{ GRAPH <{ONTOLOGY_GRAPH}> {{ ?s ?p ?o }} }}").rows())
    wanted = ox.Store()  # a store writes numbers in its own way: 100.0 comes back as 100
    wanted.extend(ox.Quad(*triple) for triple in (*gate.ontology, *gate.vocab))
    for triple in (quad.triple for quad in wanted):
        if not any(isinstance(term, ox.BlankNode) for term in triple) and tuple(triple) not in held:
            raise StoreError(f"{path}: its ontology is not that of {root}: {triple} is missing; run: abckg build")
    if store.query(query).boolean:
        raise StoreError(
            f"{path}: the default graph is not the union of {graphs}; only a store that `abckg build` wrote is written."
        )
