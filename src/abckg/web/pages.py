"""The pages for reading: home, the records by kind, one record.

Layer: web; imports ``describe``, ``namespaces`` and ``store``.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from abckg.dataset import DATA_GRAPH
from abckg.describe import labels_of
from abckg.namespaces import ABC, ID, SKOS
from abckg.web.described import LANGUAGE, Parameter, described, media
from abckg.web.display import Namer, Shown, labels_with_owners
from abckg.web.negotiation import HTML
from abckg.web.record import RecordPage
from abckg.web.rendering import not_modified, page_etag, render, tagged, view
from abckg.web.resources import RECORD_FORMATS, found, links
from abckg.web.site import Site, site

__all__ = ["blueprint"]

_EXAMPLES = 10
_BACKLINKS = 30
_CLASS = Parameter("class", "The kind of records to list, by its name in the ontology, such as Hub.")
_PAGE = Parameter("page", "Which part of the list.", {"type": "integer", "minimum": 1})

blueprint = Blueprint("pages", __name__)


@dataclass(frozen=True)
class _Listed:
    shown: Shown
    other: str


@blueprint.get("/")
@described("pages", LANGUAGE, answers={"200": media(HTML)})
def home() -> Response:
    """What this is, how much it holds, and questions to begin with."""
    current = site()
    etag = page_etag(current)
    return not_modified(etag) or tagged(
        render(
            current,
            "home.html",
            statistics=current.statistics,
            classes=_class_names(current),
            examples=current.catalogue.examples(_EXAMPLES),
            total=len(current.catalogue),
            ontology=current.ontology,
        ),
        etag,
    )


@blueprint.get("/records")
@described("pages", _CLASS, _PAGE, LANGUAGE, answers={"200": media(HTML)})
def records() -> Response:
    """The kinds of records with their numbers, or the records of one kind."""
    current = site()
    wanted = request.args.get("class")
    if wanted is None:
        return render(current, "records.html", classes=_class_names(current), chosen=None)
    iri = ABC + wanted
    if iri not in current.ontology.terms:
        raise NotFound(f"The ontology has no class {wanted!r}.")
    listed = _members(current, iri)
    size = current.settings.page_rows
    pages = max(1, -(-len(listed) // size))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render(
        current,
        "records.html",
        chosen=_namer(current, {iri}).iri(iri),
        entry=current.ontology.terms[iri],
        wanted=wanted,
        listed=listed[(page - 1) * size : page * size],
        total=len(listed),
        page=page,
        pages=pages,
    )


@blueprint.get("/page/<record_type>/<slug>")
@described("pages", LANGUAGE, answers={"200": media(HTML)})
def record(record_type: str, slug: str) -> Response:
    """One record: what is stated, what follows, its parts, its evidence, what refers to it."""
    current = site()
    name = f"{record_type}/{slug}"
    etag = page_etag(current)
    unchanged = not_modified(etag)
    if unchanged:
        return unchanged
    description = found(current, f"{ID}{name}")
    reader = view(current)
    labels = labels_with_owners(current.store, description.iris())
    namer = Namer(reader.urls, current.prefixes, reader.language, labels, current.ontology)
    page = RecordPage(description, namer, current.ontology)
    limit = None if "all" in request.args else _BACKLINKS
    response = render(
        current,
        "record.html",
        page=page,
        name=name,
        evidence=page.evidence(current.quote),
        backlinks=page.backlinks(limit),
        limit=limit,
        formats=RECORD_FORMATS,
    )
    response.headers["Link"] = links(reader.urls, name)
    return tagged(response, etag)


def _class_names(current: Site) -> list[tuple[Shown, str, int]]:
    """Return each class of records: its name, its name in addresses, its number."""
    own = [(iri, number) for iri, number in current.statistics.classes if iri.startswith(ABC)]
    namer = _namer(current, {iri for iri, _ in own})
    return [(namer.iri(iri), iri.removeprefix(ABC), number) for iri, number in own]


def _namer(current: Site, iris: set[str]) -> Namer:
    reader = view(current)
    return Namer(reader.urls, current.prefixes, reader.language, labels_of(current.store, iris), current.ontology)


def _members(current: Site, iri: str) -> list[_Listed]:
    """Return the records of a class, also those that are in it by inference, by name."""
    query = (
        f"SELECT DISTINCT ?s WHERE {{ ?s a <{iri}> . ?s <{SKOS}prefLabel> ?label . "
        f"FILTER EXISTS {{ GRAPH <{DATA_GRAPH}> {{ ?s ?p ?o }} }} }}"
    )
    members = {row[0].value for row in current.store.query(query).rows() if isinstance(row[0], ox.NamedNode)}
    namer = _namer(current, members)
    other = "en" if namer.language == "ja" else "ja"
    listed = [_Listed(namer.iri(member), (namer.labels or {}).get(member, {}).get(other, "")) for member in members]
    return sorted(listed, key=lambda one: one.shown.text)
