"""From a fault in the graph to the line that holds it."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from abckg.namespaces import Prefixes
from abckg.positions import line_of_subject, locate, spelling

PREFIXES = Prefixes({"ex": "http://example.org/"})
TEXT = """@prefix ex: <http://example.org/> .

ex:a
  a ex:T ;
  ex:p "one"@en ;
  ex:p "two"@en ;
.

<http://example.org/a/part>
  ex:p ex:a ;
.
"""
A = "http://example.org/a"
P = "http://example.org/p"


def test_subject_is_found_by_curie_and_by_iri() -> None:
    assert line_of_subject(TEXT, A, PREFIXES) == 3
    assert line_of_subject(TEXT, f"{A}/part", PREFIXES) == 9
    assert line_of_subject(TEXT, f"{A}/other", PREFIXES) is None


@pytest.mark.parametrize(
    ("predicate", "value", "place"),
    [
        (P, '"one"@en', (5, 8)),
        (P, '"two"@en', (6, 8)),
        (P, None, (6, 8)),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "ex:T", (4, 5)),
        ("http://example.org/missing", None, (3, 1)),
        (None, None, (3, 1)),
    ],
    ids=["first-value", "second-value", "last-of-predicate", "type", "missing-value", "subject"],
)
def test_place_is_that_of_the_value_the_predicate_or_the_subject(
    predicate: str | None, value: str | None, place: tuple[int, int]
) -> None:
    assert locate(TEXT, A, predicate, value, PREFIXES) == place


def test_values_of_another_subject_are_not_taken() -> None:
    assert locate(TEXT, f"{A}/part", P, "ex:a", PREFIXES) == (10, 8)


def test_terms_are_spelled_as_in_the_files() -> None:
    assert spelling(ox.NamedNode(A), PREFIXES) == "ex:a"
    assert spelling(ox.Literal("x", language="ja"), PREFIXES) == '"x"@ja'
