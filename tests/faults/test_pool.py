"""What a query does to the others: nothing."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.server import LIMIT, Reply, Server, running
from faults.waiting import settled

X = "http://x.example/"
ANY = f"(<{X}near>|<{X}far>|^<{X}near>|^<{X}far>)"
LONG = {
    "cross-product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "path": f"SELECT (COUNT(*) AS ?n) {{ ?a {ANY}+ ?b . ?b {ANY}* ?c . ?c {ANY}* ?d }}",
    "regex": f"SELECT (COUNT(*) AS ?n) {{ ?a <{X}label> ?x . ?b <{X}label> ?y . ?c <{X}label> ?z "
    'FILTER(REGEX(CONCAT(?x, ?y, ?z), "(a|aa|a{2,40})+b$")) }',
    "group-by": "SELECT ?a ?d (COUNT(DISTINCT ?i) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?a ?d",
    "order-by": "SELECT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?f ?c ?i",
    "construct": "CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
}
QUICK = f"SELECT ?o {{ <{X}node/1> <{X}near> ?o }}"
STREAM = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def is_problem(reply: Reply) -> bool:
    return reply.media_type == "application/problem+json" and json.loads(reply.body)["status"] == reply.status


@pytest.mark.parametrize("query", LONG.values(), ids=LONG.keys())
def test_query_that_runs_away_is_ended_at_its_limit(server: Server, query: str) -> None:
    reply = server.ask(query)

    assert reply.status in (503, 504)
    assert is_problem(reply)
    assert reply.retry_after
    assert reply.seconds < LIMIT + 0.5  # the bound of the issue, 0.1, with room for a machine that is busy


def test_request_may_set_a_shorter_limit_but_no_longer_one(server: Server) -> None:
    shorter, longer = (server.ask(LONG["cross-product"], timeout=seconds) for seconds in ("0.4", "50"))

    assert (shorter.status, longer.status) == (504, 504)
    assert shorter.seconds < 1
    assert longer.seconds < LIMIT + 0.5
    assert server.ask(QUICK, timeout="soon").status == 400


def test_query_that_takes_too_much_memory_is_ended(server: Server) -> None:
    rows = " ".join(str(number) for number in range(1000))
    query = f"SELECT * {{ VALUES ?a {{ {rows} }} VALUES ?b {{ {rows} }} VALUES ?c {{ 1 2 3 4 5 6 }} }} ORDER BY ?b"

    reply = server.ask(query)

    assert (reply.status, is_problem(reply)) in ((503, True), (504, True))


def test_stream_that_is_ended_cannot_be_taken_for_whole(server: Server) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        server.ask(STREAM)

    assert b"is not complete" in caught.value.partial[-200_000:]
    with pytest.raises(ValueError, match=r"."):
        json.loads(caught.value.partial)


def test_others_are_answered_while_queries_run_away(server: Server) -> None:
    with ThreadPoolExecutor(4) as threads:
        long = [threads.submit(server.ask, LONG["cross-product"]) for _ in range(4)]
        time.sleep(0.5)
        quick = [server.ask(QUICK) for _ in range(20)]

    assert {reply.status for reply in quick} == {200}
    assert {future.result().status for future in long} <= {503, 504}


@pytest.mark.parametrize("lanes", [2, 0], ids=["with lanes", "without lanes"])
def test_client_that_leaves_ends_its_query(dense: Path, lanes: int) -> None:
    with running(dense, lanes=lanes, limit=60) as server:
        settled(lambda: len(server.workers()) == 2)
        connection = server.send(LONG["cross-product"])
        settled(lambda: len(server.workers()) == 3, seconds=30)  # it is long: another process has taken its place
        connection.close()
        settled(lambda: len(server.workers()) == 2, seconds=30)

        assert ended(server, "gone") == 1
        assert ended(server, "time") == 0


def test_client_that_leaves_while_it_reads_ends_its_query(server: Server) -> None:
    connection = server.send(STREAM)
    assert connection.recv(100).startswith(b"HTTP/1.1 200")
    connection.close()

    settled(lambda: len(server.workers()) == 2)


def test_slow_readers_hold_up_nobody(server: Server) -> None:
    connections = [server.send(STREAM) for _ in range(4)]
    time.sleep(0.6)

    statuses = {server.ask(QUICK).status for _ in range(10)}

    assert statuses == {200}
    for connection in connections:
        connection.close()


def test_worker_that_is_killed_is_replaced_and_its_query_answered_with_503(server: Server) -> None:
    idle = set(server.workers())
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(server.ask, LONG["cross-product"])
        settled(lambda: len(server.workers()) == 3)
        for worker in idle:
            os.kill(worker, signal.SIGKILL)
        reply = future.result()

    assert (reply.status, is_problem(reply), bool(reply.retry_after)) == (503, True, True)
    assert server.ask(QUICK).status == 200


def test_idle_worker_that_was_killed_is_not_noticed(server: Server) -> None:
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)

    assert server.ask(QUICK).status == 200


def test_process_that_keeps_the_store_is_replaced(server: Server) -> None:
    os.kill(server.forker, signal.SIGKILL)

    settled(lambda: server.ask(QUICK).status == 200, seconds=30)


def test_connections_held_open_hold_up_nobody(server: Server) -> None:
    connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for connection in connections[:25]:
        connection.sendall(b"GET /sparql HTTP/1.1\r\nHost: localhost\r\n")

    assert {server.ask(QUICK).status for _ in range(10)} == {200}
    for connection in connections:
        connection.close()


def test_more_queries_than_the_queue_takes_are_refused_at_once(dense: Path) -> None:
    with running(dense, limit=60, long_queries=12) as server, ExitStack() as stack:
        connections = [stack.enter_context(server.send(LONG["cross-product"])) for _ in range(12)]
        settled(lambda: 'abckg_queries{state="running"} 12.0' in server.metrics(), seconds=30)

        replies = [server.ask(f"{LONG['cross-product']} # {number}") for number in range(5)]

        assert {(reply.status, is_problem(reply), bool(reply.retry_after)) for reply in replies} == {(503, True, True)}
        assert max(reply.seconds for reply in replies) < 10  # not one of them waited for its limit
        assert ended(server, "refused") == 5
        for connection in connections:
            connection.close()
        settled(lambda: len(server.workers()) == 2, seconds=30)
        assert ended(server, "gone") == 12


def test_many_quick_queries_at_once_are_all_answered(server: Server) -> None:
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: server.ask(QUICK), range(200)))

    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1


def test_queries_that_were_ended_are_counted_by_cause(server: Server) -> None:
    before = ended(server, "time")
    server.ask(LONG["cross-product"], timeout="0.3")

    assert ended(server, "time") == before + 1
    settled(lambda: 'abckg_queries{state="ready"} 2.0' in server.metrics())


def ended(server: Server, cause: str) -> float:
    name = f'abckg_queries_ended_total{{cause="{cause}"}}'
    return float(next((line.split()[1] for line in server.metrics().splitlines() if line.startswith(name)), "0"))
