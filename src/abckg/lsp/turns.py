"""One piece of work at a time, and no more of the same in the queue than once.

Layer: part of ``lsp``; imports nothing of the package.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

__all__ = ["Turns"]


class Turns:
    """Work by name: what is wanted again while it is being done is done once more at the end."""

    def __init__(self) -> None:
        self._wanted_again: dict[str, bool] = {}

    async def take(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do a piece of work, or have the one who is doing it do it again."""
        if name in self._wanted_again:
            self._wanted_again[name] = True
            return
        again = True
        while again:
            self._wanted_again[name] = False
            try:
                await work()
            finally:
                again = self._wanted_again.pop(name)
