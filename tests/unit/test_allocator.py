"""The allocator of the query processes, and what it adds to the limit of their memory."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

import tiny
from abckg.pool import allocator
from abckg.pool.allocator import with_allocator
from abckg.pool.processes import Forker, QueryProcess
from abckg.store import write_store

MIB = 1 << 20
MEMORY = 128
NAME = "libmimalloc"
GIVEN = {"HOME": "/home/x"}
no_wheel = pytest.mark.skipif(sys.platform != "linux", reason="the package is installed on Linux only")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("allocator") / "store"
    write_store(tiny.dataset(), place)
    return place


@contextmanager
def query_process(path: Path) -> Iterator[QueryProcess]:
    forker = Forker(path, memory=MEMORY, in_memory=True)
    forker.wait()
    process = forker.fork()
    try:
        yield process
    finally:
        process.close()
        forker.close()


def room(process: QueryProcess) -> float:
    """Return the MiB that a query could take: what is not used of what it may address."""
    while (limit := resource.prlimit(process.number, resource.RLIMIT_AS)[0]) == resource.RLIM_INFINITY:
        assert process.is_alive()
    used = int(Path(f"/proc/{process.number}/statm").read_text(encoding="ascii").split()[1])
    return (limit - used * resource.getpagesize()) / MIB


@no_wheel
def test_query_process_has_mimalloc_unless_the_setting_says_otherwise(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in ("mimalloc", "system"):
        monkeypatch.setenv("ABCKG_ALLOCATOR", setting)
        with query_process(path) as process:
            maps = Path(f"/proc/{process.number}/maps").read_text(encoding="utf-8")

        assert (NAME in maps) == (setting == "mimalloc")


@no_wheel
@pytest.mark.parametrize("reserved", ["", "1GiB"], ids=["as-set", "seeded-fault"])
def test_query_may_take_little_more_memory_than_its_limit(
    path: Path, monkeypatch: pytest.MonkeyPatch, reserved: str
) -> None:
    if reserved:
        monkeypatch.setenv("MIMALLOC_ARENA_RESERVE", reserved)

    with query_process(path) as process:
        more = room(process) - MEMORY

    assert (more < 192) == (not reserved)


@no_wheel
def test_what_the_operator_preloads_and_sets_stays() -> None:
    found = with_allocator({**GIVEN, "LD_PRELOAD": "/lib/own.so", "MIMALLOC_ARENA_RESERVE": "1GiB"})

    assert found["LD_PRELOAD"].startswith("/lib/own.so ")
    assert NAME in found["LD_PRELOAD"]
    assert (found["HOME"], found["MIMALLOC_ARENA_RESERVE"]) == ("/home/x", "1GiB")


@pytest.mark.parametrize("name", ["libjemalloc.so.2", "libtcmalloc_minimal.so.4"])
def test_allocator_of_the_operator_is_the_only_one(name: str) -> None:
    assert with_allocator({**GIVEN, "LD_PRELOAD": f"/usr/lib/{name}"}) == {**GIVEN, "LD_PRELOAD": f"/usr/lib/{name}"}


@pytest.mark.parametrize("place", [None, "/nowhere", "/with a space", "/with:colon"])
def test_environment_is_as_it_was_where_the_library_cannot_be_preloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str | None
) -> None:
    class Installed:
        def locate_file(self, file: str) -> Path:
            library = tmp_path / (place or "").lstrip("/") / file
            if place != "/nowhere":
                library.parent.mkdir(parents=True)
                library.touch()
            return library

    def installed(_: str) -> Installed:
        if place is None:
            raise PackageNotFoundError
        return Installed()

    monkeypatch.setattr(allocator, "distribution", installed)

    assert with_allocator(GIVEN) == GIVEN
