"""SPARQL Update over HTTP: ``/update``, and POST to the endpoint with an update.

Layer: web; imports ``editable``. Specification: https://www.w3.org/TR/sparql11-protocol/#update-operation
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import LengthRequired

from abckg.web.access import note_query
from abckg.web.authority import authorized
from abckg.web.connection import CARRIED
from abckg.web.described import TEXT, TIMEOUT, Parameter, Schema, described
from abckg.web.protocol import FORM, UPDATE, read_update
from abckg.web.site import EXTENSION, Site, site
from abckg.writing.editable import EditableStore

__all__ = ["BEARER", "DONE", "answer_update", "begin_write", "blueprint", "install"]

BEARER = Parameter("Authorization", "Bearer and the token for writes.", place="header")
DONE: Mapping[str, Mapping[str, Schema]] = {"204": {}}
_GRAPHS = {"type": "array", "items": {"type": "string", "format": "iri"}}
_USING = (
    Parameter("using-graph-uri", "A graph of the default graph of patterns; may be given again.", _GRAPHS),
    Parameter("using-named-graph-uri", "A named graph of patterns; may be given again.", _GRAPHS),
)
_BODIES: Mapping[str, Schema] = {
    UPDATE: TEXT,
    FORM: {"type": "object", "required": ["update"], "properties": {"update": TEXT}},
}

blueprint = Blueprint("update", __name__)


@blueprint.post("/update")
@described("write", *_USING, TIMEOUT, BEARER, answers=DONE, bodies=_BODIES)
def post() -> Response:
    """Apply an update."""
    return answer_update()


@blueprint.after_request
def _advertise(response: Response) -> Response:
    if request.method == "OPTIONS":
        response.headers["Accept-Post"] = f"{UPDATE}, {FORM}"
    return response


def answer_update() -> Response:
    """Apply the update of the current request; 204 once it is stored for good."""
    store = begin_write("update")
    update = read_update(request, site().settings)
    note_query(update.text)
    store.write(update)
    return Response(status=204)


def begin_write(kind: str) -> EditableStore:
    """Return the store to write to; raise where the current request may not, before its body is read."""
    g.write = kind
    request.max_content_length = site().settings.max_write_length
    if request.headers.get("Transfer-Encoding") and request.environ.get(CARRIED) is None:
        raise LengthRequired("Send a write with its length: without lanes nobody could tell that chunks are missing.")
    return authorized(site(), request.headers.get("Authorization"))


def install(app: Flask) -> None:
    """Have each request see one version of the data, and each write counted and its answer kept nowhere."""
    app.after_request(_finish_write)
    current: Site = app.extensions[EXTENSION]
    if isinstance(current.store, EditableStore):
        store = current.store
        app.before_request(store.pin)
        app.teardown_request(lambda _: store.unpin())


def _finish_write(response: Response) -> Response:
    kind = g.get("write")
    if kind:
        response.headers["Cache-Control"] = "no-store"
        site().metrics.written(kind, response.status_code)
    return response
