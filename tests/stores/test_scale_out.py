"""Two stateless processes behind nginx, as docs/deployment.md sets them up, on one store of another server."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

import servers
from conftest import ROOT, free_port, wait_for
from remote import with_graphs

CONFIGURATION = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
FOLDERS = "pid nginx.pid; daemon off; error_log stderr; events {} http { access_log off; client_body_temp_path body;"
UNUSED = " proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;"


@dataclass(frozen=True)
class Cluster:
    address: str
    processes: tuple[subprocess.Popen[bytes], ...]


def serve(store: str, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "abckg", "serve", "--root", str(ROOT), "--store", store, "--port", str(port)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=20)


def start_nginx(folder: Path, ports: dict[str, int]) -> subprocess.Popen[bytes]:
    found = CONFIGURATION.search((ROOT / "docs/deployment.md").read_text(encoding="utf-8"))
    assert found
    text = found[1]
    for written, port in ports.items():
        text = text.replace(written, str(port))
    (folder / "nginx.conf").write_text(f"{FOLDERS}{UNUSED} {text} }}", encoding="utf-8")
    return subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"])


@pytest.fixture(scope="module")
def cluster(dump: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    start = servers.servers().get("oxigraph")
    if start is None or shutil.which("nginx") is None:
        pytest.skip("nginx or the PyPI package oxigraph is not installed")
    with ExitStack() as stack:
        running = start(dump, tmp_path_factory.mktemp("store"))
        stack.callback(servers.stop, running)
        ports = {"8001": free_port(), "8002": free_port(), "8080": free_port()}
        processes = tuple(serve(with_graphs(running), ports[name]) for name in ("8001", "8002"))
        processes += (start_nginx(tmp_path_factory.mktemp("nginx"), ports),)
        for name, process in zip(ports, processes, strict=True):
            stack.callback(end, process)
            wait_for(f"http://127.0.0.1:{ports[name]}", process)
        yield Cluster(f"http://127.0.0.1:{ports['8080']}", processes)


def status(address: str) -> int:
    with urlopen(address, timeout=20) as response:  # noqa: S310 - our own server
        return int(response.status)


def test_pages_and_queries_come_through(cluster: Cluster) -> None:
    query = urlencode({"query": "ASK { GRAPH ?g { ?s ?p ?o } }"})

    assert [status(f"{cluster.address}{path}") for path in ("/queries", f"/sparql?{query}")] == [200, 200]


def test_one_process_that_ends_is_not_noticed(cluster: Cluster) -> None:
    end(cluster.processes[0])

    assert {status(f"{cluster.address}/healthz") for _ in range(10)} == {200}
