"""Linked data: from an IRI to its page or its data."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

import tiny

HTML = "text/html,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        (HTML, "/page/hub/coins"),
        ("*/*", "/page/hub/coins"),
        ("text/turtle", "/data/hub/coins.ttl"),
        ("application/n-triples", "/data/hub/coins.nt"),
        ("application/ld+json", "/data/hub/coins.jsonld"),
        ("application/rdf+xml", "/data/hub/coins.rdf"),
        ("text/html;q=0.1, text/turtle", "/data/hub/coins.ttl"),
    ],
)
def test_record_leads_by_303_to_the_page_or_the_data(client: FlaskClient, accept: str, location: str) -> None:
    response = client.get("/id/hub/coins", headers={"Accept": accept})

    assert (response.status_code, response.headers["Location"]) == (303, location)
    assert "Accept" in response.headers["Vary"]
    assert 'rel="describedby"; type="text/turtle"' in response.headers["Link"]


def test_part_leads_to_its_place_on_the_page_and_to_its_own_data(client: FlaskClient) -> None:
    page = client.get("/id/hub/coins/member-tohoku", headers={"Accept": HTML})
    data = client.get("/id/hub/coins/member-tohoku", headers={"Accept": "text/turtle"})

    assert page.headers["Location"] == "/page/hub/coins#member-tohoku"
    assert data.headers["Location"] == "/data/hub/coins/member-tohoku.ttl"


@pytest.mark.parametrize("path", ["/id/hub/none", "/id/hub/coins/none", "/page/hub/none", "/data/hub/none.ttl"])
def test_thing_that_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/id/hub/a b", "/id/hub/a%3E%3Cb", "/data/hub/%22.ttl", "/page/hub/%7B"])
def test_address_that_no_iri_can_have_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_record_is_not_to_be_had_as_a_picture(client: FlaskClient) -> None:
    assert client.get("/id/hub/coins", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(("extension", "form"), [("ttl", ox.RdfFormat.TURTLE), ("nt", ox.RdfFormat.N_TRIPLES)])
def test_data_hold_the_record_its_parts_and_what_points_at_it(
    client: FlaskClient, extension: str, form: ox.RdfFormat
) -> None:
    response = client.get(f"/data/hub/coins.{extension}")

    triples = {quad.triple for quad in ox.parse(response.data, format=form)}
    subjects = {str(triple.subject).removeprefix(f"<{tiny.BASE}id/") for triple in triples}
    assert subjects == {
        "hub/coins>",
        "hub/coins/fact-led-by>",
        "hub/coins/member-tohoku>",
        "hub/coins/s0-10-20>",
        "organization/tohoku>",
    }


@pytest.mark.parametrize("path", ["/data/hub/coins.ttl", "/page/hub/coins", "/ontology", "/ontology.ttl", "/"])
def test_entity_tag_saves_the_second_answer(client: FlaskClient, path: str) -> None:
    first = client.get(path, headers={"Accept": HTML})

    again = client.get(path, headers={"Accept": HTML, "If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_languages_have_different_entity_tags(client: FlaskClient) -> None:
    tags = {client.get(f"/page/hub/coins?lang={language}").headers["ETag"] for language in ("ja", "en")}

    assert len(tags) == 2


@pytest.mark.parametrize("accept", ["text/turtle", "application/ld+json", "application/rdf+xml"])
def test_ontology_is_had_as_rdf(client: FlaskClient, accept: str) -> None:
    response = client.get("/ontology", headers={"Accept": accept})

    assert response.mimetype == accept
    assert b"Hub" in response.data


def test_ontology_page_explains_every_term_in_both_languages(client: FlaskClient) -> None:
    page = client.get("/ontology?lang=ja").get_data(as_text=True)

    for term in ("Hub", "Collaboration", "LedHub", "ledBy", "leads", "reaches", "Document"):
        assert f'id="{term}"' in page
    assert "研究開発の場である。" in page
    assert "A base for R&amp;D." in page


def test_module_of_the_ontology_leads_to_the_whole(client: FlaskClient) -> None:
    assert client.get("/ontology/core").headers["Location"] == "/ontology"
    assert client.get("/ontology/none").status_code == 404
