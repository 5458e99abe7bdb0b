"""The query processes: one keeps the store and forks the others, each of which answers one query at a time.

Started by ``processes``: a fresh interpreter without threads, so that forking is safe.
A store in memory is shared by all until written to (it never is); one on disk is opened read-only by each. Nothing is
written to disk. Every process ends when the one that started it does.
Layer: imports ``errors``, ``formats``, ``statistics``, ``store`` and ``wire``; runs on Linux.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import IO, TypeAlias, cast

import pyoxigraph as ox

from abckg.errors import AbckgError, StoreError
from abckg.federation.addresses import AllowList
from abckg.federation.elsewhere import Elsewhere
from abckg.federation.federation import Federation
from abckg.formats import SOLUTION_FORMATS, formats_for, named
from abckg.pool.wire import PAGE, Mark, Task, pack, pack_fault
from abckg.rewriting.statistics import collect, read_statistics
from abckg.store import Answer, EmbeddedStore, Term, store_version

__all__ = ["Other", "address_space", "main", "name_process"]

Other: TypeAlias = Callable[[socket.socket, EmbeddedStore, int], None]

_MIB = 1 << 20
_PIECE = 1 << 17
_TASKS = 5000
_GROWTH = 256  # MiB
_PR_SET_PDEATHSIG = 1


class _Sink:
    """A file to write an answer to: frames to the server, the first with the kind of the answer before it."""

    def __init__(self, connection: socket.socket, head: bytes) -> None:
        self._connection = connection
        self._parts = [head]
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        if self._size >= _PIECE:
            self._send()
        return len(piece)

    def flush(self) -> None:
        """Do nothing: pieces are sent when there are enough of them."""

    def close(self, mark: Mark) -> None:
        self._send(pack(mark))

    def _send(self, *more: bytes) -> None:
        body = [pack(Mark.DATA, b"".join(self._pieces))] if self._pieces else []
        try:
            self._connection.sendall(b"".join([*self._parts, *body, *more]))
        except OSError:
            os._exit(0)  # nobody listens any more; an exception would have to pass through the engine
        self._parts, self._pieces, self._size = [], [], 0


def main(arguments: list[str], other: Other | None = None) -> None:
    """Keep the store and fork a query process for each byte that comes in.

    Args:
        arguments: The descriptor of the connection to the server, the path of the store, the MiB that a query may
            take, ``memory`` or ``disk``, where the store is to be read from, and the prefixes of the endpoints that
            SERVICE may ask, as JSON.
        other: What a process of another kind does with the connection to the server, the store, and the memory that
            came with the byte: a descriptor. Its connection keeps the bounds of messages.
    """
    descriptor, path, memory, kept, services = arguments
    federation = Federation(Elsewhere(AllowList(json.loads(services))))
    for name in (signal.SIGINT, signal.SIGTERM):  # they reach the whole group; the server ends this process
        signal.signal(name, signal.SIG_IGN)
    control = socket.socket(fileno=int(descriptor))
    folder = Path(path)
    store = _load(folder) if kept == "memory" else None
    gc.freeze()  # the collector of a forked process would copy every page that it looks at
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with contextlib.suppress(OSError):  # the server may have ended meanwhile
        control.sendall(b"r")
    while (asked := socket.recv_fds(control, 1, 1))[0]:
        shared = asked[1]
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET if shared else socket.SOCK_STREAM)
        keeper, process = os.getpid(), os.fork()
        if process == 0:
            control.close()
            ours.close()
            served = store or EmbeddedStore.open(folder)
            if _settle(keeper, int(memory)):
                if shared and other:
                    other(theirs, served, shared[0])
                else:
                    served.federate = federation
                    _serve(theirs, served, int(memory))
            os._exit(0)
        theirs.close()
        _hand_over(control, process, ours)
        for unneeded in shared:
            os.close(unneeded)


def _hand_over(control: socket.socket, process: int, connection: socket.socket) -> None:
    handle = os.pidfd_open(process)
    socket.send_fds(control, [str(process).encode()], [connection.fileno(), handle])
    os.close(handle)
    connection.close()


def _load(folder: Path) -> EmbeddedStore:
    """Read a store into memory by a second process: reading starts threads, and this one must have none to fork."""
    source, target = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(source)
        with contextlib.suppress(BrokenPipeError), open(target, "wb", buffering=_MIB) as dump:  # noqa: PTH123
            ox.Store.read_only(str(folder)).dump(dump, ox.RdfFormat.N_QUADS)
        os._exit(0)
    os.close(target)
    store = ox.Store()
    with open(source, "rb", buffering=_MIB) as dump:  # noqa: PTH123 - a descriptor, not a path
        store.bulk_load(dump, ox.RdfFormat.N_QUADS, lenient=True)
    if os.waitpid(process, 0)[1] != 0:
        raise StoreError(f"{folder}: the store cannot be read into memory.")
    version = store_version(folder)
    statistics = read_statistics(folder, version) or collect(store)  # a write leaves none
    return EmbeddedStore(store, version, lambda: statistics)


def name_process(name: str) -> None:
    """Have the system's lists of processes show the calling one under ``name``, of 15 characters at most."""
    Path("/proc/self/comm").write_text(name, encoding="ascii")


def address_space() -> int:
    """Return how many bytes the address space of this process has."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _settle(keeper: int, memory: int) -> bool:
    """Bind a forked process to the one that forked it, and to its memory; False where that one has ended."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        return False
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = address_space() + memory * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return True


def _serve(connection: socket.socket, store: EmbeddedStore, memory: int) -> None:
    name_process("abckg-query")
    at_first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for count in range(1, _TASKS + 1):
        task = Task.read(connection)
        if task is None:
            return
        mark = Mark.END
        try:
            answer = store.query(task.text, inference=task.inference, dataset=task.dataset)
            sink = _send(connection, task, answer)
            del answer
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - at_first) / 1024
            # What a large query took is not given back to the system: another process begins without it.
            mark = Mark.LAST if count == _TASKS or grown > min(_GROWTH, memory / 2) else Mark.END
            sink.close(mark)
        except AbckgError as fault:
            connection.sendall(pack_fault(fault))
        if mark is Mark.LAST:
            return


def _send(connection: socket.socket, task: Task, answer: Answer) -> _Sink:
    kind = "graph" if answer.kind == "graph" else "solutions"
    name = task.forms.get(kind)
    form = named(name, formats_for(answer.kind)) if name else None
    head = {"kind": answer.kind, "form": form.name if form else name}
    if name == PAGE and answer.kind == "solutions" and task.rows is not None:
        head["form"] = "tsv"
    sink = _Sink(connection, pack(Mark.HEAD, json.dumps(head).encode()))
    if form is not None:
        answer.write(cast(IO[bytes], sink), form, task.prefixes)
    elif name == PAGE:
        _send_rows(sink, answer, task.rows)
    return sink


def _send_rows(sink: _Sink, answer: Answer, rows: int | None) -> None:
    """Send what a page shows of an answer: of rows and triples no more than one over ``rows``."""
    enough = None if rows is None else rows + 1
    if answer.kind == "graph":
        for triple in islice(answer.triples(), enough):
            sink.write(f"{triple} .\n".encode())
    elif answer.kind == "boolean" or rows is None:
        answer.write(cast(IO[bytes], sink), SOLUTION_FORMATS[0])
    else:
        sink.write("\t".join(f"?{name}" for name in answer.variables).encode() + b"\n")
        for row in islice(answer.rows(), enough):
            sink.write("\t".join(map(_written, row)).encode() + b"\n")


def _written(term: Term | None) -> str:
    if term is None:
        return ""
    return f"<<( {term} )>>" if isinstance(term, ox.Triple) else str(term)


if __name__ == "__main__":
    main(sys.argv[1:])
