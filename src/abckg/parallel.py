"""Runs one piece of work in a second process while this one goes on.

Layer: imports nothing of the package.
"""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

__all__ = ["alongside"]

Result = TypeVar("Result")


def alongside(work: Callable[[], Result]) -> Callable[[], Result]:
    """Start work in a forked process and return a function that waits for its result.

    Where a process cannot safely be forked (other threads run, or the system has no fork), or where the forked
    one ended without a result, the work is done here when the result is asked for.

    Args:
        work: what to do; its result must be picklable.
    """
    if threading.active_count() > 1 or "fork" not in multiprocessing.get_all_start_methods():
        return work
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(work, sender), daemon=True)
    process.start()
    sender.close()

    def result() -> Result:
        try:
            value: Result = receiver.recv()
        except EOFError:
            return work()
        finally:
            receiver.close()
            process.join()
        return value

    return result


def _send(work: Callable[[], Result], sender: Connection) -> None:
    try:
        sender.send(work())
    except Exception:  # the work is done again, and fails, where its result is asked for
        sys.exit(1)
    sender.close()
