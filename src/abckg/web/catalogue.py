"""The catalogue of questions: all of them on one page, and each on its own, run on a press.

Layer: web; imports ``queries``.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from abckg.web.negotiation import HTML, best_media_type
from abckg.web.protocol import QUERY
from abckg.web.rendering import not_modified, page_etag, render, tagged, view
from abckg.web.site import site
from abckg.web.sparql import answer_context, serialized
from abckg.web.urls import LANGUAGE_PARAMETER

__all__ = ["blueprint"]

_CONTROLS = frozenset({"run", "format", LANGUAGE_PARAMETER})

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/queries")
def index() -> Response:
    """All questions, by subject."""
    return render(site(), "queries.html", groups=site().catalogue.by_tag(), total=len(site().catalogue))


@blueprint.get("/query")
def old_index() -> Response:
    """The catalogue under the name of its IRIs."""
    return _redirect(view(site()).urls.queries())


@blueprint.get("/query/<slug>")
def identifier(slug: str) -> Response:
    """The IRI of a query leads to its page."""
    return _redirect(view(site()).urls.query(site().catalogue[slug].slug))


@blueprint.get("/queries/<slug>")
def question(slug: str) -> Response:
    """One question: its text as a page or as SPARQL; its answer where it is run or a format of answers is asked for."""
    current = site()
    query = current.catalogue[slug]
    etag = page_etag(current)
    unchanged = not_modified(etag)
    if unchanged:
        return unchanged
    values = {name: value for name, value in request.args.items() if name not in _CONTROLS}
    text = query.bind(values)
    accept = request.headers.get("Accept")
    wants_answer = "run" in request.args or request.args.get("format")
    if not wants_answer and best_media_type(accept, (HTML, QUERY)) == QUERY:
        return tagged(Response(text, content_type=f"{QUERY}; charset=utf-8"), etag)
    context: dict[str, object] = {"kind": None}
    if wants_answer or best_media_type(accept, (HTML,)) is None:
        answer = current.store.query(text)
        written = serialized(answer, request.args.get("format"), html=True)
        if written is not None:
            response = Response(written[0], content_type=written[1])
            response.vary.add("Accept")
            return tagged(response, etag)
        context = answer_context(current, answer)
    return tagged(render(current, "query.html", query=query, values=values, text=text, **context), etag)


def _redirect(address: str) -> Response:
    response = Response(status=303)
    response.headers["Location"] = address
    return response
