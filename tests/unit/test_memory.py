"""How much memory there is to spare."""

from __future__ import annotations

from pathlib import Path

import pytest

from abckg.pool.memory import spare_memory


@pytest.mark.parametrize(
    ("most", "used", "expected"),
    [(None, None, 2048), ("max", "0", 2048), ("1073741824", "536870912", 512), ("1048576", "2097152", 0)],
)
def test_memory_of_a_container_counts_where_it_is_less(
    tmp_path: Path, most: str | None, used: str | None, expected: int
) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    2097152 kB\n", encoding="ascii")
    if most is not None and used is not None:
        (tmp_path / "memory.max").write_text(f"{most}\n", encoding="ascii")
        (tmp_path / "memory.current").write_text(f"{used}\n", encoding="ascii")

    assert spare_memory(tmp_path / "meminfo", tmp_path) == expected


def test_machine_that_does_not_tell_has_none_to_spare(tmp_path: Path) -> None:
    assert spare_memory(tmp_path / "none", tmp_path) == 0
