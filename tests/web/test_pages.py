"""The pages for reading."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import tiny
from abckg.settings import Settings
from abckg.web.application import create_app
from abckg.web.texts import LANGUAGES, TABLE, Texts

PAGES = [
    "/",
    "/queries",
    "/queries/hubs?run=1",
    "/records",
    "/records?class=Hub",
    "/page/hub/coins",
    "/ontology",
    "/sparql",
    "/search",
    "/search?q=coins",
    "/search?q=nothing",
]
HTML = "text/html,application/xml;q=0.9,*/*;q=0.8"


def page(client: FlaskClient, path: str, language: str = "en") -> str:
    mark = "&" if "?" in path else "?"
    response = client.get(f"{path}{mark}lang={language}", headers={"Accept": HTML})
    assert response.status_code == 200
    return response.get_data(as_text=True)


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_page_is_in_the_language_asked_for_and_links_stay_in_it(client: FlaskClient, path: str, language: str) -> None:
    elements = Elements(page(client, path, language))

    assert elements.of("html")[0]["lang"] == language
    links = [link["href"] or "" for link in elements.of("a") if "hreflang" not in link]
    own = [link for link in links if link.startswith(("/queries", "/page"))]
    assert own
    assert all(f"lang={language}" in link for link in own)


def test_language_follows_the_browser_where_none_is_chosen(client: FlaskClient) -> None:
    japanese = client.get("/", headers={"Accept-Language": "ja-JP,ja;q=0.9,en;q=0.8"})
    english = client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})

    assert (japanese.headers["Content-Language"], english.headers["Content-Language"]) == ("ja", "en")
    assert "Accept-Language" in english.headers["Vary"]


@pytest.mark.parametrize("path", PAGES)
def test_page_loads_nothing_from_elsewhere_and_has_no_script_in_it(client: FlaskClient, path: str) -> None:
    elements = Elements(page(client, path))

    tags = ("link", "img", "script", "source", "iframe")
    loaded = [entry.get("href") or entry.get("src") or "" for entry in elements.of(*tags)]
    assert all(address.startswith("/") for address in loaded)
    assert not elements.of("style")
    assert not [
        name for _, attributes in elements.found for name in attributes if name.startswith("on") or name == "style"
    ]


@pytest.mark.parametrize("path", PAGES)
def test_page_has_one_heading_a_skip_link_unique_ids_and_labels(client: FlaskClient, path: str) -> None:
    elements = Elements(page(client, path))

    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    labelled = {label.get("for") for label in elements.of("label")}
    fields = [field for field in elements.of("input", "select", "textarea") if field.get("type") != "hidden"]
    assert len(elements.of("h1")) == 1
    assert elements.of("a")[0]["href"] == "#content"
    assert len(ids) == len(set(ids))
    assert all(field["id"] in labelled for field in fields)


@pytest.mark.parametrize("path", PAGES)
def test_links_within_the_page_lead_to_something(client: FlaskClient, path: str) -> None:
    elements = Elements(page(client, path))

    ids = {attributes["id"] for _, attributes in elements.found if "id" in attributes}
    anchors = {(link["href"] or "")[1:] for link in elements.of("a") if (link["href"] or "").startswith("#")}
    assert anchors <= ids


def test_home_offers_questions_that_run_on_a_press(client: FlaskClient) -> None:
    elements = Elements(page(client, "/"))

    search, form = elements.of("form")
    assert (search["action"], search["role"]) == ("/search", "search")
    assert form == {"action": "/queries/hubs", "method": "get"}
    assert "COINS" not in page(client, "/")
    assert "hub:coins" in page(client, "/queries/hubs?run=1")


def test_home_counts_what_is_there(client: FlaskClient) -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", page(client, "/"))

    for number, name in ((3, "records"), (1, "documents"), (1, "passages"), (2, "of them inferred")):
        assert re.search(rf"{name}\s+{number}\b", text)


def test_record_shows_what_is_stated_with_its_evidence(client: FlaskClient) -> None:
    text = page(client, "/page/hub/coins")

    assert '<h1 lang="en">COINS</h1>' in text
    assert '<tr id="s0-10-20">' in text
    assert "«10»" in text
    assert re.search(r'Tohoku University</a> <span class="status">.*?href="#s0-10-20"', text, re.DOTALL)


def test_record_shows_what_was_inferred_apart(client: FlaskClient) -> None:
    stated, inferred = page(client, "/page/hub/coins").split('id="inferred"')

    assert "Collaboration" not in stated
    assert "Collaboration" in inferred


def test_record_shows_its_parts_as_a_table_and_what_refers_to_it(client: FlaskClient) -> None:
    assert '<tr id="member-tohoku">' in page(client, "/page/hub/coins")
    assert "COINS" in page(client, "/page/organization/tohoku").split('id="backlinks"')[1]


def test_words_of_the_graph_cannot_become_markup(client: FlaskClient) -> None:
    text = page(client, "/page/organization/tohoku")

    assert "&lt;b&gt;&amp;" in text
    assert "<b>&" not in text


def test_records_of_a_class_are_listed_also_by_inference(client: FlaskClient) -> None:
    assert "COINS" in page(client, "/records?class=Collaboration")
    assert client.get("/records?class=None").status_code == 404


def test_question_runs_with_the_value_given(client: FlaskClient) -> None:
    rows = client.get("/queries/hubs?class=abc:Document&format=csv").get_data(as_text=True)

    assert rows.split() == ["thing", f"{tiny.BASE}id/document/s0"]


@pytest.mark.parametrize(("path", "status"), [("/queries/none", 404), ("/queries/hubs?run=1&class=%3E", 400)])
def test_question_that_is_not_there_and_value_that_is_none_are_errors(
    client: FlaskClient, path: str, status: int
) -> None:
    assert client.get(path).status_code == status


def test_iri_of_a_question_leads_to_its_page(client: FlaskClient) -> None:
    assert client.get("/query/hubs").headers["Location"] == "/queries/hubs"


def test_question_is_had_as_sparql_and_as_results(client: FlaskClient) -> None:
    text = client.get("/queries/hubs", headers={"Accept": "application/sparql-query"})
    answer = client.get("/queries/hubs", headers={"Accept": "application/sparql-results+json"})

    assert text.get_data(as_text=True).startswith("PREFIX abc:")
    assert answer.mimetype == "application/sparql-results+json"


@pytest.mark.parametrize("request_path", ["/abc/page/hub/coins", "/page/hub/coins"])
def test_under_a_path_prefix_every_address_has_it(tmp_path: Path, request_path: str) -> None:
    app = create_app(tiny.store(), Settings(prefix="/abc"), tiny.catalogue(tmp_path))

    elements = Elements(app.test_client().get(request_path).get_data(as_text=True))

    addresses = [entry.get("href") or entry.get("src") or "" for entry in elements.of("a", "link", "img")]
    local = [address for address in addresses if address.startswith("/")]
    assert local
    assert all(address.startswith("/abc/") for address in local)


def test_health_names_the_version(client: FlaskClient) -> None:
    expected = {"status": "ok", "loaded": True, "valid": None, "version": tiny.store().version}
    assert client.get("/healthz").get_json() == expected


def test_every_text_is_there_in_both_languages() -> None:
    assert all(ja.strip() and en.strip() for ja, en in TABLE.values())
    assert all(ja.count("{") == en.count("{") for ja, en in TABLE.values())


def test_numbers_in_texts_are_grouped() -> None:
    assert Texts("en")("answer.rows", 12345) == "12,345 rows"
