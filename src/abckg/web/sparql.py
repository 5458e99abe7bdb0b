"""The SPARQL endpoint for people: an editor with a table; its description for programs that send no query.

What programs ask is answered by ``endpoint`` before it comes here.
Layer: web; imports ``formats`` and ``store``.
Specification: https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from abckg.errors import NotAcceptable, UsageError
from abckg.formats import GRAPH_FORMATS, named
from abckg.store import Answer, Document
from abckg.web.access import note_cache
from abckg.web.described import ANSWERS, FORMAT, LANGUAGE, TIMEOUT, Parameter, Schema, described
from abckg.web.description import PREFIXES, describe_service
from abckg.web.display import Namer, table_of
from abckg.web.endpoint import PATH, ask_store, handed_over
from abckg.web.negotiation import HTML, best_of_formats, offers
from abckg.web.protocol import ACCEPTED_BODIES, FORM, QUERY, Asked, is_update
from abckg.web.rendering import not_modified, page_etag, render, tagged, view
from abckg.web.site import Site, site
from abckg.web.update import answer_update

__all__ = ["answer_context", "blueprint"]

_GRAPHS = {"type": "array", "items": {"type": "string", "format": "iri"}}
_PARAMETERS = (
    Parameter("query", "The query in SPARQL 1.1; without one, the description of the service."),
    Parameter("default-graph-uri", "A graph of the default graph; may be given again.", _GRAPHS),
    Parameter("named-graph-uri", "A named graph; may be given again.", _GRAPHS),
    Parameter("inference", "false: only what is stated counts.", {"type": "string", "enum": ["true", "false"]}),
    FORMAT,
    TIMEOUT,
    LANGUAGE,
)
_BODIES: Mapping[str, Schema] = {
    QUERY: {"type": "string"},
    FORM: {"type": "object", "required": ["query"], "properties": {"query": {"type": "string"}}},
}

blueprint = Blueprint("sparql", __name__)


@blueprint.get(PATH)
@described("sparql", *_PARAMETERS, answers={"200": ANSWERS})
def get() -> Response:
    """Show the answer of a query in the address; without one, give the editor or the service description."""
    asked = handed_over(request.environ)
    return _describe_or_edit(site(), asked) if asked.query is None else _page(site(), asked)


@blueprint.post(PATH)
@described("sparql", *_PARAMETERS, answers={"200": ANSWERS}, bodies=_BODIES)
def post() -> Response:
    """Show the answer of a query in the body."""
    if is_update(request, site().settings):
        return answer_update()
    asked = handed_over(request.environ)
    if asked.query is None:
        raise UsageError("There is no query: give it as the field `query` or as the body.")
    return _page(site(), asked)


@blueprint.after_request
def _advertise(response: Response) -> Response:
    if request.method == "OPTIONS":
        response.headers["Accept-Post"] = ", ".join(ACCEPTED_BODIES)
    return response


def answer_context(current: Site, answer: Answer) -> dict[str, object]:
    """Return what a template needs to show an answer."""
    reader = view(current)
    limit = current.settings.page_rows
    context: dict[str, object] = {"kind": answer.kind, "limit": limit}
    if answer.kind == "boolean":
        return {**context, "boolean": answer.boolean}
    if answer.kind == "solutions":
        # Short names, not labels: a query says itself which labels it wants.
        namer = Namer(reader.urls, current.prefixes, reader.language, None, current.ontology)
        return {**context, "table": table_of(answer, namer, limit)}
    triples = list(answer.triples())
    turtle = Answer.of(triples[:limit]).serialize(GRAPH_FORMATS[0], current.prefixes).decode()
    return {**context, "turtle": turtle, "triples": len(triples)}


def _page(current: Site, asked: Asked) -> Response:
    reads = request.method in ("GET", "HEAD")
    etag = page_etag(current, asked.key) if reads and not asked.is_volatile else ""
    unchanged = not_modified(etag)
    if unchanged is not None:
        note_cache("not_modified")
        unchanged.vary.add("Accept")
        return unchanged
    note_cache("miss" if etag else "uncacheable")
    answer = ask_store(current, asked, request.environ, lambda _: None)
    if isinstance(answer, Document):
        raise NotAcceptable("The answer is not had as a page.")
    response = render(current, "sparql.html", query=asked.query, asked=asked, **answer_context(current, answer))
    if not reads:
        return response
    # Without a tag where the data changed meanwhile, as for what is never the same twice.
    return tagged(response, etag if etag and etag == page_etag(current, asked.key) else "")


def _describe_or_edit(current: Site, asked: Asked) -> Response:
    name, accept = asked.format, request.headers.get("Accept")
    best = (named(name, GRAPH_FORMATS), None) if name else best_of_formats(accept, GRAPH_FORMATS, (HTML,))
    if best is None or (name and best[0] is None):
        raise NotAcceptable(f"Without a query this address gives a page or its description; {offers(GRAPH_FORMATS)}")
    form, media_type = best
    if form is None:
        return render(current, "sparql.html", query=_first_query(current), asked=None, kind=None)
    content_type = form.content_type(media_type)
    etag = current.etag("description", content_type, request.host_url)
    response = not_modified(etag)
    if response is None:
        try:
            triples = describe_service(current, request.host_url)
        except ValueError:
            raise UsageError(f"{request.host!r} is not the name of a host.") from None
        body = Answer.of(triples).serialize(form, {**current.prefixes, **PREFIXES})
        response = tagged(Response(body, content_type=content_type), etag)
    response.vary.add("Accept")
    return response


def _first_query(current: Site) -> str:
    examples = current.catalogue.examples(1)
    return examples[0].bind() if examples else "SELECT ?s ?p ?o\nWHERE { ?s ?p ?o }\nLIMIT 10\n"
