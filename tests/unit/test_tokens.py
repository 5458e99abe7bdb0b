"""Tokens of queries: enough to measure them and to find what they name."""

from __future__ import annotations

import pytest

from abckg.tokens import Extent, extent_of, from_clauses, has_relative_iri, without_escapes


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ASK { <x> ?p ?o }", True),
        ("ASK { <#x> ?p ?o }", True),
        ("ASK { ?s ?p <> }", True),
        ("ASK { \\u003Cx\\u003E ?p ?o }", True),
        ("ASK { <http://e.example/> <urn:p> 'a <x> b' } # <x>", False),
        ("ASK { ?s ?p ?o FILTER(?a < 1 && ?b > 2) }", False),
        ("PREFIX : <http://e.example/> ASK { :x ?p ?o }", False),
    ],
)
def test_relative_iri_is_told_from_an_absolute_one(query: str, *, expected: bool) -> None:
    assert has_relative_iri(query) is expected


def test_extent_counts_brackets_and_patterns_but_no_values() -> None:
    assert extent_of("ASK { ?s ?p ?o ; ?q 'a { b' . # {{{\n FILTER(?o IN (1, 2, 3)) }") == Extent(3, 4)


def test_from_clauses_are_had_as_they_are_written() -> None:
    assert from_clauses("SELECT * FROM <a> FROM NAMED e:b#c\nFROM #d\nNAMED <f> { ?FROM ?p 'FROM <g>' }") == (
        "<a>",
        "e:b",
        "<f>",
    )


def test_code_points_become_characters_and_what_is_none_stays() -> None:
    assert without_escapes("\\u0041\\U0001F600\\UFFFFFFFF\\u00") == "A\U0001f600\\UFFFFFFFF\\u00"


@pytest.mark.parametrize("piece", ["<", '"""', "'", '"a', "\\", "a:", "#", "FROM ", "(", "1e", "?", "@"])
def test_time_grows_with_the_length_of_the_text_only(piece: str) -> None:
    text = piece * (50_000 // len(piece))

    assert extent_of(text).depth <= 50_000
    assert from_clauses(text[:5_000]) in ((), *[(("FROM",) * n) for n in range(3)])
