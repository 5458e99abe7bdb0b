"""Linked data: an IRI leads to its page or its data, and the data come in every format of RDF.

Layer: web; imports ``describe``, ``formats`` and ``namespaces``.
Specifications: https://www.w3.org/TR/cooluris/ and https://signposting.org/FAIR/
"""

from __future__ import annotations

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from abckg.dataset import ONTOLOGY_GRAPH
from abckg.describe import Description, describe, labels_of
from abckg.errors import NotAcceptable
from abckg.formats import GRAPH_FORMATS, ResultFormat, named, with_extension
from abckg.namespaces import ABC, BASE, ID
from abckg.store import Answer
from abckg.web.described import FORMAT, GRAPHS, LANGUAGE, REDIRECT, described, media
from abckg.web.display import Namer
from abckg.web.negotiation import HTML, best_of_formats
from abckg.web.rendering import not_modified, render, tagged, view
from abckg.web.site import Site, site
from abckg.web.urls import Urls

__all__ = ["RECORD_FORMATS", "blueprint", "found", "links"]

RECORD_FORMATS = tuple(form for form in GRAPH_FORMATS if form.name in ("turtle", "nt", "jsonld", "rdfxml"))
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"

blueprint = Blueprint("resources", __name__)


@blueprint.get("/id/<record_type>/<slug>")
@blueprint.get("/id/<record_type>/<slug>/<path:part>")
@described("linked data", LANGUAGE, answers=REDIRECT)
def identifier(record_type: str, slug: str, part: str | None = None) -> Response:
    """Send the reader on to the page or the data of a record or of one of its parts."""
    current = site()
    record = f"{record_type}/{slug}"
    name = f"{record}/{part}" if part else record
    found(current, f"{ID}{name}")
    best = best_of_formats(request.headers.get("Accept"), RECORD_FORMATS, (HTML,))
    if best is None:
        raise NotAcceptable("A record can be had as text/html or as RDF: Turtle, N-Triples, JSON-LD, RDF/XML.")
    form, _ = best
    reader = view(current)
    response = Response(status=303)
    # A page for the reader who does not say, as for one who follows a printed address.
    wants_page = form is None or request.headers.get("Accept", "*/*").strip() in ("", "*/*")
    address = reader.urls.page(record, part) if wants_page or form is None else reader.urls.data(name, form.extension)
    response.headers["Location"] = address
    response.headers["Link"] = links(reader.urls, name)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept")
    return response


@blueprint.get("/data/<path:name>.<extension>")
@described("linked data", answers={"200": GRAPHS})
def data(name: str, extension: str) -> Response:
    """Everything about a record or a part, and what points at it, as RDF."""
    current = site()
    form = with_extension(extension, RECORD_FORMATS)
    if form is None:
        raise NotFound("Data end in .ttl, .nt, .jsonld or .rdf.")
    etag = current.etag("data", name, extension)
    unchanged = not_modified(etag)
    if unchanged:
        return unchanged
    description = found(current, f"{ID}{name}")
    triples = [statement.triple for statement in (*description.outgoing, *description.incoming)]
    response = Response(Answer.of(triples).serialize(form, current.prefixes), content_type=form.content_type())
    response.headers["Link"] = f'{links(Urls(current.settings), name)}, <{ID}{name}>; rel="describes"'
    return tagged(response, etag)


@blueprint.get("/ontology")
@described("linked data", FORMAT, LANGUAGE, answers={"200": {**GRAPHS, **media(HTML)}})
def ontology() -> Response:
    """The ontology, as a page that explains every term or as RDF."""
    name = request.args.get("format")
    accept = request.headers.get("Accept")
    best = (named(name, GRAPH_FORMATS), "") if name else best_of_formats(accept, GRAPH_FORMATS, (HTML,))
    if best is None or (name and best[0] is None):
        raise NotAcceptable("The ontology can be had as text/html or as RDF.")
    form, media_type = best
    if form is not None and (name or (accept or "*/*").strip() != "*/*"):
        return _ontology_data(site(), form, media_type or None)
    current = site()
    etag = current.etag("ontology", view(current).language, request.full_path)
    return not_modified(etag) or tagged(_ontology_page(current), etag)


@blueprint.get("/ontology.<extension>")
@described("linked data", answers={"200": GRAPHS})
def ontology_file(extension: str) -> Response:
    """The ontology as a file of RDF."""
    form = with_extension(extension)
    if form is None:
        raise NotFound("The ontology ends in .ttl, .nt, .jsonld, .rdf, .trig or .nq.")
    return _ontology_data(site(), form, None)


@blueprint.get("/ontology/<name>")
@described("linked data", answers=REDIRECT)
def ontology_part(name: str) -> Response:
    """A module of the ontology leads to the whole."""
    found(site(), f"{BASE}ontology/{name}")
    response = Response(status=303)
    response.headers["Location"] = view(site()).urls.ontology()
    return response


def found(current: Site, iri: str) -> Description:
    """Return what the graph says of ``iri``; an HTTP error 404 where it says nothing."""
    try:
        description = describe(current.store, iri)
    except ValueError:
        description = None
    if description is None or not description.outgoing:
        raise NotFound(f"The graph says nothing of <{iri}>.")
    return description


def links(urls: Urls, name: str) -> str:
    """Return the Link header of a record: its own address, its forms, its licence."""
    record = "/".join(name.split("/")[:2])
    entries = [f'<{ID}{name}>; rel="cite-as"', f'<{urls.page(record)}>; rel="alternate"; type="{HTML}"']
    entries += [
        f'<{urls.data(name, form.extension)}>; rel="describedby"; type="{form.media_type}"' for form in RECORD_FORMATS
    ]
    return ", ".join([*entries, f'<{_LICENCE}>; rel="license"'])


def _ontology_page(current: Site) -> Response:
    reader, terms = view(current), current.ontology.terms.values()
    named_elsewhere = {iri for entry in terms for iri in (*entry.sources, *entry.matches)}
    named_elsewhere |= {value.value for entry in terms for value in entry.examples if isinstance(value, ox.NamedNode)}
    labels = {**labels_of(current.store, named_elsewhere), **{entry.iri: entry.labels for entry in terms}}
    namer = Namer(reader.urls, current.prefixes, reader.language, labels, current.ontology)
    own = {entry.iri for entry in current.ontology.classes}
    return render(current, "ontology.html", ontology=current.ontology, namer=namer, abc=ABC, own=own)


def _ontology_data(current: Site, form: ResultFormat, media_type: str | None) -> Response:
    etag = current.etag("ontology", form.name)
    unchanged = not_modified(etag)
    if unchanged:
        return unchanged
    answer = current.store.query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{ONTOLOGY_GRAPH}> {{ ?s ?p ?o }} }}")
    response = Response(answer.serialize(form, current.prefixes), content_type=form.content_type(media_type))
    response.vary.add("Accept")
    return tagged(response, etag)
