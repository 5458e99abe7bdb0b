"""A process forked for one task of the writer: it ends with the writer, and nothing that it started outlives it.

Layer: imports nothing of the package; runs on Linux.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Forked", "fork"]

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Forked:
    """A process in a group of its own.

    Attributes:
        number: Its number, and that of its group.
        folder: Where it lays temporary files.
    """

    number: int
    folder: Path

    def use_folder(self) -> None:
        """Make the folder and lay all temporary files of this process there; an OSError where there is no room."""
        self.folder.mkdir()
        tempfile.tempdir = str(self.folder)

    def kill(self) -> None:
        """End it, and what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.number, signal.SIGKILL)

    def ended(self) -> int:
        """Wait for its end, end what it started and delete its folder; return its status as ``os.waitpid`` does."""
        os.waitid(os.P_PID, self.number, os.WEXITED | os.WNOWAIT)  # until it is waited for, nobody gets its number
        self.kill()
        _, status = os.waitpid(self.number, 0)
        shutil.rmtree(self.folder, ignore_errors=True)
        return status


def fork(task: Callable[[Forked], None], folder: Path) -> Forked:
    """Run ``task`` in a process of its own, which may lay temporary files into ``folder`` once it asked for it."""
    number = os.fork()
    if number == 0:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setpgid(0, 0)
        task(Forked(os.getpid(), folder))
        os._exit(0)
    with contextlib.suppress(OSError):
        os.setpgid(number, number)  # whoever comes first: it must be so before it can be killed
    return Forked(number, folder)
