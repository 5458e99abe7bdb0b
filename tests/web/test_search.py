"""Search over HTTP: the page, the JSON, and what both answer to a mistake."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

import tiny
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.store import EmbeddedStore
from abckg.web.application import create_app

HTML = {"Accept": "text/html"}
BAD = ["", "q=", "q=%E3%83%BB", "q=" + "x" * 201, "q=x&page=0", "q=x&page=a", "q=x&page=501", "q=x&type=Hubs"]


def text_of(client: FlaskClient, path: str) -> str:
    response = client.get(path, headers=HTML)
    assert response.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def found(client: FlaskClient, search: str) -> list[str]:
    response = client.get(f"/api/search?{search}")
    assert response.status_code == 200
    return [result["iri"].removeprefix(f"{tiny.BASE}id/") for result in response.get_json()["results"]]


def test_page_lists_what_was_found_with_marks_type_and_both_names(client: FlaskClient) -> None:
    page = client.get("/search?q=tohoku&lang=ja").text

    assert '<a href="/page/organization/tohoku?lang=ja" lang="ja">東北大学</a>' in page
    assert '<p class="other" lang="en"><mark>Tohoku</mark> University</p>' in page
    assert "1件" in page
    assert 'value="tohoku"' in page


def test_page_says_why_a_thing_was_found(client: FlaskClient) -> None:
    page = client.get(f"/search?q={quote('研究')}&lang=en").text

    assert '<p class="why" lang="ja"><mark>研究</mark>開発の場である。</p>' in page
    assert 'href="/ontology?lang=en#Hub"' in page


def test_empty_search_explains_and_gives_examples(client: FlaskClient) -> None:
    assert "For example: Hiroshima" in text_of(client, "/search?lang=en")
    assert "例： 広島大学" in text_of(client, "/search?q=%20&lang=ja")


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("q=zzz", "Nothing found for “zzz”"),
        ("q=zzz&type=Hub", "Search in all kinds"),
        ("q=hub&page=9", "Go to the first page"),
        ("q=%3Cscript%3E1", "Nothing found for “<script>1”"),
    ],
)
def test_search_that_finds_nothing_helps_on(client: FlaskClient, search: str, words: str) -> None:
    assert words in text_of(client, f"/search?{search}&lang=en")


def test_chips_narrow_to_a_type(client: FlaskClient) -> None:
    page = client.get("/search?q=hub&lang=en").text

    assert re.search(r'href="/search\?q=hub&amp;type=[^"]+owl%23Class&amp;lang=en" lang="en">class <b>2</b>', page)
    narrowed = client.get("/search?q=coins&type=Hub&lang=en").text
    assert re.search(r'type=Hub&amp;lang=en" aria-current="true"[^>]*>Hub <b>1</b>', narrowed)
    assert '<input type="hidden" name="type" value="Hub">' in narrowed


def test_json_has_what_the_page_has(client: FlaskClient) -> None:
    body = client.get("/api/search?q=tohoku&lang=ja").get_json()

    (result,) = body.pop("results")
    assert body == {
        "query": "tohoku",
        "type": None,
        "language": "ja",
        "total": 1,
        "is_counted": True,
        "page": 1,
        "next": None,
    }
    assert result["type"] == {"iri": f"{tiny.BASE}ontology#University", "label": "abc:University"}
    assert (result["page"], result["match"]) == ("/page/organization/tohoku?lang=ja", "exact")
    assert result["label"] == {"text": "東北大学", "language": "ja", "field": "name", "marks": []}
    assert result["other"]["marks"] == [[0, 6]]


def test_json_comes_page_by_page(client: FlaskClient) -> None:
    names, address = [], "/api/search?q=o&limit=2"
    while address:
        body = client.get(address).get_json()
        names += [result["iri"] for result in body["results"]]
        address = body["next"]

    assert len(names) == len(set(names)) == body["total"] > 3
    assert body["page"] == -(-body["total"] // 2)


@pytest.mark.parametrize(("kind", "expected"), [("Hub", ["hub/coins"]), ("abc:Collaboration", ["hub/coins"])])
def test_type_narrows_also_by_inference(client: FlaskClient, kind: str, expected: list[str]) -> None:
    assert found(client, f"q={quote('拠点')}&type={kind}") == expected


def test_linked_data_names_what_was_found(client: FlaskClient) -> None:
    response = client.get("/api/search?q=coins", headers={"Accept": "application/ld+json"})

    assert response.mimetype == "application/ld+json"
    triples = {quad.triple for quad in ox.parse(response.data, format=ox.RdfFormat.JSON_LD)}
    coins = ox.NamedNode(f"{tiny.BASE}id/hub/coins")
    label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    assert ox.Triple(coins, label, ox.Literal("スマートライフケア拠点", language="ja")) in triples


@pytest.mark.parametrize("search", BAD)
def test_bad_input_is_a_problem(client: FlaskClient, search: str) -> None:
    response = client.get(f"/api/search?{search}")

    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert response.get_json()["detail"]


@pytest.mark.parametrize("search", ["q=x&limit=0", "q=x&limit=101", "q=x&limit=%D9%A3"])
def test_limit_is_bounded(client: FlaskClient, search: str) -> None:
    assert client.get(f"/api/search?{search}").status_code == 400


@pytest.mark.parametrize("search", BAD[2:])
def test_bad_input_is_an_error_page_for_a_browser(client: FlaskClient, search: str) -> None:
    response = client.get(f"/search?{search}", headers=HTML)

    assert (response.status_code, response.mimetype) == (400, "text/html")


@pytest.mark.parametrize("path", ["/search?q=coins", "/api/search?q=coins"])
def test_answer_is_kept_until_the_data_change(client: FlaskClient, path: str) -> None:
    first = client.get(path, headers={"Origin": "https://example.org"})
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    other = client.get(f"{path}&lang=ja", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.headers["Access-Control-Allow-Origin"], "Accept-Language" in first.headers["Vary"]) == ("*", True)
    assert (again.status_code, other.status_code) == (304, 200)


def test_change_of_the_data_is_found_at_once() -> None:
    store = tiny.store()
    client = create_app(store, Settings(), Catalogue([])).test_client()
    tag = client.get("/api/search?q=coins").headers["ETag"]
    other = ox.Store()
    thing, label = ox.NamedNode(f"{tiny.BASE}id/hub/new"), ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    graph = ox.NamedNode(f"{tiny.BASE}graph/data")
    for name in (graph, ox.DefaultGraph()):
        other.add(ox.Quad(thing, label, ox.Literal("Coins anew", language="en"), name))

    store._store, store.version = EmbeddedStore(other, "2")._store, "2"

    response = client.get("/api/search?q=coins", headers={"If-None-Match": tag})
    assert response.status_code == 200
    assert [result["iri"] for result in response.get_json()["results"]] == [thing.value]


def test_search_is_in_the_openapi_document(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()

    operation = document["paths"]["/api/search"]["get"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"q", "type", "page", "limit", "lang"}
    assert set(operation["responses"]["200"]["content"]) == {"application/json", "application/ld+json"}


def test_every_page_has_the_search_and_its_script(client: FlaskClient) -> None:
    page = client.get("/records?lang=ja").text

    assert 'data-suggest="/api/search"' in page
    address = re.search(r'<script src="([^"]+)" defer>', page)
    assert address
    with client.get(address[1]) as script:
        assert script.mimetype in ("text/javascript", "application/javascript")
        assert b"innerHTML" not in script.data


def test_json_is_written_as_it_reads(client: FlaskClient) -> None:
    response = client.get(f"/api/search?q={quote('東北')}")

    assert "東北大学" in response.text
    assert json.loads(response.text)["results"]
