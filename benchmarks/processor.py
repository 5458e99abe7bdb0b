"""How much processor time a server takes: its processes, those that end meanwhile among them."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from servers import Running, processes

__all__ = ["ProcessorTime"]

_EVERY = 0.05  # seconds; what a process takes after its last sample, before it ends, is missed


class ProcessorTime:
    """Counts while its block runs, from samples: the system keeps no figure of a process that ended."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._seen: dict[int, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._look()
        self._before = dict(self._seen)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    @property
    def seconds(self) -> float:
        """Seconds that were taken so far."""
        taken = sum(ticks - self._before.get(pid, 0) for pid, ticks in self._seen.items())
        return taken / os.sysconf("SC_CLK_TCK")

    def _sample(self) -> None:
        while not self._over.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        for pid in processes(self._running):
            try:
                after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            self._seen[pid] = int(after_name[11]) + int(after_name[12])  # utime, stime of proc_pid_stat(5)
