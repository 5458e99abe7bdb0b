"""The dataset as a whole: its description and its dumps."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

import tiny
from abckg.build import describe_dataset
from abckg.errors import TurtleSyntaxError
from abckg.formats import GRAPH_FORMATS, ResultFormat
from abckg.namespaces import Prefixes
from abckg.published import open_published
from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.store import EmbeddedStore
from abckg.turtle import serialize
from abckg.web.application import create_app

VOID = "http://rdfs.org/ns/void#"
SD = "http://www.w3.org/ns/sparql-service-description#"
DATASET = ox.NamedNode(f"{tiny.BASE}dataset")
PREFIXES = Prefixes(
    {
        **tiny.PREFIXES,
        "dcat": "http://www.w3.org/ns/dcat#",
        "dcterms": "http://purl.org/dc/terms/",
        "void": VOID,
    }
)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Lay down what a build writes beside its store."""
    dataset = replace(tiny.dataset(), prefixes=PREFIXES)
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "abc-kg.nq.gz").write_bytes(gzip.compress(b"<s:> <p:> <o:> .\n", mtime=0))
    (folder / "void.ttl").write_text(serialize(describe_dataset(dataset), PREFIXES), encoding="utf-8")
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    return tmp_path


def serving(build: Path) -> FlaskClient:
    store = tiny.store()
    return create_app(store, Settings(), Catalogue([]), published=open_published(build, store.version)).test_client()


def graph(client: FlaskClient, path: str) -> ox.Store:
    store = ox.Store()
    store.extend(ox.parse(client.get(path, headers={"Accept": "text/turtle"}).data, format=ox.RdfFormat.TURTLE))
    return store


def value(store: ox.Store, subject: ox.NamedNode, predicate: str) -> str:
    (quad,) = store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
    assert isinstance(quad.object, ox.NamedNode | ox.Literal)
    return quad.object.value


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: str(form.name))
@pytest.mark.parametrize("path", ["/void", "/dataset"])
def test_description_is_had_in_every_format(client: FlaskClient, path: str, form: ResultFormat) -> None:
    response = client.get(path, headers={"Accept": form.media_type})

    assert (response.status_code, response.mimetype) == (200, form.media_type)
    assert isinstance(form.engine, ox.RdfFormat)
    assert DATASET in {quad.subject for quad in ox.parse(response.data, format=form.engine)}


def test_well_known_address_leads_to_the_description(client: FlaskClient) -> None:
    assert client.get("/.well-known/void").headers["Location"] == "/void"


def test_statistics_are_counted_where_there_is_no_build(client: FlaskClient) -> None:
    found = graph(client, "/void")

    assert value(found, DATASET, f"{VOID}triples") == str(tiny.store().count())
    assert value(found, DATASET, f"{VOID}sparqlEndpoint") == "http://localhost/sparql"
    assert len(list(found.quads_for_pattern(DATASET, ox.NamedNode(f"{VOID}subset"), None))) == 3


def test_service_description_embeds_statistics_limits_and_graphs(build: Path) -> None:
    client = serving(build)
    found, service = graph(client, "/sparql"), ox.NamedNode("http://localhost/sparql")

    assert value(found, service, f"{SD}defaultDataset") == DATASET.value
    assert int(value(found, DATASET, f"{VOID}triples")) > 0
    assert value(found, ox.NamedNode(f"{service.value}#timeout"), "https://schema.org/maxValue") == "30"
    assert len(list(found.quads_for_pattern(DATASET, ox.NamedNode(f"{SD}namedGraph"), None))) == 3
    assert len(list(found.quads_for_pattern(DATASET, ox.NamedNode(f"{VOID}classPartition"), None))) > 3


def test_dumps_are_described_and_had_with_their_checksums(build: Path) -> None:
    client = serving(build)

    address = value(graph(client, "/dataset"), DATASET, f"{VOID}dataDump")
    with client.get(address.removeprefix("http://localhost")) as response:
        assert (response.mimetype, response.headers.get("Content-Encoding")) == ("application/gzip", None)
        checksum = hashlib.sha256(response.data).hexdigest()

    assert checksum in (build / "dumps" / "SHA256SUMS").read_text(encoding="utf-8")
    assert f'"{checksum}"' in client.get("/void?format=nt").get_data(as_text=True)
    with client.get("/dumps/SHA256SUMS") as sums:
        assert checksum in sums.get_data(as_text=True)


def test_dump_is_had_in_parts_and_only_when_it_changed(build: Path) -> None:
    client = serving(build)

    with client.get("/dumps/abc-kg.nq.gz", headers={"Range": "bytes=0-1"}) as part:
        assert (part.status_code, part.data) == (206, b"\x1f\x8b")
        tag = part.headers["ETag"]
    with client.get("/dumps/abc-kg.nq.gz", headers={"If-None-Match": tag}) as same:
        assert same.status_code == 304


@pytest.mark.parametrize("name", ["..%2fsecret", "../secret", "secret", ".", "%2e%2e/secret", "none.gz"])
def test_nothing_but_the_dumps_is_given(build: Path, name: str) -> None:
    (build / "secret").write_text("secret", encoding="utf-8")
    (build / "dumps" / "secret").write_text("secret", encoding="utf-8")

    assert serving(build).get(f"/dumps/{name}").status_code in (302, 404)
    assert b"secret" not in serving(build).get(f"/dumps/{name}").data.replace(name.encode(), b"")


def test_build_of_another_version_is_not_shown(build: Path) -> None:
    assert open_published(build, "other") is None
    assert open_published(build / "none", "other") is None


@pytest.mark.parametrize(("stated", "expected"), [("true", True), ("false", False), (None, None)])
def test_health_tells_what_the_report_of_the_build_says(build: Path, stated: str | None, *, expected: bool) -> None:
    if stated:
        report = (
            f"[] a <http://www.w3.org/ns/shacl#ValidationReport> ; <http://www.w3.org/ns/shacl#conforms> {stated} ."
        )
        (build / "report.ttl").write_text(report, encoding="utf-8")

    assert serving(build).get("/healthz").get_json()["valid"] is expected


def test_broken_description_stops_the_start(build: Path) -> None:
    (build / "dumps" / "void.ttl").write_text("<a> <b>", encoding="utf-8")

    with pytest.raises(TurtleSyntaxError):
        open_published(build, tiny.store().version)


def test_store_with_graphs_of_its_own_is_described(tmp_path: Path) -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("s:"), ox.NamedNode("p:"), ox.Literal("o"), ox.NamedNode("http://g.example/")))

    client = create_app(EmbeddedStore(store, "v"), Settings(), Catalogue([])).test_client()

    assert "http://g.example/" in client.get("/sparql?format=nt").get_data(as_text=True)
