"""The versions of a store that is written to: a directory each, one of them named as the one that holds.

The store that a build wrote is never changed. The first write makes ``<store>.versions/`` beside it; each version is a
whole store there, complete before the file ``current`` names it. That file is replaced in one step, so after a crash
the one version or the other holds, and what is not named is of no worth.
Layer: imports ``errors``; runs on Linux.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from abckg.errors import StoreError

__all__ = ["Versions", "served_store"]

_CURRENT = "current"
_LOCK = "lock"
_GRACE = 5.0
_PAUSE = 0.05


def served_store(store: Path) -> Path:
    """Return the directory that holds for the store at ``store``: that of its last write, or itself."""
    return Versions(store).current()


class Versions:
    """The versions of the store at ``store``."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self.folder = store.with_name(f"{store.name}.versions")

    def current(self) -> Path:
        """Return the directory of the version that holds; StoreError where it is named but not there."""
        try:
            name = (self.folder / _CURRENT).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return self._store
        except (OSError, ValueError) as fault:
            raise StoreError(f"{self.folder / _CURRENT}: it cannot be read: {fault}") from fault
        path = self.folder / name
        if not name.isdigit() or not path.is_dir():
            raise StoreError(f"{self.folder / _CURRENT} names {name!r}, which is not there; restore a backup.")
        return path

    def lock(self) -> int:
        """Return the descriptor of the lock, which one process holds at a time with those that it forks.

        Raises:
            StoreError: Another writer holds it.
        """
        self.folder.mkdir(exist_ok=True)
        descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline = time.monotonic() + _GRACE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # One that was killed may still be on its way out.
                if time.monotonic() > deadline:
                    os.close(descriptor)
                    raise StoreError(f"{self._store}: another server writes to this store; only one can.") from None
                time.sleep(_PAUSE)
            else:
                return descriptor

    def following(self) -> Path:
        """Return where the next version goes; nothing is there."""
        names = [int(path.name) for path in self.folder.iterdir() if path.name.isdigit()]
        return self.folder / f"{max(names, default=0) + 1:06d}"

    def graphs(self, path: Path) -> dict[str, str]:
        """Return for each graph that a write changed the version in which it did so last; "" is the default graph."""
        try:
            found: dict[str, str] = json.loads(_beside(path, "graphs").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as fault:
            raise StoreError(f"{_beside(path, 'graphs')}: it cannot be read: {fault}") from fault
        return found

    def describe(self, path: Path, version: str, graphs: Mapping[str, str]) -> None:
        """Lay beside the version at ``path`` what it is called and what ``graphs`` returns."""
        _write(_beside(path, "version"), f"{version}\n")
        _write(_beside(path, "graphs"), json.dumps(dict(graphs)))
        for entry in path.iterdir():
            _sync(entry)
        _sync(path)

    def choose(self, path: Path) -> None:
        """Make the version at ``path`` the one that holds, whatever happens after."""
        _sync(self.folder)
        pending = self.folder / f"{_CURRENT}.new"
        _write(pending, f"{path.name}\n")
        pending.replace(self.folder / _CURRENT)
        _sync(self.folder)

    def remove(self, path: Path) -> None:
        """Delete a version; the store of the build is left alone."""
        if path.parent != self.folder:
            return
        for left in (path, *self.folder.glob(f"{path.name}.*")):
            # The engine lays a version into a folder `.tmp` of that name first.
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def sweep(self, *, earlier: bool = True) -> None:
        """Delete what was never chosen, and the ``earlier`` versions where nobody reads them; with the lock held."""
        kept = self.current().name if (self.folder / _CURRENT).exists() else ""
        for path in self.folder.iterdir():
            number = path.name.partition(".")[0]
            if number.isdigit() and number != kept and (earlier or number > kept):
                self.remove(self.folder / number)
        (self.folder / f"{_CURRENT}.new").unlink(missing_ok=True)


def _beside(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}.{name}")


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
