"""No query, however it is written, makes the server fail: it answers or says what is wrong."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abckg.queries import load_catalogue
from conftest import ROOT
from fuzz.client import Client

TEXTS = [query.bind() for query in load_catalogue(ROOT).values()]
TOKEN = re.compile(r"\s+|\w+|\"[^\"]*\"|<[^>\s]*>|.", re.DOTALL)
PIECES = [
    *"{}()[]<>.,;|^/*+-!=&?$@:#'\"\\\x00\x7f\ufeff\u2028\U0010ffff",
    *("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "FROM", "FROM NAMED", "GRAPH", "SERVICE", "LOAD", "VALUES"),
    *("OPTIONAL", "UNION", "MINUS", "FILTER", "EXISTS", "BIND", "AS", "UNDEF", "LIMIT", "OFFSET", "BASE", "PREFIX"),
    *("GROUP BY", "HAVING", "ORDER BY", "COUNT(*)", "a", "true", "?x", "_:b", "<>", "<http://e.example/>", "()", "[]"),
    *("9" * 400, "-1", "1e999999", "0.0000000001", "1e", "'''", '"""', "@en", "^^<x>", "<<( ?a ?b ?c )>>"),
    *("\\uD800", "\\uDFFF", "\\U00110000", "\\u0000", "\\U0010FFFF", "\\u", "%", "%zz", "\r\n", "\t"),
]
OPENERS = [
    "{",
    "(",
    "[ ?p ",
    "(SELECT * {",
    "{SELECT * {",
    "FILTER(",
    "OPTIONAL{",
    "!",
    "<<( ",
    "^",
    "IF(1,",
    "GRAPH ?g {",
]
RUN = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw a query of the catalogue with some of its tokens changed."""
    tokens = TOKEN.findall(draw(st.sampled_from(TEXTS)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(tokens)))
        match draw(st.integers(0, 3)):
            case 0:
                tokens[place:place] = [draw(st.sampled_from(PIECES))]
            case 1:
                tokens[place : place + 1] = [draw(st.sampled_from(PIECES))]
            case 2:
                del tokens[place : place + draw(st.integers(1, 5))]
            case _:
                tokens[place:place] = TOKEN.findall(draw(st.sampled_from(TEXTS)))[: draw(st.integers(1, 40))]
    return "".join(tokens)


@st.composite
def nested(draw: st.DrawFn) -> str:
    """Draw a query that nests deeply."""
    opener = draw(st.sampled_from(OPENERS))
    depth = draw(st.sampled_from([1, 10, 63, 64, 65, 500, 5000]))
    closer = {"{": "}", "(": ")", "[": "]"}.get(opener.strip()[-1:], "")
    return f"SELECT * {{ {opener * depth}1{closer * depth} }}"


def sent(query: str, form: str) -> bytes:
    """Return the request for a query; surrogates go out as the bytes that stand for them, which are not UTF-8."""
    body = (
        f"format={form}&timeout=0.5&query=".encode() + quote_from_bytes(query.encode("utf-8", "surrogatepass")).encode()
    )
    head = f"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body


@pytest.mark.slow
@RUN
@given(query=st.one_of(mutated(), nested()), form=st.sampled_from(["json", "csv", "html"]))
def test_changed_queries_of_the_catalogue_are_borne(client: Client, query: str, form: str) -> None:
    client.check(sent(query, form))


@RUN
@given(
    query=st.text(st.characters(categories=None), max_size=60),
    where=st.sampled_from(["{}", "ASK {{ {} }}", "ASK {{ ?s ?p '{}' }}"]),
)
def test_any_characters_are_borne_surrogates_too(client: Client, query: str, where: str) -> None:
    client.check(sent(where.format(query), "json"))


@RUN
@given(
    query=st.binary(max_size=60),
    where=st.sampled_from(["query=%s", "query=ASK{%s}", "%s=ASK{}", "default-graph-uri=%s&query=ASK{}"]),
)
def test_any_bytes_in_the_address_are_borne(client: Client, query: bytes, where: str) -> None:
    address = where.replace("%s", quote_from_bytes(query))

    client.check(f"GET /sparql?{address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
