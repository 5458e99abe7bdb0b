"""The report of the checks on what is served."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

import tiny
from abckg.formats import GRAPH_FORMATS, ResultFormat
from abckg.namespaces import ID, SH
from abckg.published import Published
from abckg.queries import Catalogue
from abckg.reports.forms import render
from abckg.reports.report import Finding, Report, Severity
from abckg.settings import Settings
from abckg.web.application import create_app

HTML = {"Accept": "text/html"}


def finding(severity: Severity) -> Finding:
    path = Path("data/hub/coins.ttl")
    message = f"<b>{severity.name}</b>: give a name"
    return Finding(path, 8, 1, "Hub-name", message, severity, f"{ID}hub/coins", component=f"{SH}MinCount")


def serving(folder: Path, *severities: Severity) -> FlaskClient:
    store = tiny.store()
    text = render(Report(tuple(map(finding, severities))), "turtle")
    report = tuple(quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE))
    published = Published(store.version, folder, (), (), Severity.VIOLATION not in severities, report)
    return create_app(store, Settings(), Catalogue([]), published=published).test_client()


def test_page_lists_what_was_found_the_gravest_first(tmp_path: Path) -> None:
    page = serving(tmp_path, Severity.WARNING, Severity.VIOLATION).get("/validation?lang=en", headers=HTML).text

    assert "There are violations" in page
    assert page.index("VIOLATION") < page.index("WARNING")
    assert '<a href="/page/hub/coins?lang=en" title="hub:coins" lang="en">COINS</a>' in page
    assert "<code>Hub-name</code>" in page
    assert "&lt;b&gt;WARNING" in page


@pytest.mark.parametrize("severities", [(), (Severity.WARNING,)])
def test_warnings_are_no_violations(tmp_path: Path, severities: tuple[Severity, ...]) -> None:
    client = serving(tmp_path, *severities)

    assert "違反はない" in client.get("/validation?lang=ja", headers=HTML).text
    assert client.get("/healthz").get_json()["valid"] is True


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: str(form.name))
def test_report_is_had_in_every_format(tmp_path: Path, form: ResultFormat) -> None:
    response = serving(tmp_path, Severity.WARNING).get("/validation", headers={"Accept": form.media_type})

    assert (response.status_code, response.mimetype) == (200, form.media_type)
    assert isinstance(form.engine, ox.RdfFormat)
    types = {quad.object for quad in ox.parse(response.data, format=form.engine)}
    assert ox.NamedNode(f"{SH}ValidationReport") in types


def test_every_page_leads_to_the_report_where_there_is_one(tmp_path: Path, client: FlaskClient) -> None:
    assert 'href="/validation?lang=en"' in serving(tmp_path).get("/records?lang=en").text
    assert 'href="/validation' not in client.get("/records?lang=en").text


def test_report_is_that_of_the_version_served(tmp_path: Path) -> None:
    client = serving(tmp_path, Severity.WARNING)
    tag = client.get("/validation", headers=HTML).headers["ETag"]

    assert client.get("/validation", headers={**HTML, "If-None-Match": tag}).status_code == 304
