"""What lanes and switchboard tell each other without a message: memory that all of them see.

Layer: web; imports nothing of the package; Linux.
"""

from __future__ import annotations

import mmap
import os
import time
from enum import IntEnum

__all__ = ["LANES", "Board", "State", "can_be_shared"]

LANES = 64
_WORD = 8
_FIELDS = 4
_STATE, _SINCE, _CONNECTION, _SHAPE = range(_FIELDS)
_SHAPES = 4096
_EDITION, _CAREFUL, _FIRST_LANE = range(3)
_LONG = _FIRST_LANE + LANES * _FIELDS
_SHORT = _LONG + _SHAPES
_WORDS = _SHORT + _SHAPES
_MASK = (1 << 64) - 1


class State(IntEnum):
    """What a lane is about: nothing, finding an answer that may be found again elsewhere, or sending it."""

    IDLE = 0
    ASKING = 1
    SENDING = 2


def can_be_shared() -> bool:
    """Return whether there can be a board: where no file may have any size, its memory may have none either."""
    try:
        os.close(Board().descriptor)
    except OSError:
        return False
    return True


class Board:
    """An array of 64-bit words: the edition of the data, what each lane does, the shapes of long and short queries.

    Args:
        descriptor: The memory of another board, to look at the same; None makes a new one.

    Raises:
        OSError: There is no memory for it, or no file may have its size.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = os.memfd_create("abckg-board") if descriptor is None else descriptor
        os.ftruncate(self.descriptor, _WORDS * _WORD)
        self._words = memoryview(mmap.mmap(self.descriptor, _WORDS * _WORD)).cast("Q")

    @property
    def edition(self) -> int:
        """Counts the changes of the data; a lane of an earlier edition answers nothing any more."""
        return self._words[_EDITION]

    def advance(self) -> None:
        """Have no lane answer from the data of before, from now on."""
        self._words[_EDITION] += 1

    def begin(self, lane: int, connection: int, shape: int) -> None:
        """Say that ``lane`` looks for the answer to a query of ``shape`` that came by ``connection``."""
        place = _FIRST_LANE + lane * _FIELDS
        self._words[place + _SINCE] = time.monotonic_ns()
        self._words[place + _CONNECTION] = connection
        self._words[place + _SHAPE] = shape & _MASK
        self._words[place + _STATE] = State.ASKING

    def send(self, lane: int, connection: int) -> None:
        """Say that ``lane`` sends the answer to a query that came by ``connection``."""
        place = _FIRST_LANE + lane * _FIELDS
        self._words[place + _STATE] = State.IDLE  # it no longer asks: the connection is not that of the shape
        self._words[place + _CONNECTION] = connection
        self._words[place + _STATE] = State.SENDING

    def turn(self, lane: int, state: State) -> None:
        """Say what ``lane`` is about now."""
        self._words[_FIRST_LANE + lane * _FIELDS + _STATE] = state

    def state(self, lane: int) -> State:
        """Return what ``lane`` is about."""
        return State(self._words[_FIRST_LANE + lane * _FIELDS + _STATE])

    def latest(self, lane: int) -> int:
        """Return when ``lane`` last began to look for an answer, by ``time.monotonic_ns``."""
        return self._words[_FIRST_LANE + lane * _FIELDS + _SINCE]

    def began(self, lane: int) -> int:
        """Return when ``lane`` began to look for the answer that it looks for now; 0 where it does not."""
        return self.latest(lane) if self.state(lane) is State.ASKING else 0

    def connection(self, lane: int) -> int:
        """Return by which connection the last query of ``lane`` came."""
        return self._words[_FIRST_LANE + lane * _FIELDS + _CONNECTION]

    def shape(self, lane: int) -> int:
        """Return the shape of the last query of ``lane``."""
        return self._words[_FIRST_LANE + lane * _FIELDS + _SHAPE]

    def is_for_lanes(self, shape: int) -> bool:
        """Return whether a lane may take a query of ``shape``: no long one, and in times of care no unknown one."""
        key = shape & _MASK
        if self._words[_LONG + key % _SHAPES] == key:
            return False
        return self._words[_CAREFUL] < time.monotonic_ns() or self.is_short(key)

    def is_short(self, shape: int) -> bool:
        """Return whether a query of ``shape`` was short."""
        return self._words[_SHORT + shape % _SHAPES] == shape & _MASK

    def note_short(self, shape: int) -> None:
        """Remember that a query of ``shape`` was short."""
        self._words[_SHORT + shape % _SHAPES] = shape & _MASK

    def note_long(self, shape: int) -> None:
        """Remember that a query of ``shape`` was long, until another takes its place."""
        self._words[_LONG + shape % _SHAPES] = shape & _MASK

    def be_careful(self, seconds: float) -> None:
        """Have lanes take only what is known to be short, for a while."""
        self._words[_CAREFUL] = time.monotonic_ns() + round(seconds * 1e9)

    def forget(self) -> None:
        """Give every shape that was long another chance."""
        for place in range(_LONG, _LONG + _SHAPES):
            self._words[place] = 0
