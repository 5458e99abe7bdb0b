"""A disk that is full: the logs stop, the answers do not, the store is as it was; a write waits for room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

import pytest

from faults.server import running
from faults.writing import plain_store, writable

MOUNT = ("mount", "-t", "tmpfs", "-o")
QUICK = "ASK { ?s ?p ?o }"
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def digest(folder: Path) -> dict[str, str]:
    return {path.name: blake2b(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own that has no room left."""
    place = tmp_path / "full"
    place.mkdir()
    if subprocess.run([*MOUNT, "size=64k", "tmpfs", str(place)], capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system of 64 KiB cannot be mounted here")
    try:
        (place / "access").touch()
        with (place / "rest").open("wb", buffering=0) as rest:
            try:
                while rest.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def scarce(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own with room for a store and little more."""
    place = tmp_path / "scarce"
    place.mkdir()
    if subprocess.run([*MOUNT, "size=24m", "tmpfs", str(place)], capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system of 24 MiB cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path, room: int) -> Path:
    """Fill a disk but for so many bytes and return the file that does."""
    rest = place / "rest"
    system = os.statvfs(place)
    with rest.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, system.f_bavail * system.f_frsize - room))
    return rest


def test_write_that_finds_no_room_is_507_and_changes_nothing_and_the_next_one_with_room_is_applied(
    scarce: Path,
) -> None:
    store, written = plain_store(scarce / "kept"), 0
    count = "SELECT (COUNT(*) AS ?n) { ?s <urn:number> ?o }"
    statuses = []
    with writable(store, ABCKG_WORKERS="1") as server:
        for turn, room in enumerate((0, 131_072, 900_000)):
            triples = " ".join(f"<urn:{turn}/{place}> <urn:number> '{place} {'x' * 60}' ." for place in range(4000))
            rest = fill(scarce, room)
            refused = server.update(f"INSERT DATA {{ {triples} }}")
            statuses.append(refused.status)
            if refused.status == 204:
                written += 4000
            else:
                assert refused.headers["Content-Type"] == "application/problem+json"
                assert b"no room" in refused.body
            assert server.rows(count) == [[str(written)]]
            rest.unlink()
            assert server.update(f"INSERT DATA {{ <urn:last> <urn:number> {turn} }}").status == 204
            written += 1
            assert server.rows(count) == [[str(written)]]
        server.kill()
    with writable(store, ABCKG_WORKERS="1") as server:
        assert server.rows(count) == [[str(written)]]
    assert statuses[:2] == [507] * 2
    assert set(statuses) <= {204, 507}


@pytest.mark.parametrize("destination", ["/dev/full", "disk"])
def test_logs_that_cannot_be_written_cost_no_answer(
    dense: Path, destination: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = destination if destination == "/dev/full" else str(request.getfixturevalue("full") / "access")
    before = digest(dense)
    monkeypatch.setenv("ABCKG_QUERY_LOG", log)

    with running(dense, access_log=log) as server, ThreadPoolExecutor(4) as threads:
        statuses = {reply.status for reply in threads.map(server.ask, [QUICK, LONG] * 3)}
        assert server.ask(QUICK).status == 200
        assert len(server.workers()) >= 2

    assert statuses == {200, 504}
    assert digest(dense) == before


def test_full_folder_for_temporary_files_costs_no_answer(
    dense: Path, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(full))

    with running(dense, "env", servers=2) as server:
        statuses = {server.ask(QUICK).status for _ in range(20)}
        metrics = server.metrics()

    assert statuses == {200}
    assert "abckg_requests_total" in metrics
