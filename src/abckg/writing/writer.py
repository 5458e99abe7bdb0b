"""The writer: the one process that keeps what may be written in memory and forks a process for each write.

Started by ``editable``; it has no threads, so that forking is safe, and the store on disk
is opened by what it forks only. The forked process applies the write to its own copy of the memory, works out what
follows, runs the shapes and lays a new version of the store on the disk. A write that takes too long is ended with its
process, and nothing is left of it. A version holds once the server says so and the file that names it is written.
Layer: imports ``errors``, ``forked``, ``gate``, ``judge``, ``orders``, ``transaction``, ``verdict`` and ``versions``;
runs on Linux.
"""

from __future__ import annotations

import errno
import gc
import hashlib
import json
import math
import os
import resource
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import AbckgError, QueryError, StoreError, StoreFull
from abckg.rewriting.statistics import collect, read_statistics, recount, write_statistics
from abckg.store import store_version
from abckg.writing.forked import Forked, fork
from abckg.writing.gate import Gate, find_gate
from abckg.writing.judge import Judge
from abckg.writing.orders import Message, message_of_fault, receive, send, write_in
from abckg.writing.transaction import Change, apply, consequences, graph_of
from abckg.writing.verdict import verdict
from abckg.writing.versions import Versions

__all__ = ["Bounds", "main"]

_MIB = 1 << 20
_LEAST = 1e-6  # seconds; none would be no limit
_FIRST = "000000.work"  # what `sweep` takes for a rest of a version
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_TEXTS = tuple(map(os.strerror, _NO_ROOM))
_FILES = 48  # so many files of a version are merged into few


@dataclass(frozen=True)
class Bounds:
    """What a write may take: seconds for its operations, seconds for all, MiB for its operations."""

    timeout: float = 30.0
    write_timeout: float = 120.0
    memory: int = 1024


class _Keeper:
    """What the writer keeps between writes: the named graphs, as a store and as a set."""

    def __init__(self, versions: Versions, gate: Gate, bounds: Bounds) -> None:
        self._versions, self._bounds = versions, bounds
        self.path = versions.current()
        self.version = store_version(self.path)
        self.graphs = versions.graphs(self.path)
        names, quads = _load(self.path)
        self._quads = {quad for quad in quads if graph_of(quad)}
        self._names = set(names)
        self._store = ox.Store()
        self._store.extend(self._quads)
        for name in names:
            self._store.add_graph(ox.NamedNode(name))
        self._judge = Judge(gate, self._quads)

    def find_conforming(self, me: Forked) -> None:
        """See, in a forked process, whether the state breaks nothing; end with a status other than 0 where it does."""
        _alarm(self._bounds.write_timeout)
        me.use_folder()
        if self._judge.violations():
            os._exit(1)

    def note_conforming(self) -> None:
        """Take it for known that the state breaks nothing: what a write does not reach is not checked again."""
        self._judge.is_conforming = True

    def prepare(self, order: Message, path: Path, answer: socket.socket, me: Forked) -> None:
        """Apply a write in this process, which is a forked one, and send what came of it."""
        timeout = order.fields["timeout"]
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        _alarm(min(self._bounds.timeout, deadline - time.monotonic()))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_address_space() + self._bounds.memory * _MIB, hard))
        try:
            me.use_folder()
            apply(write_in(order), self._store)
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
            _alarm(min(self._bounds.write_timeout, deadline - time.monotonic()))
            change = consequences(self._quads, self._names, self._store, self._judge)
            if change.violations:
                raise verdict(change.violations)
            send(answer, self._laid(change, path) if change else Message({"state": "unchanged"}))
        except AbckgError as fault:
            send(answer, message_of_fault(_full(fault) or fault))
        except (MemoryError, OSError) as fault:
            send(answer, message_of_fault(_failed(fault)))

    def adopt(self, prepared: Message) -> None:
        """Take over what a prepared write changed, which holds now."""
        added, removed = (set(ox.parse(part, ox.RdfFormat.N_QUADS)) for part in prepared.parts)
        for quad in removed:
            self._store.remove(quad)
        self._store.extend(added)
        self._quads -= removed
        self._quads |= added
        self._judge.change(removed, added)
        for name in prepared.fields["dropped"]:
            self._store.remove_graph(ox.NamedNode(name))
        for name in prepared.fields["created"]:
            self._store.add_graph(ox.NamedNode(name))
        self._names = (self._names - set(prepared.fields["dropped"])) | set(prepared.fields["created"])
        self.path, self.version = Path(prepared.fields["path"]), prepared.fields["version"]
        self.graphs = prepared.fields["graphs"]

    def _laid(self, change: Change, path: Path) -> Message:
        """Lay the version after a change on the disk and return what tells of it."""
        ox.Store.read_only(str(self.path)).backup(str(path))
        store = ox.Store(str(path))
        for quad in change.removed:
            store.remove(quad)
        store.extend(change.added)
        for name in change.dropped:
            store.remove_graph(ox.NamedNode(name))
        for name in change.created:
            store.add_graph(ox.NamedNode(name))
        version = self._following(change)
        known = read_statistics(self.path, self.version)
        predicates = {quad.predicate.value for quad in (*change.added, *change.removed) if not graph_of(quad)}
        write_statistics(path, recount(store, known, predicates) if known else collect(store), version)
        store.flush()
        if sum(entry.suffix == ".sst" for entry in path.iterdir()) > _FILES:
            store.optimize()
        del store
        graphs = {**self.graphs, **dict.fromkeys(change.graphs, version)}
        self._versions.describe(path, version, graphs)
        parts = tuple(
            ox.serialize([quad for quad in quads if graph_of(quad)], format=ox.RdfFormat.N_QUADS) or b""
            for quads in (change.added, change.removed)
        )
        fields = {"state": "prepared", "path": str(path), "version": version, "graphs": graphs}
        names = {"created": sorted(change.created), "dropped": sorted(change.dropped)}
        return Message({**fields, **names}, parts)

    def _following(self, change: Change) -> str:
        """Return a version that depends on all writes there were: it never comes again for another content."""
        lines = [*(f"+{quad}" for quad in change.added), *(f"-{quad}" for quad in change.removed)]
        lines += [*(f"+{name}" for name in change.created), *(f"-{name}" for name in change.dropped)]
        return hashlib.sha256("\n".join((self.version, *sorted(lines))).encode()).hexdigest()[:12]


def main(arguments: list[str]) -> None:
    """Keep the store and prepare a write for each order that comes in.

    Args:
        arguments: The descriptor of the connection to the server, the path of the store, that of the root of the
            dataset, the bounds (seconds for the operations, for all, and MiB), and ``first`` or ``again``: whether
            the server may read earlier versions already.
    """
    import pyshacl  # noqa: F401 - not in the process of each write, and not where this module is only looked into

    descriptor, store, root, timeout, write_timeout, memory, start = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends this process
    control = socket.socket(fileno=int(descriptor))
    versions = Versions(Path(store))
    try:
        versions.lock()
        versions.sweep(earlier=start == "first")
        gate = find_gate(Path(store), Path(root) if root else None)
        keeper = _Keeper(versions, gate, Bounds(float(timeout), float(write_timeout), int(memory)))
    except AbckgError as fault:
        send(control, message_of_fault(fault))
        return
    gc.freeze()
    send(control, Message({"state": "ready", "path": str(keeper.path)}))
    _serve(keeper, versions, control)


def _serve(keeper: _Keeper, versions: Versions, control: socket.socket) -> None:
    """Take orders until the server has ended."""
    _find_conforming(keeper, versions, control)
    while (order := receive(control)) is not None:
        path = versions.following()
        prepared = _prepared(keeper, order, path, control)
        is_new = prepared.fields.get("state") == "prepared"
        send(control, Message({**prepared.fields}, () if is_new else prepared.parts))
        decision = receive(control) if is_new else None
        if decision is None or decision.fields["do"] != "commit":
            versions.remove(path)
            continue
        try:
            versions.choose(path)
        except OSError as fault:
            if versions.current() != path:
                versions.remove(path)
                send(control, message_of_fault(_failed(fault)))
                continue
        send(control, Message({"state": "done"}))
        keeper.adopt(prepared)


def _find_conforming(keeper: _Keeper, versions: Versions, control: socket.socket) -> None:
    """Have a process see whether the state breaks nothing; what follows need not be checked as a whole then."""
    ours, theirs = os.pipe()

    def look(me: Forked) -> None:
        control.close()
        os.close(ours)
        keeper.find_conforming(me)

    looking = fork(look, versions.folder / _FIRST)
    os.close(theirs)
    poll = select.poll()
    poll.register(ours, select.POLLIN)  # which ends with the process
    poll.register(control, select.POLLIN)
    poll.poll()
    if _has_ended(control):
        looking.kill()
    # An order that came waits for what its own check would take as long to find out.
    if looking.ended() == 0:
        keeper.note_conforming()
    os.close(ours)


def _prepared(keeper: _Keeper, order: Message, path: Path, control: socket.socket) -> Message:
    ours, theirs = socket.socketpair()

    def prepare(me: Forked) -> None:
        control.close()
        ours.close()
        keeper.prepare(order, path, theirs, me)

    forked = fork(prepare, path.with_name(f"{path.name}.work"))
    theirs.close()
    with ours:
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        poll.register(control, select.POLLIN)  # no other order comes: the server has ended
        if any(descriptor == control.fileno() for descriptor, _ in poll.poll()):
            forked.kill()
        answer = receive(ours)
        status = forked.ended()
    if answer is not None:
        return answer
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return Message({"fault": "timeout"})
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSEGV:
        # What overflows a stack is what was sent; the same would do so again.
        return message_of_fault(QueryError("The write nests deeper than this server can read; flatten it."))
    return message_of_fault(
        StoreError("The process of the write was ended: it needed too much memory, or was stopped from outside.")
    )


def _has_ended(control: socket.socket) -> bool:
    """Return whether nobody is at the other end any more; an order that waits is left there."""
    try:
        return not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _alarm(seconds: float) -> None:
    """Have this process ended after so many seconds, even in the middle of the engine."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, _LEAST))


def _failed(fault: MemoryError | OSError) -> StoreError:
    return _full(fault) or StoreError(f"The write was not applied: {fault}")


def _full(fault: BaseException | None) -> StoreFull | None:
    """Return the error to tell where ``fault``, or what it came from, is that the disk has no room; else None."""
    while fault is not None:
        # The engine gives the words of the system without its number.
        if isinstance(fault, OSError) and (fault.errno in _NO_ROOM or any(text in str(fault) for text in _FULL_TEXTS)):
            return StoreFull("The write was not applied: there is no room on the disk. Nothing was changed.")
        fault = fault.__cause__
    return None


def _load(path: Path) -> tuple[list[str], list[ox.Quad]]:
    """Return the names of the graphs and the quads of a store; a second process reads it, as reading starts threads."""
    source, target = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(source)
        with open(target, "wb") as dump:  # noqa: PTH123 - a descriptor, not a path
            store = ox.Store.read_only(str(path))
            names = [name.value for name in store.named_graphs() if isinstance(name, ox.NamedNode)]
            dump.write(json.dumps(names).encode() + b"\n")
            store.dump(dump, ox.RdfFormat.N_QUADS)
        os._exit(0)
    os.close(target)
    with open(source, "rb") as dump:  # noqa: PTH123
        head, body = dump.readline(), dump.read()
    if os.waitpid(process, 0)[1] != 0:
        raise StoreError(f"{path}: the store cannot be read into memory.")
    return json.loads(head), list(ox.parse(body, ox.RdfFormat.N_QUADS, lenient=True))


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1:])
