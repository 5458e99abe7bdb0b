"""The one way in which a bounded check gives up.

Layer: part of ``since``; imports nothing of the package.
"""

from __future__ import annotations

__all__ = ["Unbounded"]


class Unbounded(Exception):
    """What a change can have broken is not bounded; whoever catches it runs everything and says why.

    Attributes:
        english: the reason, to follow “everything was checked, because”.
        japanese: the same in Japanese, to stand before 「ため、全体を検査しました」.
    """

    def __init__(self, english: str, japanese: str) -> None:
        super().__init__(english)
        self.english = english
        self.japanese = japanese
