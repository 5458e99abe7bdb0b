"""What a query may not ask, and where it is wrong."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from abckg.errors import QueryRefused, QuerySyntaxError
from abckg.safety import graphs_named_by, is_volatile, kind_of, parse, refuse_oversize, refuse_service

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
    "SELECT * { ?s ex:at ?where { SELECT ?where { SERVICE SILENT ?where { ?s ?p ?o } } } }",
    "ASK { FILTER EXISTS { SERVICE ?where { } } }",
    "ASK { FILTER(EXISTS { { SELECT (COUNT(*) AS ?n) { SERVICE ex:x { ?s ?p ?o } } } }) }",
    "ASK { ?s ?p ?o MINUS { SERVICE <http://x.example/> { ?s ?p ?o } } } VALUES ?s { ex:a }",
    "ASK { GRAPH ?g { SERVICE <http://x.example/> { SERVICE <http://y.example/> { ?s ?p ?o } } } }",
    "ASK { sErViCe # <http://comment.example/>\n <http://x.example/> { ?s ?p ?o } }",
    "DESCRIBE ?s { SERVICE <file:///etc/passwd> { ?s ?p ?o } }",
    'ASK { ?s ?p "SERVICE" SERVICE <http://x.example/> { ?s ?p "# SERVICE" } }',
]
HIDDEN = [
    "ASK { \\u0053ERVICE <http://x.example/> { ?s ?p ?o } }",
    "ASK { \\u0053\\u0045\\u0052\\u0056\\u0049\\u0043\\u0045 ?where { ?s ?p ?o } }",
    "ASK { S\\U00000045RVICE SILENT <http://x.example/> { ?s ?p ?o } }",
    "SELECT * { { SELECT * { servic\\u0065 <http://x.example/> { ?s ?p ?o } } } }",
    "ASK { ?s ?p ?o #\\u000ASERVICE <http://x.example/> { }\n }",
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


@pytest.mark.parametrize("query", HIDDEN)
def test_service_clause_written_with_code_points_does_not_pass(query: str) -> None:
    with pytest.raises((QueryRefused, QuerySyntaxError)):
        parse(HEAD + query)


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


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ASK { FILTER(NOW() > 1) }", True),
        ("SELECT (rand # a comment\n () AS ?x) { }", True),
        ("ASK { FILTER(\\u004EOW() > 1) }", True),
        ("SELECT (STRUUID() AS ?x) { }", True),
        ("SELECT (1+UUID() AS ?x) { }", True),
        ("SELECT (BNODE() AS ?x) { }", True),
        ("ASK { SERVICE ?where { } }", True),
        ("ASK { ?s ?p ?o }", False),
        ("ASK { ?known ?brand ?o }", False),
    ],
)
def test_query_that_may_answer_differently_each_time_is_volatile(query: str, *, expected: bool) -> None:
    assert is_volatile(query) is expected


@pytest.mark.parametrize(
    "end", ["", "VALUES ?z { 1 }", "VALUES (?y ?z) { (1 2) } # VALUES", "LIMIT 1 VALUES #{\n ?z { }"]
)
@pytest.mark.parametrize("form", ["ASK", "SELECT (COUNT(*) AS ?n)", "CONSTRUCT { ?a ?b ?c } WHERE"])
def test_query_that_needs_no_data_is_not_run_to_be_parsed(form: str, end: str) -> None:
    numbers = " ".join(str(number) for number in range(300))
    lists = " ".join(f"VALUES ?{name} {{ {numbers} }}" for name in "abcdef")

    refuse_service(f"{form} {{ {lists} FILTER(?a + ?f < 0) }} {end} # service")


def test_values_at_the_end_are_parsed_and_their_variables_kept() -> None:
    found = parse("SELECT * { ?s ?p ?o } VALUES (?o ?x) { (1 2) }")

    assert isinstance(found, ox.QuerySolutions)
    assert {variable.value for variable in found.variables} == {"s", "p", "o", "x"}
    with pytest.raises(QuerySyntaxError):
        parse("SELECT * { ?s ?p ?o } VALUES (?o ?x) { (1) }")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("# SELECT\nPREFIX ask: <http://e.example/> BASE <x> ASK { }", "boolean"),
        ("select*{}", "solutions"),
        ("CONSTRUCT WHERE { }", "graph"),
        ("DESCRIBE <x>", "graph"),
        ("\\u0041SK { }", None),
        ("CLEAR ALL", None),
    ],
)
def test_kind_of_answer_is_told_without_running_the_query(query: str, kind: str | None) -> None:
    assert kind_of(query) == kind


def test_graphs_named_by_from_are_found_and_resolved() -> None:
    query = "BASE <http://b.example/> SELECT (?a<?b AS ?c) FROM <x> FROM #c\n NAMED ex:y FROM <http://z.example/> { }"

    assert graphs_named_by(HEAD + query) == ("http://b.example/x", "http://e.example/y", "http://z.example/")


@pytest.mark.parametrize(
    "query",
    ["ASKFROM<http://x.example/>{}", "ASK \\u0046ROM <http://x.example/> {}", "ASKFROMNAMED<http://x.example/>{}"],
)
def test_from_is_found_however_it_is_written(query: str) -> None:
    assert graphs_named_by(query) == ("http://x.example/",)


def test_the_word_from_in_a_literal_comment_or_name_is_no_graph() -> None:
    query = "ASK { ?from ex:from 'FROM <http://x.example/>' # FROM <http://x.example/>\n }"

    assert graphs_named_by(HEAD + query) == ()


@pytest.mark.parametrize(
    "query",
    [
        f"ASK {{ {'{' * 70}{'}' * 70} }}",
        f"ASK {{ FILTER({'(' * 70}1{')' * 70}) }}",
        f"ASK {{ FILTER({'IF(1,' * 70}1{',1)' * 70}) }}",
        f"ASK {{ FILTER({'!' * 1500}true) }}",
        f"ASK {{ FILTER({'||'.join(['?a'] * 1000)}) }}",
        f"ASK {{ FILTER(1{'+1' * 1500}) }}",
        f"ASK {{ ?s ?p {'[ ?p ' * 70}1{']' * 70} }}",
        f"ASK {{ {'?s ?p ?o . ' * 1500} }}",
        f"ASK {{ ?s ?p {', '.join(['1'] * 1500)} }}",
        f"ASK {{ {' UNION '.join(['{}'] * 1500)} }}",
    ],
    ids=["groups", "parentheses", "if", "not", "or", "plus", "blanks", "triples", "objects", "unions"],
)
def test_query_that_could_overflow_a_stack_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        refuse_oversize(query, depth=64, operators=1000)


@pytest.mark.parametrize(
    "query",
    [
        f"ASK {{ VALUES (?a ?b) {{ {'(1 2) ' * 5000} }} }}",
        f"ASK {{ FILTER(?a IN ({', '.join(['1'] * 5000)})) }}",
        f"ASK {{ ?s ?p '{'((((' * 100}' # {'{' * 100}\n }}",
    ],
    ids=["values", "in", "literal"],
)
def test_long_list_of_values_passes(query: str) -> None:
    refuse_oversize(query, depth=64, operators=1000)
