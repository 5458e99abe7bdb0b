"""Lines and columns of an editor, and the statement at the cursor of a file that is being written."""

from __future__ import annotations

from pathlib import Path

import pytest

from abckg.lsp.full import moved
from abckg.lsp.text import LineMap, name_at, statement_at
from abckg.namespaces import RDF, Prefixes
from abckg.reports.report import Finding

PREFIXES = Prefixes({"abc": "https://w3id.org/abc-kg/ontology#", "hub": "https://w3id.org/abc-kg/id/hub/"})
ABC = PREFIXES["abc"]


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 9), ("utf-16", 5), ("utf-32", 3)])
def test_column_is_counted_in_the_encoding_agreed_on(encoding: str, column: int) -> None:
    lines = LineMap("a\r\n𠮷😀 b\r\n", encoding)

    assert lines.position(5 + 1) == (1, column)
    assert lines.offset(1, column) == 6
    assert lines.offset(1, 99) == 7
    assert lines.offset(9, 0) == len("a\r\n𠮷😀 b\r\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_every_place_is_found_again(encoding: str) -> None:
    text = "\ufeff値 \n\n𠮷\r\n😀é\rz"
    lines = LineMap(text, encoding)
    inside = [n for n in range(len(text) + 1) if text[n - 1 : n + 1] != "\r\n"]

    assert [lines.offset(*lines.position(offset)) for offset in inside] == inside


def test_byte_order_mark_is_no_column_of_a_finding() -> None:
    assert LineMap("\ufeffab\nc").of_finding(1, 2) == 2
    assert LineMap("ab\nc").of_finding(2, 1) == 3


@pytest.mark.parametrize(
    ("text", "role", "types", "predicate"),
    [
        ("hub:x a abc:Hub ;\n  |", "predicate", ["Hub"], "type"),
        ("hub:x a |", "object", [], "type"),
        ("hub:x abc:p [ a abc:Q ; |", "predicate", ["Q"], "type"),
        ("hub:x abc:p [ a abc:Q ] ; abc:q |", "object", [], "q"),
        ("hub:x abc:p ( abc:a |", "object", [], "p"),
        ("hub:x abc:p abc:a , |", "object", [], "p"),
        ("hub:x abc:p abc:a .\n|", "subject", [], ""),
        ('hub:x abc:p "a; b. [" ; |', "predicate", [], "p"),
        ('hub:x abc:p """a\n; b|', "none", [], ""),
        ("hub:x abc:p 1.5 ; # a; b .\n|", "predicate", [], "p"),
        ("@prefix |", "directive", [], ""),
    ],
)
def test_cursor_knows_its_statement(text: str, role: str, types: list[str], predicate: str) -> None:
    cursor = statement_at(text, text.index("|"), PREFIXES)

    said = cursor.statement.predicate.removeprefix(ABC).removeprefix(RDF)
    assert (cursor.role, [name.removeprefix(ABC) for name in cursor.statement.types], said) == (role, types, predicate)


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("hub:x abc:p| 1", f"{ABC}p"),
        ("hub:x |a abc:Hub", f"{RDF}type"),
        ('hub:x abc:p "abc:|q"', None),
        ("no:x|", None),
    ],
)
def test_name_at_the_cursor_is_expanded(text: str, iri: str | None) -> None:
    found = name_at(text.replace("|", ""), text.index("|"), PREFIXES)

    assert (found.iri if found else None) == iri


def test_findings_move_with_their_lines_and_go_with_them() -> None:
    path = Path("x.ttl")
    findings = tuple(Finding(path, line, 1, "rule", f"line {line}") for line in (1, 2, 3))

    found = moved(findings, "a\nb\nc", "new\na\nc")

    assert [(finding.line, finding.message) for finding in found] == [(2, "line 1"), (3, "line 3")]
