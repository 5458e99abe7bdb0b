"""What the one who runs the server looks at: whether it is ready, and its numbers.

Layer: web; imports ``errors``.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from abckg.errors import StoreError
from abckg.web.described import JSON, described, media
from abckg.web.site import site

__all__ = ["blueprint"]

_ANYTHING = "ASK { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"

_HEALTH = {
    "type": "object",
    "required": ["status", "loaded", "valid", "version"],
    "properties": {"status": {"const": "ok"}, "loaded": {"const": True}, "valid": {"type": ["boolean", "null"]}},
}

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@described("operation", answers={"200": media(JSON, schema=_HEALTH)})
def health() -> Response:
    """Tell a balancer whether the graph is loaded and answers; ``valid`` is null where no check was published."""
    current = site()
    # A store that is written to may be filled later.
    if not current.store.query(_ANYTHING).boolean and current.editable is None:
        raise StoreError("The store answers, but it holds nothing.")
    valid = current.build.valid if current.build else None
    response = jsonify(status="ok", loaded=True, valid=valid, version=current.store.version)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
@described("operation", answers={"200": media("text/plain", "application/openmetrics-text")})
def metrics() -> Response:
    """The numbers for Prometheus."""
    body, content_type = site().metrics.text(request.headers.get("Accept", ""))
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
