"""The directory of versions: one holds, what a crash left is swept away, one writer at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from abckg.errors import StoreError
from abckg.writing import versions
from abckg.writing.versions import Versions, served_store


def laid(folder: Versions, name: str) -> Path:
    path = folder.folder / name
    path.mkdir(parents=True)
    (path / "CURRENT").write_text("x", encoding="ascii")
    folder.describe(path, f"v{name}", {"": f"v{name}"})
    return path


def test_store_itself_holds_until_a_version_is_chosen(tmp_path: Path) -> None:
    found = Versions(tmp_path / "store")
    assert served_store(tmp_path / "store") == tmp_path / "store"

    path = laid(found, "000001")
    assert found.current() == tmp_path / "store"
    found.choose(path)

    assert served_store(tmp_path / "store") == path
    assert found.graphs(path) == {"": "v000001"}
    assert found.following().name == "000002"


def test_what_a_crash_left_is_swept_away(tmp_path: Path) -> None:
    found = Versions(tmp_path / "store")
    found.choose(laid(found, "000002"))
    for name in ("000001", "000003", "000004.tmp"):
        (found.folder / name).mkdir()
    for name in ("000001.version", "000003.graphs", "000005.statistics.json", "current.new"):
        (found.folder / name).write_text("x", encoding="ascii")

    found.sweep()

    names = {path.name for path in found.folder.iterdir()}
    assert names == {"000002", "000002.version", "000002.graphs", "current"}


def test_earlier_versions_stay_where_somebody_may_read_them(tmp_path: Path) -> None:
    found = Versions(tmp_path / "store")
    found.choose(laid(found, "000002"))
    for name in ("000001", "000003"):
        (found.folder / name).mkdir()

    found.sweep(earlier=False)

    assert {path.name for path in found.folder.iterdir() if path.is_dir()} == {"000001", "000002"}


def test_build_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()

    Versions(tmp_path / "store").remove(tmp_path / "store")

    assert (tmp_path / "store").is_dir()


@pytest.mark.parametrize("name", ["000009", "../store", ""])
def test_version_that_is_named_but_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    found = Versions(tmp_path / "store")
    found.folder.mkdir()
    (found.folder / "current").write_text(name, encoding="ascii")

    with pytest.raises(StoreError, match="restore a backup"):
        found.current()


def test_one_writer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "_GRACE", 0.1)
    found = Versions(tmp_path / "store")
    descriptor = found.lock()

    with pytest.raises(StoreError, match="another server writes"):
        found.lock()

    os.close(descriptor)
    os.close(found.lock())
