"""A disk that is full: the logs stop, the answers do not, and the store is as it was."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

import pytest

from faults.server import running

QUICK = "ASK { ?s ?p ?o }"
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def digest(folder: Path) -> dict[str, str]:
    return {path.name: blake2b(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own that has no room left."""
    place = tmp_path / "full"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
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
