"""Queries that are alike but for their constants, and which of them went on until they were ended.

Layer: imports nothing of the package.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from hashlib import blake2b

__all__ = ["Endless", "shape_of"]

_CONSTANT = re.compile(r"<[^<>\s]*>|#[^\r\n]*|\"[^\"\\\r\n]*\"|'[^'\\\r\n]*'")
_KEPT = 600.0  # seconds
_MOST = 4096


def shape_of(text: str) -> int:
    """Return what queries have in common that differ in IRIs, strings and comments only: 64 bits, in any process."""
    return int.from_bytes(blake2b(_CONSTANT.sub("", text).encode(), digest_size=8).digest())


class Endless:
    """The shapes of queries that were ended before they answered, each for ten minutes.

    A shape of which a query came to its end is none for as long: nobody can have the queries of others stand back by
    giving up one that is like them.
    """

    def __init__(self) -> None:
        self._ended, self._answered = _Recent(), _Recent()

    def __contains__(self, shape: int) -> bool:
        return shape in self._ended

    def add(self, shape: int) -> None:
        """Note that a query of a shape was ended."""
        if shape not in self._answered:
            self._ended.add(shape)

    def discard(self, shape: int) -> None:
        """Note that a query of a shape came to its end."""
        self._ended.discard(shape)
        self._answered.add(shape)


class _Recent:
    """The shapes that were added in the last ten minutes; the one of longest ago makes room where they are many."""

    def __init__(self) -> None:
        self._until: OrderedDict[int, float] = OrderedDict()

    def __contains__(self, shape: int) -> bool:
        return self._until.get(shape, 0.0) > time.monotonic()

    def add(self, shape: int) -> None:
        self._until[shape] = time.monotonic() + _KEPT
        self._until.move_to_end(shape)
        if len(self._until) > _MOST:
            self._until.popitem(last=False)

    def discard(self, shape: int) -> None:
        self._until.pop(shape, None)
