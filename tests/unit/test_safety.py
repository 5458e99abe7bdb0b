"""What a query may not ask, and where it is wrong."""

from __future__ import annotations

import pytest

from abckg.errors import QueryRefused, QuerySyntaxError
from abckg.safety import is_volatile, parse, refuse_service

HEAD = "PREFIX ex: <http://e.example/> PREFIX : <http://c.example/> "
ASKING_ELSEWHERE = [
    "ASK { SERVICE <http://x.example/> { ?s ?p ?o } }",
    "ASK { service silent <http://x.example/> { ?s ?p ?o } }",
    "ASK { SERVICE ?where { ?s ?p ?o } }",
    "ASK { SERVICE:x { ?s ?p ?o } }",
    "ASK { SERVICEex:x { ?s ?p ?o } }",
    "ASK { SERVICESILENT<http://x.example/>{?s ?p ?o} }",
    "ASK { ?s ?p 1SERVICE<http://x.example/>{?s ?p ?o} }",
    "ASK { ?s ?p trueSERVICE<http://x.example/>{?s ?p ?o} }",
    "ASK { ?s ?p ex:a.b.SERVICE<http://x.example/>{?s ?p ?o} }",
    "ASK { ?s ?p ?o #\rSERVICE <http://x.example/> {} }",
    "ASK { ?a ?b ?c FILTER(?a<'x>') SERVICE <http://x.example/> {} FILTER(?a='y') }",
    "ASK { ?a ?b ?c FILTER(?a<#x>'''\n 1) SERVICE <http://x.example/> {} FILTER(?a='''y''') }",
    "SELECT * WHERE { OPTIONAL { { SELECT * { GRAPH ?g { SERVICE <http://x.example/> {} } } } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { { } UNION { SERVICE <http://x.example/> { ?s ?p ?o } } }",
]
NOT_ASKING_ELSEWHERE = [
    'ASK { ?s ?p "SERVICE <http://x.example/> { }" }',
    "ASK { ?s ?p '''the\nSERVICE\n''' }",
    "ASK { ?s ?p ?o # SERVICE <http://x.example/> {}\n }",
    "ASK { ?s a ex:ProductOrService }",
    "ASK { ?service ?p <http://e.example/SERVICE#service> }",
    "PREFIX service: <http://e.example/> ASK { ?s a service:x }",
    'ASK { ?s ?p "x" FILTER(CONTAINS(?p, "service")) }',
]


@pytest.mark.parametrize("query", ASKING_ELSEWHERE)
def test_service_clause_is_refused_however_it_is_written(query: str) -> None:
    with pytest.raises(QueryRefused, match="SERVICE"):
        refuse_service(HEAD + query)


@pytest.mark.parametrize("query", NOT_ASKING_ELSEWHERE)
def test_the_word_service_in_a_literal_comment_or_name_passes(query: str) -> None:
    refuse_service(HEAD + query)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <http://e.example/s> <http://e.example/p> 1 }",
        "PREFIX ex: <http://e.example/> # a comment\n  DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://x.example/>",
        "CLEAR ALL",
        "WITH <http://g.example/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_update_is_refused(update: str) -> None:
    with pytest.raises(QueryRefused, match="queries only"):
        parse(update)


def test_syntax_error_names_line_and_column() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("SELECT *\nWHERE { ?s ?p }")

    assert (caught.value.line, caught.value.column) == (2, 16)


def test_syntax_error_spares_the_reader_classes_of_characters() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("SELECT * {")

    assert '"["' in caught.value.reason
    assert '"}"' in caught.value.reason
    assert "u{" not in caught.value.reason


def test_syntax_error_beside_the_word_service_stays_a_syntax_error() -> None:
    with pytest.raises(QuerySyntaxError):
        parse('ASK { ?s ?p "SERVICE" . foo bar }')


def test_service_hidden_by_code_points_for_other_engines_is_found() -> None:
    with pytest.raises((QueryRefused, QuerySyntaxError)):
        parse('ASK { ?s ?p "\\u0022 . SERVICE <http://x.example/> { ?s ?p \\u0022" } }')


@pytest.mark.parametrize(("query", "expected"), [("ASK { FILTER(NOW() > 1) }", True), ("ASK { ?s ?p ?o }", False)])
def test_query_that_may_answer_differently_each_time_is_volatile(query: str, *, expected: bool) -> None:
    assert is_volatile(query) is expected
