"""What the writer tells of faults of the machine."""

from __future__ import annotations

import errno

import pytest

from abckg.errors import AbckgError, ReasoningError, StoreFull, WriteError
from abckg.writing.orders import fault_in, message_of_fault
from abckg.writing.writer import _failed, _full


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError("IO error: No space left on device: While appending to file: /x/000012.log"),
    ],
    ids=["number", "quota", "words-of-the-engine"],
)
def test_disk_without_room_is_told_as_such_and_by_its_own_status(fault: OSError) -> None:
    told = fault_in(message_of_fault(_failed(fault)))

    assert isinstance(told, StoreFull)
    assert told.status == 507


def test_disk_without_room_is_found_behind_other_errors() -> None:
    reasoning, refused = ReasoningError("no temporary files"), WriteError("The write was not applied")
    reasoning.__cause__, refused.__cause__ = OSError(errno.ENOSPC, "No space left on device"), reasoning

    assert isinstance(_full(refused), StoreFull)
    assert _full(AbckgError("x")) is None
    assert not isinstance(_failed(OSError(errno.EIO, "Input/output error")), StoreFull)
