"""The dataset as a whole: its description in RDF, and the dumps that a build wrote.

Layer: web; imports ``formats`` and ``store``.
Specifications: https://www.w3.org/TR/void/#well-known and https://www.w3.org/TR/vocab-dcat-3/
"""

from __future__ import annotations

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.exceptions import NotFound

from abckg.errors import NotAcceptable, UsageError
from abckg.formats import GRAPH_FORMATS, ResultFormat, named
from abckg.store import Answer
from abckg.web.described import FORMAT, GRAPHS, described, media
from abckg.web.description import PREFIXES, describe_dataset
from abckg.web.negotiation import HTML, best_of_formats
from abckg.web.rendering import not_modified, tagged
from abckg.web.site import site
from abckg.web.urls import Urls

__all__ = ["blueprint"]

_CHECKSUMS = "SHA256SUMS"
_DUMP = media("application/gzip", "text/turtle", "text/plain")

blueprint = Blueprint("dataset", __name__)


@blueprint.get("/void")
@blueprint.get("/dataset")
@described("dataset", FORMAT, answers={"200": GRAPHS})
def description() -> Response:
    """The description with its statistics: VoID and DCAT, in every format of RDF; Turtle for a browser."""
    current, name, accept = site(), request.args.get("format"), request.headers.get("Accept")
    if not name and best_of_formats(accept, GRAPH_FORMATS) is None and best_of_formats(accept, (), (HTML,)):
        name = "turtle"  # a browser that takes nothing but pages shows it as text
    form, media_type = (named(name, GRAPH_FORMATS), None) if name else _negotiated(accept)
    if form is None:
        raise NotAcceptable("The description can be had as RDF: Turtle, N-Triples, JSON-LD, RDF/XML, TriG, N-Quads.")
    etag = current.etag("void", form.content_type(media_type), request.host_url)
    response = not_modified(etag)
    if response is None:
        try:
            triples = describe_dataset(current, request.host_url)
        except ValueError:
            raise UsageError(f"{request.host!r} is not the name of a host.") from None
        body = Answer.of(triples).serialize(form, {**current.prefixes, **PREFIXES})
        response = tagged(Response(body, content_type=form.content_type(media_type)), etag)
    response.vary.add("Accept")
    return response


@blueprint.get("/.well-known/void")
@described("dataset", answers={"302": {}})
def well_known() -> Response:
    """Where crawlers look for the description leads to it."""
    return _redirect("/void")


@blueprint.get("/dumps/")
@described("dataset", answers={"302": {}})
def dumps() -> Response:
    """The list of the dumps is in the description."""
    return _redirect("/dataset")


@blueprint.get("/dumps/<name>")
@described("dataset", answers={"200": _DUMP, "206": _DUMP})
def dump(name: str) -> Response:
    """One dump, whole or in parts; the list of checksums is one of them."""
    published = site().build
    if published is None or name not in {_CHECKSUMS, *(entry.name for entry in published.dumps)}:
        raise NotFound("There is no dump of this name; /dataset lists them.")
    # The file is compressed and says so by its type: a client must not unpack it as a coding of the transfer.
    kind = "application/gzip" if name.endswith(".gz") else "text/turtle" if name.endswith(".ttl") else "text/plain"
    return send_from_directory(published.folder.resolve(), name, mimetype=kind, max_age=0, conditional=True)


def _negotiated(accept: str | None) -> tuple[ResultFormat | None, str | None]:
    return best_of_formats(accept, GRAPH_FORMATS) or (None, None)


def _redirect(path: str) -> Response:
    response = Response(status=302)
    response.headers["Location"] = Urls(site().settings).path(path)
    return response
