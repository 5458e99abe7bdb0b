"""The catalogue of questions: all of them on one page, and each on its own, run on a press; for programs, as an API.

Layer: web; imports ``queries``, ``safety`` and ``store``.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from abckg.errors import NotAcceptable
from abckg.queries import Query
from abckg.safety import kind_of
from abckg.store import DatasetSelection, Document
from abckg.web.access import note_query
from abckg.web.described import ANSWERS, FORMAT, LANGUAGE, REDIRECT, TIMEOUT, Parameter, described, media
from abckg.web.endpoint import ask_store, document_of
from abckg.web.negotiation import HTML, Choice, best_media_type, chosen
from abckg.web.protocol import QUERY, Asked, seconds_of
from abckg.web.rendering import not_modified, page_etag, render, tagged, view
from abckg.web.site import site
from abckg.web.sparql import answer_context
from abckg.web.urls import LANGUAGE_PARAMETER

__all__ = ["answer_of", "asked_of", "blueprint"]

_CONTROLS = frozenset({"run", "format", "timeout", LANGUAGE_PARAMETER})
_RUN = Parameter("run", "Show the answer too.", {"type": "string", "enum": ["1"]})

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/queries")
@described("catalogue", LANGUAGE, answers={"200": media(HTML)})
def index() -> Response:
    """All questions, by subject."""
    return render(site(), "queries.html", groups=site().catalogue.by_tag(), total=len(site().catalogue))


@blueprint.get("/query")
@described("catalogue", answers=REDIRECT)
def old_index() -> Response:
    """The catalogue under the name of its IRIs."""
    return _redirect(view(site()).urls.queries())


@blueprint.get("/query/<slug>")
@described("catalogue", answers=REDIRECT)
def identifier(slug: str) -> Response:
    """The IRI of a query leads to its page."""
    return _redirect(view(site()).urls.query(site().catalogue[slug].slug))


@blueprint.get("/queries/<slug>")
@described(
    "catalogue", _RUN, FORMAT, TIMEOUT, LANGUAGE, answers={"200": {**ANSWERS, **media(f"{QUERY}; charset=utf-8")}}
)
def question(slug: str) -> Response:
    """One question: its text as a page or as SPARQL; its answer where it is run or a format of answers is asked for."""
    current = site()
    query = current.catalogue[slug]
    asked = asked_of(query)
    wants_answer = "run" in request.args or asked.format
    accept = request.headers.get("Accept")
    if not wants_answer and best_media_type(accept, (HTML, QUERY)) == QUERY:
        etag = page_etag(current)
        text = Response(asked.query, content_type=f"{QUERY}; charset=utf-8")
        return not_modified(etag) or tagged(text, etag)
    if not wants_answer and best_media_type(accept, (HTML,)):
        return _page(query, asked, is_run=False)
    choice = chosen(kind_of(asked.text) or "solutions", asked.format, accept, html=True)
    return answer_of(asked, choice) if choice.format else _page(query, asked, is_run=True)


def answer_of(asked: Asked, choice: Choice) -> Response:
    """Return the answer of a query in a format, as the endpoint gives it."""
    note_query(asked.text)
    status, headers, body = document_of(site(), request.environ, asked, choice)
    return Response(body, status, headers)


def asked_of(query: Query) -> Asked:
    """Return what the current request asks by a query of the catalogue; an error where a value is wrong."""
    seconds = seconds_of(request.args.get("timeout"))
    return Asked(query.bind(_values()), DatasetSelection(), request.args.get("format") or None, True, seconds)


def _values() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name not in _CONTROLS}


def _page(query: Query, asked: Asked, *, is_run: bool) -> Response:
    current = site()
    etag = page_etag(current)
    unchanged = not_modified(etag)
    if unchanged:
        return unchanged
    context: dict[str, object] = {"kind": None}
    if is_run:
        note_query(asked.text)
        answer = ask_store(current, asked, request.environ, lambda _: None)
        if isinstance(answer, Document):
            raise NotAcceptable("The answer is not had as a page.")
        context = answer_context(current, answer)
    return tagged(render(current, "query.html", query=query, values=_values(), text=asked.text, **context), etag)


def _redirect(address: str) -> Response:
    response = Response(status=303)
    response.headers["Location"] = address
    return response
