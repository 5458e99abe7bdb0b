"""Updates are taken apart into operations; what would fetch is refused wherever the word stands."""

from __future__ import annotations

import pytest

from abckg.errors import QueryError, QueryRefused, UpdateSyntaxError
from abckg.writing.updates import DEFAULT, operations_of

BASE = "http://base.example/x"
TRIPLE = "<s:s> <p:p> 1"


@pytest.mark.parametrize(
    ("text", "verb", "source", "target"),
    [
        ("CLEAR DEFAULT", "CLEAR", DEFAULT, DEFAULT),
        ("clear silent all", "CLEAR", "ALL", DEFAULT),
        ("DROP GRAPH <g>", "DROP", "http://base.example/g", DEFAULT),
        ("PREFIX g: <http://g.example/> CREATE GRAPH g:a.b", "CREATE", "http://g.example/a.b", DEFAULT),
        ("COPY DEFAULT TO <g:g>", "COPY", DEFAULT, "g:g"),
        ("MOVE GRAPH <g:g># to\nTO DEFAULT", "MOVE", "g:g", DEFAULT),
        ("BASE <http://other.example/>ADD <a>TO<b>", "ADD", "http://other.example/a", "http://other.example/b"),
    ],
)
def test_operation_on_graphs_is_read_with_its_graphs(text: str, verb: str, source: str, target: str) -> None:
    (operation,) = operations_of(text, BASE)

    assert (operation.verb, operation.source, operation.target) == (verb, source, target)


def test_modification_is_read_in_its_parts() -> None:
    text = (
        'WITH <g:g>DELETE{?s ?p "}"}INSERT{GRAPH ?g{?s ?p ?o # }\n}}\n'
        "USING<u:u>USING NAMED <n:n>WHERE{GRAPH ?g{?s ?p ?o}FILTER(?o<3&&?o>1)}"
    )
    (operation,) = operations_of(text, BASE)

    assert operation.graph == "<g:g>"
    assert operation.delete == '{?s ?p "}"}'
    assert operation.insert == "{GRAPH ?g{?s ?p ?o # }\n}}"
    assert operation.using.split() == ["USING", "<u:u>", "USING", "NAMED", "<n:n>"]
    assert operation.where == "{GRAPH ?g{?s ?p ?o}FILTER(?o<3&&?o>1)}"


def test_each_operation_may_declare_more_prefixes() -> None:
    text = (
        f"PREFIX a: <http://a.example/> INSERT DATA {{ {TRIPLE} }} ;\nPREFIX b: <http://b.example/>\nDROP GRAPH b:x ;"
    )
    first, second = operations_of(text, BASE)

    assert "b:" not in first.head
    assert second.source == "http://b.example/x"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("INSERT DATA { <s:s> <p:p> }", 1, 27),
        (f"INSERT DATA {{ {TRIPLE} }} ;\n  DELETE DATA {{ <s:s> <p:p> }} ; PREFIX a: <a:> CLEAR ALL", 2, 29),
        ("CLEAR XYZ", 1, 10),
        (f"PREFIX a: <a:>\nINSERT DATA {{ {TRIPLE} }} ;\nCLEAR NONE ; PREFIX b: <b:> CLEAR ALL", 3, 14),
        ("\n\nINSERT { ?s ?p ?o }", 3, 20),
    ],
)
def test_error_is_told_at_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(UpdateSyntaxError) as caught:
        operations_of(text, BASE)

    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1:1/>",
        f"INSERT DATA {{ {TRIPLE} }} ; lOaD SILENT <http://127.0.0.1:1/> INTO GRAPH <g:g>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "DELETE { ?s ?p ?o } WHERE { { SELECT * { OPTIONAL { service silent ?x { ?s ?p ?o } } } } }",
        # What one reader takes for a long string is a comment to another: the operation hides behind it.
        f'INSERT {{ {TRIPLE} }} WHERE {{ FILTER(?a<?b#c>"""\n) }} ; LOAD <http://127.0.0.1:1/> #"""}}',
    ],
)
def test_what_would_fetch_is_refused(text: str) -> None:
    with pytest.raises((QueryRefused, UpdateSyntaxError, QueryError)) as caught:
        operations_of(text, BASE)

    assert not isinstance(caught.value, UpdateSyntaxError) or "FILTER" in text


@pytest.mark.parametrize(
    "text",
    [
        'INSERT DATA { <s:load> <p:service> "LOAD <http://x/> SERVICE" } # LOAD',
        "PREFIX load: <http://x.example/> INSERT DATA { load:service load:load 1 }",
        "",
        "PREFIX a: <http://a.example/>",
    ],
)
def test_words_that_are_only_text_are_read(text: str) -> None:
    assert len(operations_of(text, BASE)) == ("INSERT" in text)
