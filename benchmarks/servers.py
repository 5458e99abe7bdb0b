"""Starts the servers that are compared, each in a folder and on a free loopback port of its own.

Each ``start_*`` function loads a file of triples or quads, waits until the server answers and returns it as
``Running``; ``stop`` ends its processes. The tests of the store interface use the same functions.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

__all__ = [
    "GRAPH",
    "Running",
    "Start",
    "awake",
    "memory",
    "processes",
    "servers",
    "settle",
    "sleep",
    "start_abckg",
    "start_oxigraph",
    "start_oxigraph_disk",
    "start_rdflib",
    "start_virtuoso",
    "stop",
]

GRAPH = "https://w3id.org/abc-kg/graph/benchmark"
_HERE = Path(__file__).resolve().parent
_MEDIA_TYPES = {".nt": "application/n-triples", ".nq": "application/n-quads"}
_VIRTUOSO_INI = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000

[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
MaxCheckpointRemap = 2000

[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 40
CheckpointInterval = 0
CaseMode = 2
DirsAllowed = {folder}, {data}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
TN_MAX_memory = 1000000000

[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 24
MaxKeepAlives = 24
KeepAliveTimeout = 60

[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 600
"""


@dataclass(frozen=True)
class Running:
    """A server that answers.

    Attributes:
        name: What the tables call it.
        endpoint: Address of its SPARQL endpoint.
        process: Its first process, the leader of a process group.
        load: Seconds from the file to a store that can be queried.
    """

    name: str
    endpoint: str
    process: subprocess.Popen[bytes]
    load: float


Start = Callable[[Path, Path], Running]


def servers(peers: Path | None = None) -> dict[str, Start]:
    """Return how to start each server by name; ``peers`` is the folder with the commands of the others.

    A server whose command is missing is left out.
    """
    folder = (peers or Path(sys.executable).parent).absolute()  # each server is started in a folder of its own
    found: dict[str, Start] = {"abckg": start_abckg}
    if (folder / "oxigraph").exists():
        found["oxigraph"] = lambda data, where: start_oxigraph(data, where, folder / "oxigraph")
        found["oxigraph-disk"] = lambda data, where: start_oxigraph_disk(data, where, folder / "oxigraph")
    if shutil.which("virtuoso-t") and shutil.which("isql-vt"):
        found["virtuoso"] = start_virtuoso
    if (folder / "rdflib-endpoint").exists():
        found["rdflib-endpoint"] = lambda data, where: start_rdflib(data, where, folder / "uvicorn")
    return found


def start_abckg(data: Path, folder: Path, options: Sequence[str] = ()) -> Running:
    """Load triples into a store directory as the build writes one, and serve it; ``options`` go to abckg serve."""
    began = time.monotonic()
    store = folder / "store"
    _run([sys.executable, str(_HERE / "load_store.py"), str(data), str(store)], folder)
    loaded = time.monotonic() - began
    port = _free_port()
    command = [sys.executable, "-m", "abckg", "serve", "--root", str(_HERE.parent), "--store", str(store)]
    process = _spawn([*command, "--port", str(port), *options], folder)
    running = _ready(Running("abckg", f"http://127.0.0.1:{port}/sparql", process, loaded), folder)
    _wait_for_memory(running)
    return running


def _wait_for_memory(running: Running, seconds: float = 600) -> None:
    """Return when the store has moved from disk into memory; at once where the settings leave it on disk."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        places = {word for pid in _tree(running.process.pid) for word in _words(pid) if word in (b"disk", b"memory")}
        if places != {b"disk", b"memory"}:
            return
        time.sleep(0.2)


def _words(pid: int) -> list[bytes]:
    with suppress(OSError):  # it has ended meanwhile
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def start_oxigraph(data: Path, folder: Path, command: Path, options: Sequence[str] = ()) -> Running:
    """Start Oxigraph's server with its store in memory and send it the file; ``options`` go to its command."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    process = _spawn([str(command), "serve", "--bind", f"127.0.0.1:{port}", *options], folder)
    running = _ready(Running("oxigraph", f"{address}/query", process, 0), folder)
    began = time.monotonic()
    target = f"{address}/store?no_transaction" + ("" if data.suffix == ".nq" else "&default")
    with data.open("rb") as body:
        request = Request(target, body, method="POST")  # noqa: S310 - a server of our own
        request.add_header("Content-Type", _MEDIA_TYPES[data.suffix])
        request.add_header("Content-Length", str(data.stat().st_size))
        with urlopen(request, timeout=3600):  # noqa: S310
            pass
    return Running(running.name, running.endpoint, process, time.monotonic() - began)


def start_oxigraph_disk(data: Path, folder: Path, command: Path) -> Running:
    """Load the file with Oxigraph's bulk loader into a store on disk and serve that read-only."""
    began = time.monotonic()
    location = str(folder / "store")
    _run([str(command), "load", "--location", location, "--file", str(data)], folder)
    loaded = time.monotonic() - began
    _run([str(command), "optimize", "--location", location], folder)
    port = _free_port()
    process = _spawn([str(command), "serve-read-only", "-l", location, "--bind", f"127.0.0.1:{port}"], folder)
    return _ready(Running("oxigraph-disk", f"http://127.0.0.1:{port}/query", process, loaded), folder)


def start_rdflib(data: Path, folder: Path, uvicorn: Path) -> Running:
    """Start rdflib-endpoint under uvicorn; it loads the file while it starts."""
    port = _free_port()
    environment = {**os.environ, "BENCHMARK_DATA": str(data)}
    command = [str(uvicorn), "--app-dir", str(_HERE), "--port", str(port), "--log-level", "error", "rdflib_app:app"]
    began = time.monotonic()
    process = _spawn(command, folder, environment)
    running = _ready(Running("rdflib-endpoint", f"http://127.0.0.1:{port}/", process, 0), folder)
    return Running(running.name, running.endpoint, process, time.monotonic() - began)


def start_virtuoso(data: Path, folder: Path) -> Running:
    """Start Virtuoso 7 with an ini file of its own and load the file with its bulk loader.

    Triples go into ``GRAPH``, which the endpoint then names as default graph (its own one holds what the server keeps
    about itself, too); quads into their own graphs.
    """
    sql, http = _free_port(), _free_port()
    buffers = max(60_000, min(680_000, data.stat().st_size // 4000))
    ini = folder / "virtuoso.ini"
    ini.write_text(
        _VIRTUOSO_INI.format(
            folder=folder,
            data=data.parent,
            sql=sql,
            http=http,
            buffers=buffers,
            dirty=buffers * 3 // 4,
        ),
        encoding="utf-8",
    )
    process = _spawn(["virtuoso-t", "-f", "-c", str(ini)], folder)
    running = _ready(Running("virtuoso", f"http://127.0.0.1:{http}/sparql", process, 0), folder, seconds=120)
    began = time.monotonic()
    statements = f"ld_dir('{data.parent}', '{data.name}', '{GRAPH}'); rdf_loader_run(); checkpoint;"
    _run(["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={statements}"], folder)
    loaded = time.monotonic() - began
    chosen = "" if data.suffix == ".nq" else f"?{urlencode({'default-graph-uri': GRAPH})}"
    return Running(running.name, running.endpoint + chosen, process, loaded)


def stop(running: Running) -> None:
    """End a server and what it started; kill it where it does not end within ten seconds."""
    _signal(running, signal.SIGCONT)
    _end(running.process)


@contextmanager
def awake(running: Running) -> Iterator[None]:
    """Let a server that ``sleep`` halted work while the block runs."""
    _signal(running, signal.SIGCONT)
    try:
        yield
    finally:
        sleep(running)


def settle(running: Running, seconds: float = 60) -> None:
    """Wait until a server has done with what clients that left had asked for, and answers again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not _answers(running.endpoint):
        time.sleep(0.05)


def sleep(running: Running) -> None:
    """Halt a server, so that what it still computes for clients that left takes nothing from the others."""
    _signal(running, signal.SIGSTOP)


def _signal(running: Running, sign: signal.Signals) -> None:
    for pid in _tree(running.process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, sign)


def memory(running: Running) -> int:
    """Return the bytes of memory of a server and its children, pages they share counted once (PSS)."""
    return sum(_proportional(pid) for pid in _tree(running.process.pid))


def processes(running: Running) -> list[int]:
    """Return the numbers of the processes of a server."""
    return _tree(running.process.pid)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for process in found:
        try:
            for task in Path(f"/proc/{process}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, timeout=7200)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.decode(errors='replace')[-500:]}")


def _spawn(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, process_group=0
        )


def _ready(running: Running, folder: Path, seconds: float = 3600) -> Running:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and running.process.poll() is None:
        if _answers(running.endpoint):
            return running
        time.sleep(0.05)
    _end(running.process)
    said = (folder / "server.log").read_text(encoding="utf-8", errors="replace")[-1000:]
    raise RuntimeError(f"{running.name} did not answer at {running.endpoint}; it said: {said}")


def _answers(endpoint: str) -> bool:
    separator = "&" if "?" in endpoint else "?"
    request = Request(f"{endpoint}{separator}{urlencode({'query': 'ASK {}'})}")  # noqa: S310 - a server of our own
    request.add_header("Accept", "application/sparql-results+json")
    try:
        with urlopen(request, timeout=30):  # noqa: S310
            return True
    except HTTPError:
        return False
    except (URLError, OSError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        try:
            process.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue
