"""The table of media types."""

from __future__ import annotations

import pytest

from abckg.formats import GRAPH_FORMATS, SOLUTION_FORMATS, ResultFormat, formats_for, named, with_extension


@pytest.mark.parametrize("formats", [SOLUTION_FORMATS, GRAPH_FORMATS], ids=["solutions", "graph"])
def test_names_types_and_extensions_are_each_given_once(formats: tuple[ResultFormat, ...]) -> None:
    for attribute in ("name", "media_type", "extension"):
        values = [getattr(form, attribute) for form in formats]

        assert len(set(values)) == len(values)


@pytest.mark.parametrize("form", [*SOLUTION_FORMATS, *GRAPH_FORMATS], ids=lambda form: str(form.name))
def test_media_type_is_the_one_the_engine_writes(form: ResultFormat) -> None:
    assert form.engine.media_type.partition(";")[0] == form.media_type


@pytest.mark.parametrize(
    ("asked", "kind", "found"),
    [
        ("csv", "solutions", "csv"),
        ("JSON", "solutions", "json"),
        ("json", "graph", "jsonld"),
        ("xml", "graph", "rdfxml"),
        ("ttl", "graph", "turtle"),
        ("text/turtle", "graph", "turtle"),
        ("application/sparql-results+xml", "boolean", "xml"),
    ],
)
def test_format_is_found_by_name_synonym_or_media_type(asked: str, kind: str, found: str) -> None:
    form = named(asked, formats_for(kind))

    assert form is not None
    assert form.name == found


@pytest.mark.parametrize("asked", ["", "xlsx", "turtle"])
def test_format_that_does_not_fit_the_answer_is_none(asked: str) -> None:
    assert named(asked, SOLUTION_FORMATS) is None


def test_text_types_name_their_charset() -> None:
    csv = named("csv", SOLUTION_FORMATS)

    assert csv is not None
    assert csv.content_type() == "text/csv; charset=utf-8"


def test_extension_finds_the_format_of_a_file() -> None:
    assert with_extension("jsonld") is named("jsonld", GRAPH_FORMATS)
    assert with_extension("html") is None
