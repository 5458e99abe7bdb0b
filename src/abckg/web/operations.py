"""What the one who runs the server looks at: whether it is ready, and its numbers.

Layer: web; imports ``errors``.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from abckg.errors import StoreError
from abckg.web.site import site

__all__ = ["blueprint"]

_ANYTHING = "ASK { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """Tell a balancer whether the graph is loaded and answers; ``valid`` is null where no check was published."""
    current = site()
    if not current.store.query(_ANYTHING).boolean:
        raise StoreError("The store answers, but it holds nothing.")
    valid = current.published.valid if current.published else None
    response = jsonify(status="ok", loaded=True, valid=valid, version=current.store.version)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """The numbers for Prometheus."""
    body, content_type = site().metrics.text(request.headers.get("Accept", ""))
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
