"""Shared worlds: the dataset of the checkout, its store, and a real server on a free loopback port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from filelock import FileLock

from abckg.build import build
from abckg.sources import Sources, read
from abckg.store import EmbeddedStore

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def sources() -> Sources:
    return read(ROOT)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a build of the checkout, made once however many processes run the tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "build"
    with FileLock(shared / "build.lock"):
        if not (folder / "dumps" / "SHA256SUMS").is_file():
            build(ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def store(built: Path) -> EmbeddedStore:
    return EmbeddedStore.open(built / "store")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(built: Path) -> Iterator[str]:
    """Serve the build with the real server and yield its address."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "abckg", "serve", "--root", str(ROOT), "--store", str(built / "store")]
    process = subprocess.Popen([*command, "--port", str(port)], env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended before it answered"
        try:
            with urlopen(f"{address}/healthz", timeout=2):  # noqa: S310 - our own server
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer within {seconds} seconds")
