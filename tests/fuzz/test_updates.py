"""No update, however it is written, makes the server fail or leaves something by halves, not even with the token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faults.writing import WritableServer, plain_store, writable
from fuzz.client import BORNE
from fuzz.test_queries import OPENERS, PIECES, TOKEN

UPDATES = [
    "PREFIX ex: <http://x.example/> INSERT DATA { ex:a ex:b 1 . GRAPH ex:g { ex:a ex:b 'x'@ja , [ ex:c ( 1 2.5 ) ] } }",
    "DELETE { ?s ?p ?o } INSERT { GRAPH <urn:g> { ?s ?p ?n } } WHERE { ?s ?p ?o BIND(STR(?o) AS ?n) FILTER(?n != '') }",
    "WITH <urn:g> DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } USING NAMED <urn:h> WHERE { GRAPH ?g { ?s ?p ?o } }",
    "DELETE WHERE { GRAPH ?g { ?s <urn:p> ?o } } ; CREATE SILENT GRAPH <urn:h> ; ADD <urn:g> TO <urn:h>",
    "CLEAR SILENT GRAPH <urn:g> ; DROP NAMED ; COPY DEFAULT TO <urn:h> ; MOVE SILENT <urn:h> TO DEFAULT",
    "BASE <http://x.example/> DELETE DATA { <a> <b> true } ; INSERT DATA { <a> <b> 1e3 , '''long\n''' } # comment",
]
MARK = "INSERT DATA { GRAPH <urn:mark> { <urn:s> <urn:p> %d } }"


@pytest.fixture(scope="module")
def writes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WritableServer]:
    with writable(plain_store(tmp_path_factory.mktemp("fuzzed") / "kept"), ABCKG_TIMEOUT="2") as started:
        yield started


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw an update with some of its tokens changed."""
    tokens = TOKEN.findall(draw(st.sampled_from(UPDATES)))
    pieces = [*PIECES, "INSERT DATA", "DELETE", "WITH", "USING", "INTO", "CLEAR ALL", "SILENT", "DEFAULT", "TO", ";"]
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(tokens)))
        tokens[place : place + draw(st.integers(0, 2))] = [draw(st.sampled_from(pieces))]
    return "".join(tokens)


@st.composite
def nested(draw: st.DrawFn) -> str:
    """Draw an update that nests deeply, in its data or its pattern."""
    opener, depth = draw(st.sampled_from(OPENERS)), draw(st.sampled_from([1, 63, 65, 5000]))
    inner = f"{opener * depth}1{ {'{': '}', '(': ')', '[': ']'}.get(opener.strip()[-1:], '') * depth }"
    return draw(st.sampled_from(["INSERT DATA {{ <s:s> <p:p> {0} }}", "DELETE {{ ?s ?p ?o }} WHERE {{ {0} }}"])).format(
        inner
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(update=st.one_of(mutated(), mutated(), nested()))
def test_changed_updates_are_borne(writes: WritableServer, update: str) -> None:
    body = update.encode("utf-8", "surrogatepass")
    reply = writes.send("POST", "/update", body, "application/sparql-update")

    assert reply.status in {*BORNE, 204, 409} - {503}, (reply.status, update[:2000], reply.body[:500])
    assert b"Traceback" not in reply.body
    assert reply.status == 204 or reply.json()["status"] == reply.status


@pytest.mark.slow
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["text/turtle", "application/ld+json", "application/rdf+xml", "application/n-quads"]),
    body=st.one_of(st.binary(max_size=80), mutated().map(lambda text: text.encode("utf-8", "surrogatepass"))),
)
def test_bodies_of_graphs_of_any_content_are_borne(writes: WritableServer, kind: str, body: bytes) -> None:
    reply = writes.send("PUT", "/store?graph=urn:g", body, kind)

    assert reply.status in {201, 204, 400}, (reply.status, kind, body, reply.body[:500])


def test_server_writes_on_after_all_that(writes: WritableServer) -> None:
    assert writes.update(MARK % 1).status == 204
    assert writes.rows("SELECT ?n { GRAPH <urn:mark> { <urn:s> <urn:p> ?n } }") == [["1"]]
