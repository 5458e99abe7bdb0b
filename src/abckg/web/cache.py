"""Keeps answers that were asked for, up to so many bytes; what was not asked for longest is dropped first.

A key holds everything on which the bytes depend, the version of the data too, so that nothing kept is ever wrong.
Layer: web; imports nothing of the package.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Kept", "Key", "ResponseCache", "kept_on_the_way"]

Key: TypeAlias = tuple[str, ...]

_LARGEST_SHARE = 8
_OVERHEAD = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A body and its media type; a whole response has its headers and its query too."""

    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()
    query: str = ""

    @property
    def size(self) -> int:
        """About the bytes that it takes."""
        return len(self.body) + len(self.query) + 100 * len(self.headers) + _OVERHEAD

    def header(self, name: str) -> str:
        """Return the value of a header; empty where it is not there."""
        return next((value for known, value in self.headers if known == name), "")


class ResponseCache:
    """A cache of at most ``capacity`` bytes for the threads of one process."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """The bytes that are kept."""
        return self._size

    def takes(self, size: int) -> bool:
        """Return whether a body of ``size`` bytes would be kept."""
        return (size + _OVERHEAD) * _LARGEST_SHARE <= self._capacity

    def get(self, key: Key) -> Kept | None:
        """Return what is kept under ``key``, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, kept: Kept) -> None:
        """Keep a body, unless it would take more than its share."""
        size = kept.size
        if not self.takes(size - _OVERHEAD):
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._size += size - (before.size if before else 0)
            self._kept[key] = kept
            while self._size > self._capacity:
                _, oldest = self._kept.popitem(last=False)
                self._size -= oldest.size


def kept_on_the_way(
    chunks: Iterable[bytes], size_fits: Callable[[int], bool], done: Callable[[bytes], None]
) -> Iterator[bytes]:
    """Yield ``chunks``; after the last one call ``done`` with all of them, unless they are too many."""
    pieces: list[bytes] | None = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if pieces is not None and size_fits(size):
            pieces.append(chunk)
        else:
            pieces = None
        yield chunk
    if pieces is not None:
        done(b"".join(pieces))
