"""Runs the fast SHACL engine in a forked process, so that a crash of the engine ends nothing else.

A fork takes a thousandth of a second, a fresh interpreter twenty, and needs no files for the graphs. It is made only
where this process has a single thread: what another has locked would stay locked in the copy. This module imports
next to nothing, so that the engine can be started first and the rest be imported while it runs.
Layer: imports ``child``.
"""

from __future__ import annotations

import marshal
import os
import time

TYPE_CHECKING = False  # as that of typing, which takes longer to import than the engine to start
if TYPE_CHECKING:
    from typing import NoReturn

    from abckg.shacl.child import Given, Row

__all__ = ["Forked", "fork"]

_DONE, _FAILED = b"+", b"-"
_BLOCK = 1 << 20


class Forked:
    """An engine at work in a forked process.

    Args:
        number: the process.
        pipe: where its results come from.
    """

    def __init__(self, number: int, pipe: int) -> None:
        self._number = number
        self._pipe = pipe
        self._status: int | None = None

    def rows(self, timeout: float) -> list[Row]:
        """Return the results when they are there; the process is about to end then, for which ``stop`` waits.

        Args:
            timeout: seconds to wait.

        Raises:
            TimeoutError: it took longer, and was ended.
            RuntimeError: it crashed or failed, and this is how.
        """
        try:
            said = self._read(time.monotonic() + timeout)
        except BaseException:
            self.stop()
            raise
        if said[:1] == _DONE:
            try:
                rows: list[Row] = marshal.loads(memoryview(said)[1:])  # noqa: S302 - this very program has written it
            except EOFError:
                said = b""  # it crashed while it wrote
            else:
                return rows
        raise RuntimeError(said[1:].decode("utf-8", "replace") or _ending(self._wait()))

    def stop(self) -> None:
        """End the process, if it has not ended."""
        if self._status is None:
            from signal import SIGTERM

            os.kill(self._number, SIGTERM)
            self._wait()

    def _read(self, end: float) -> bytes:
        from select import POLLIN, poll

        parts: list[bytes] = []
        poller = poll()
        poller.register(self._pipe, POLLIN)
        while poller.poll(max(0.0, end - time.monotonic()) * 1000):
            part = os.read(self._pipe, _BLOCK)
            if not part:
                return b"".join(parts)
            parts.append(part)
        raise TimeoutError

    def _wait(self) -> int:
        """Return how the process ended: its status, negative the number of a signal."""
        os.close(self._pipe)
        self._status = os.waitstatus_to_exitcode(os.waitpid(self._number, 0)[1])
        return self._status


def fork(data: Given, shapes: Given) -> Forked | None:
    """Start the engine; None where a process cannot safely be forked.

    Args:
        data: the path of a file, or N-Triples.
        shapes: the same.
    """
    if not _has_one_thread():
        return None
    reader, writer = os.pipe()
    try:
        number = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        return None
    if number == 0:
        _work(writer, data, shapes)
    os.close(writer)
    return Forked(number, reader)


def _has_one_thread() -> bool:
    """Return whether no thread runs but this one; those of libraries count, which Python does not know."""
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - importing pathlib takes longer than a fork
    except OSError:
        return False


def _work(pipe: int, data: Given, shapes: Given) -> NoReturn:
    """Do the work of the forked process, which never returns to what it was copied from."""
    status = 1
    try:
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(quiet, stream)
        from abckg.shacl.child import rows

        _send(pipe, _DONE + marshal.dumps(rows(data, shapes)))
        os.close(pipe)  # the end of the process, and of all that the engine holds, need not be waited for
        status = 0
    except BaseException as fault:  # a panic of the engine is no Exception
        _send(pipe, _FAILED + str(fault).encode("utf-8", "replace"))
    finally:
        os._exit(status)


def _send(pipe: int, said: bytes) -> None:
    rest = memoryview(said)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _ending(status: int) -> str:
    from signal import Signals

    return f"it ended with {Signals(-status).name}" if status < 0 else f"it ended with status {status}"
