"""How the server ends, and what it needs of the disk: no process outlives it, nothing is written."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from faults.server import Server, running, tree
from faults.waiting import settled

LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
QUICK = "ASK { ?s ?p ?o }"


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda end: str(end.name))
def test_no_process_outlives_the_command_even_with_a_query_under_way(dense: Path, end: signal.Signals) -> None:
    with running(dense) as server:
        connection = server.send(LONG)
        settled(lambda: len(server.workers()) == 3)
        processes = tree(server.process)
        # One takes requests, one keeps the store, two are lanes, two are ready for long queries, one is busy.
        assert len(processes) == 7

        os.kill(server.process, end)

        settled(lambda: all(is_gone(process) for process in processes), seconds=15)
        connection.close()


def test_process_that_takes_requests_is_replaced_with_all_that_it_started(dense: Path) -> None:
    with running(dense) as server:
        processes = tree(server.process)

        os.kill(server.front, signal.SIGKILL)

        settled(lambda: all(is_gone(process) for process in processes))
        settled(lambda: len(tree(server.process)) == 6, seconds=20)
        settled(lambda: answers(server), seconds=20)


def test_server_needs_no_room_on_the_disk(dense: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in dense.iterdir()}

    with running(dense, "sh", "-c", 'ulimit -f 0; exec "$@"', "sh") as server, ThreadPoolExecutor(4) as threads:
        statuses = {reply.status for reply in threads.map(server.ask, [QUICK, LONG] * 3)}

    assert statuses == {200, 504}
    assert {path: path.stat().st_mtime_ns for path in dense.iterdir()} == before


def answers(server: Server) -> bool:
    try:
        return server.ask(QUICK).status == 200
    except OSError:
        return False
