"""Queries that are alike but for their constants, and which of them went on until they were ended.

Layer: imports nothing of the package.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict

__all__ = ["Endless", "shape_of"]

_CONSTANT = re.compile(r"<[^<>\s]*>|#[^\r\n]*|\"[^\"\\\r\n]*\"|'[^'\\\r\n]*'")
_KEPT = 600.0  # seconds
_MOST = 4096


def shape_of(text: str) -> int:
    """Return what queries have in common that differ in IRIs, strings and comments only; good in this process."""
    return hash(_CONSTANT.sub("", text))


class Endless:
    """The shapes of queries that were ended before they answered, each for ten minutes."""

    def __init__(self) -> None:
        self._until: OrderedDict[int, float] = OrderedDict()

    def __contains__(self, shape: int) -> bool:
        return self._until.get(shape, 0.0) > time.monotonic()

    def add(self, shape: int) -> None:
        """Remember a shape; the one that was added first makes room where there are too many."""
        self._until[shape] = time.monotonic() + _KEPT
        self._until.move_to_end(shape)
        if len(self._until) > _MOST:
            self._until.popitem(last=False)

    def discard(self, shape: int) -> None:
        """Forget a shape: one of its queries came to its end."""
        self._until.pop(shape, None)
