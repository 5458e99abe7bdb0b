"""What programs ask by address alone: the questions of the catalogue with their answers, and the OpenAPI document.

Layer: web; imports ``queries`` and ``safety``.
"""

from __future__ import annotations

from importlib.metadata import version

from flask import Blueprint, Response, current_app, jsonify, request

from abckg.errors import UsageError
from abckg.queries import Query
from abckg.safety import kind_of
from abckg.web.catalogue import answer_of, asked_of
from abckg.web.described import ANSWERS, FORMAT, JSON, TEXT, TIMEOUT, described, media
from abckg.web.negotiation import chosen
from abckg.web.openapi import document
from abckg.web.rendering import not_modified, tagged
from abckg.web.site import site
from abckg.web.urls import Urls

__all__ = ["blueprint"]

_LISTED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["slug", "summary", "summary_ja", "href", "tags", "parameters"],
        "properties": {"slug": TEXT, "summary": TEXT, "summary_ja": TEXT, "href": TEXT},
    },
}

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/openapi.json")
@described("api", answers={"200": media(JSON, schema={"type": "object", "required": ["openapi", "paths"]})})
def openapi() -> Response:
    """This document."""
    current = site()
    etag = current.etag("openapi", version("abckg"), request.host_url)
    unchanged = not_modified(etag)
    if unchanged:
        return unchanged
    if any(char in request.host for char in ' <>"{}|\\^`'):
        raise UsageError(f"{request.host!r} is not the name of a host.")
    return tagged(jsonify(document(current_app, current, request.host_url)), etag)


@blueprint.get("/api/queries")
@described("catalogue", answers={"200": media(JSON, schema=_LISTED)})
def index() -> Response:
    """The questions of the catalogue with their parameters."""
    current = site()
    etag = current.etag("api-queries")
    return not_modified(etag) or tagged(jsonify([_listed(query) for query in current.catalogue.values()]), etag)


@blueprint.get("/api/queries/<slug>")
@described(
    "catalogue", FORMAT, TIMEOUT, answers={"200": {kind: ANSWERS[kind] for kind in ANSWERS if kind != "text/html"}}
)
def answer(slug: str) -> Response:
    """The answer to a question of the catalogue."""
    asked = asked_of(site().catalogue[slug])
    accept = request.headers.get("Accept")
    return answer_of(asked, chosen(kind_of(asked.text) or "solutions", asked.format, accept, html=False))


def _listed(query: Query) -> dict[str, object]:
    return {
        "slug": query.slug,
        "summary": query.summary,
        "summary_ja": query.summary_ja,
        "tags": query.tags,
        "href": Urls(site().settings).path(f"/api/queries/{query.slug}"),
        "parameters": [
            {"name": one.name, "type": one.type, "default": one.default, "description": one.description}
            for one in query.parameters
        ],
    }
