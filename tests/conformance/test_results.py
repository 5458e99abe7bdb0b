"""The W3C suites of result formats, CSV/TSV (6 tests) and JSON (4), over HTTP against the real server.

Their queries say ``SELECT *``, for which SPARQL gives the variables no order: columns are compared by name. Numbers
are compared by value, as the suite's own files need (1.0E6 in the data, 1.0e6 in the result); so is the one
``xsd:negativeInteger``, which Oxigraph stores as the same number of type ``xsd:integer``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from io import StringIO
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from conformance.manifest import PATH, Manifest

TABLES, JSON = Manifest("csv-tsv-res"), Manifest("json-res")
XSD = "http://www.w3.org/2001/XMLSchema#"
Row = tuple[str, ...]


def ask(endpoint: str, suite: Manifest, name: str, media_type: str) -> tuple[str, str]:
    """Return what the server answers to the query of a test, and what it should answer."""
    files = suite.files(name)
    fields = {"query": files.query.read_text(encoding="utf-8"), "default-graph-uri": files.data.as_uri()}
    request = Request(f"{endpoint}{PATH}?{urlencode(fields)}", headers={"Accept": media_type})  # noqa: S310 - loopback
    with urlopen(request, timeout=20) as response:  # noqa: S310 - our own server
        assert response.headers["Content-Type"].startswith(media_type)
        return response.read().decode("utf-8"), files.result.read_text(encoding="utf-8")


def value(text: str) -> str:
    """Return one spelling for each number and each blank node, whose label a server may choose."""
    if text.startswith("_:"):
        return "_:"
    try:
        return str(float(text)) if text[:1].isdigit() or text[:1] == "-" else text
    except ValueError:
        return text


def by_name(names: Row, lines: Iterable[Row]) -> tuple[Row, list[Row]]:
    """Return the columns in the order of their names, and the rows sorted; each row must have every column."""
    order = sorted(range(len(names)), key=names.__getitem__)
    ordered = [tuple(line[place] for place in order) for line in lines if len(line) == len(names)]
    return tuple(sorted(names)), sorted(ordered)


def rows(text: str) -> tuple[Row, list[Row]]:
    header, *lines = csv.reader(StringIO(text))
    assert {len(line) for line in lines} == {len(header)}
    return by_name(tuple(header), [tuple(map(value, line)) for line in lines])


def terms(text: str, form: ox.QueryResultsFormat) -> tuple[Row, list[Row]] | bool:
    found = ox.parse_query_results(text.encode(), format=form)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    assert isinstance(found, ox.QuerySolutions)
    names = tuple(variable.value for variable in found.variables)
    return by_name(names, [tuple(written(term) for term in solution) for solution in found])


def written(term: object) -> str:
    if isinstance(term, ox.Literal):
        datatype = term.datatype.value.replace(f"{XSD}negativeInteger", f"{XSD}integer")
        return f"{value(term.value)} {datatype} {term.language}"
    return "_:" if isinstance(term, ox.BlankNode) else str(term)


@pytest.mark.parametrize("name", [name for name in TABLES.names() if name.startswith("csv")])
def test_w3c_csv_results(endpoint: str, name: str) -> None:
    found, expected = ask(endpoint, TABLES, name, "text/csv")

    assert rows(found) == rows(expected)


@pytest.mark.parametrize("name", [name for name in TABLES.names() if name.startswith("tsv")])
def test_w3c_tsv_results(endpoint: str, name: str) -> None:
    found, expected = ask(endpoint, TABLES, name, "text/tab-separated-values")

    assert all(name.startswith("?") for name in found.partition("\n")[0].split("\t"))
    assert terms(found, ox.QueryResultsFormat.TSV) == terms(expected, ox.QueryResultsFormat.TSV)


@pytest.mark.parametrize("name", JSON.names())
def test_w3c_json_results(endpoint: str, name: str) -> None:
    found, expected = ask(endpoint, JSON, name, "application/sparql-results+json")

    assert terms(found, ox.QueryResultsFormat.JSON) == terms(expected, ox.QueryResultsFormat.JSON)
    assert json.loads(found).keys() == json.loads(expected).keys()


def test_no_test_of_the_suites_is_left_out(endpoint: str) -> None:
    assert (len(TABLES.names()), len(JSON.names())) == (6, 4)
