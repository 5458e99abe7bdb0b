"""How much memory the machine, or the container, has to spare.

Layer: imports nothing of the package; Linux.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["spare_memory"]

_MIB = 1 << 20
_MACHINE = Path("/proc/meminfo")
_CONTAINER = Path("/sys/fs/cgroup")


def spare_memory(machine: Path = _MACHINE, container: Path = _CONTAINER) -> int:
    """Return the MiB that can be used without swapping; 0 where that cannot be known.

    Args:
        machine: The file of proc_meminfo(5).
        container: The folder of the control group, version 2 (https://docs.kernel.org/admin-guide/cgroup-v2.html).
    """
    try:
        found = re.search(r"^MemAvailable:\s*(\d+) kB", machine.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return 0
    spare = int(found[1]) * 1024 if found else 0
    try:
        most, used = (
            (container / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current")
        )
    except OSError:
        most, used = "max", "0"
    if most.isdigit() and used.isdigit():
        spare = min(spare, int(most) - int(used))
    return max(0, spare) // _MIB
