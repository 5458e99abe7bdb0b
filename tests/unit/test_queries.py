"""The catalogue of questions."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

import tiny
from abckg.errors import ParameterError, SourceError, UnknownQuery
from abckg.queries import Catalogue, Parameter, Query, load_catalogue, read_query


def query_of(folder: Path, text: str, slug: str = "question") -> Query:
    path = folder / f"{slug}.rq"
    path.write_text(text, encoding="utf-8")
    return read_query(path, tiny.PREFIXES)


def with_parameter(folder: Path, kind: str, body: str, default: str = "") -> Query:
    header = f"#+ summary: Q?\n#+ parameters: [{{name: it, type: {kind}{default}, description: What}}]\n"
    return query_of(folder, header + body)


def test_header_is_read_and_left_out_of_the_text(tmp_path: Path) -> None:
    query = tiny.catalogue(tmp_path)["hubs"]

    assert (query.title("ja"), query.title("en")) == ("拠点は何か。", "Which hubs are there?")
    assert (query.tags, query.expect, query.questions) == (("hub",), 1, ("q-001",))
    assert "#+" not in query.text


def test_catalogue_is_read_from_the_folder_of_queries(tmp_path: Path) -> None:
    (tmp_path / "data/queries").mkdir(parents=True)
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology/prefixes.ttl").write_text("", encoding="utf-8")
    (tmp_path / "data/queries/all.rq").write_text("#+ summary: All?\nASK { ?s ?p ?o }\n", encoding="utf-8")

    assert list(load_catalogue(tmp_path)) == ["all"]


def test_unknown_query_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UnknownQuery, match="'none'"):
        tiny.catalogue(tmp_path)["none"]


@pytest.mark.parametrize(
    "header",
    [
        "#+ tags: [a]",
        "#+ summary: [a",
        "#+ - summary",
        "#+ summary: a\n#+ parameters: [{name: 'a b'}]",
        "#+ summary: a\n#+ parameters: [{name: a, type: date}]",
    ],
    ids=["no summary", "not YAML", "not a mapping", "bad name", "bad type"],
)
def test_malformed_header_is_an_error_with_the_file(tmp_path: Path, header: str) -> None:
    with pytest.raises(SourceError, match=r"question\.rq"):
        query_of(tmp_path, f"{header}\nASK {{ }}")


def test_default_takes_the_place_of_the_values_in_the_text(tmp_path: Path) -> None:
    query = with_parameter(tmp_path, "string", 'SELECT ?it WHERE { VALUES ?it { "a" "b" } }', ", default: c")

    assert 'VALUES ?it { "c" }' in query.bind()
    assert len(list(tiny.store().query(query.bind()).rows())) == 1


def test_text_stays_as_it_is_written_where_it_has_the_value_already(tmp_path: Path) -> None:
    query = tiny.catalogue(tmp_path)["hubs"]

    assert query.bind() == query.text


def test_value_overrides_the_default(tmp_path: Path) -> None:
    text = tiny.catalogue(tmp_path)["hubs"].bind({"class": "abc:Document"})

    assert [str(row[0]) for row in tiny.store().query(text).rows()] == [f"<{tiny.BASE}id/document/s0>"]


@pytest.mark.parametrize(
    "body",
    [
        "SELECT ?s WHERE { ?s ?p ?it }",
        "ASK { ?s ?p ?it }",
        "CONSTRUCT { ?s ?p ?it } WHERE { ?s ?p ?it }",
        "SELECT (COUNT(*) AS ?n) WHERE { # WHERE {\n ?s ?p ?it FILTER(?it != '{') }",
    ],
)
def test_parameter_without_values_in_the_text_is_put_into_the_outermost_group(tmp_path: Path, body: str) -> None:
    text = with_parameter(tmp_path, "string", body).bind({"it": "x"})

    tiny.store().query(text)
    assert text.count('VALUES ?it { "x" }') == 1


@pytest.mark.parametrize("value", ['x" } #', "a\\", "改行\n", "} INSERT {"])
def test_string_cannot_leave_its_literal(tmp_path: Path, value: str) -> None:
    query = with_parameter(tmp_path, "string", "SELECT ?it WHERE { }")

    rows = list(tiny.store().query(query.bind({"it": value})).rows())

    assert rows == [(ox.Literal(value),)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", "1.5"), ("integer", "1 } #"), ("iri", "http://e.example/> }"), ("iri", "not an iri")],
)
def test_value_of_another_type_is_an_error(tmp_path: Path, kind: str, value: str) -> None:
    with pytest.raises(ParameterError, match="it:"):
        with_parameter(tmp_path, kind, "ASK { ?s ?p ?it }").bind({"it": value})


def test_missing_and_unknown_parameters_are_errors(tmp_path: Path) -> None:
    query = with_parameter(tmp_path, "integer", "ASK { ?s ?p ?it }")

    with pytest.raises(ParameterError, match="needs a value of it"):
        query.bind()
    with pytest.raises(ParameterError, match="no parameter other"):
        query.bind({"other": "1"})


@pytest.mark.parametrize("value", ["hub:coins", f"{tiny.BASE}id/hub/coins", f"<{tiny.BASE}id/hub/coins>"])
def test_iri_is_given_in_full_or_by_its_short_name(value: str) -> None:
    parameter = Parameter("it", "iri", None, "", "")

    assert parameter.term(value, tiny.PREFIXES) == ox.NamedNode(f"{tiny.BASE}id/hub/coins")


def test_examples_begin_with_the_featured_and_then_take_each_tag_in_turn(tmp_path: Path) -> None:
    tags = {"a1": "[a]", "a2": "[a]", "b1": "[b]", "c1": "[c, featured]"}
    queries = [query_of(tmp_path, f"#+ summary: Q?\n#+ tags: {tag}\nASK {{ }}", slug) for slug, tag in tags.items()]

    assert [query.slug for query in Catalogue(queries).examples(3)] == ["c1", "a1", "b1"]
