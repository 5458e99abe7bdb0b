"""Waits for what happens soon."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["settled"]


def settled(is_so: Callable[[], bool], seconds: float = 10) -> None:
    """Return once ``is_so``; an AssertionError where it is not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
