"""The SPARQL endpoint: the protocol for programs, an editor with a table for browsers.

Layer: web; imports ``errors``, ``formats``, ``safety`` and ``store``.
Specifications: https://www.w3.org/TR/sparql11-protocol/ and https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from abckg.dataset import ASSERTED_GRAPHS
from abckg.errors import NotAcceptable, QueryRefused, UnsupportedMediaType, UsageError
from abckg.formats import GRAPH_FORMATS, SOLUTION_FORMATS, ResultFormat, formats_for, named
from abckg.namespaces import INFERRED_GRAPH, RDF
from abckg.safety import is_volatile
from abckg.store import Answer, DatasetSelection
from abckg.web.display import Namer, table_of
from abckg.web.negotiation import HTML, best_of_formats
from abckg.web.rendering import not_modified, page_etag, render, tagged, view
from abckg.web.site import Site, site
from abckg.web.urls import Urls

__all__ = ["Asked", "answer_context", "blueprint", "serialized"]

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_SD = "http://www.w3.org/ns/sparql-service-description#"
_NO = ("false", "no", "0")

blueprint = Blueprint("sparql", __name__)


@dataclass(frozen=True)
class Asked:
    """A request of the SPARQL protocol."""

    query: str | None
    dataset: DatasetSelection
    format: str | None
    inference: bool


@blueprint.get("/sparql")
def get() -> Response:
    """Answer a query in the address; without one, give the editor or the service description."""
    asked = _asked(request.args, _single(request.args, "query"))
    return _describe_or_edit(site()) if asked.query is None else _answer(site(), asked)


@blueprint.post("/sparql")
def post() -> Response:
    """Answer a query in the body, as a form or as it is."""
    body = _body(site().settings.max_query_length)
    if request.mimetype == QUERY:
        return _answer(site(), _asked(request.args, _text(body)))
    if request.mimetype == FORM:
        if "update" in request.form:
            raise QueryRefused("Updates are refused: this address answers queries only.")
        return _answer(site(), _asked(request.values, _single(request.values, "query")))
    if request.mimetype == UPDATE:
        raise QueryRefused("Updates are refused: this address answers queries only.")
    raise UnsupportedMediaType(f"A query is read as {QUERY} or {FORM}, not as {request.mimetype or 'an unnamed type'}.")


def serialized(answer: Answer, name: str | None, *, html: bool) -> tuple[bytes, str] | None:
    """Return an answer in the format asked for, by ``name`` or by the Accept header, and its Content-Type.

    None where a page is wanted; NotAcceptable where no format fits.
    """
    formats = formats_for(answer.kind)
    if name == "html" and html:
        return None
    if name:
        form = named(name, formats)
        if form is None:
            raise NotAcceptable(f"There is no format {name!r} for this answer; {_offers(formats)}")
        return answer.serialize(form, site().prefixes), form.content_type()
    best = best_of_formats(request.headers.get("Accept"), formats, (HTML,) if html else ())
    if best is None:
        raise NotAcceptable(f"The answer cannot be had as {request.headers.get('Accept')}; {_offers(formats)}")
    chosen, media_type = best
    return None if chosen is None else (answer.serialize(chosen, site().prefixes), chosen.content_type(media_type))


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


def _asked(parameters: MultiDict[str, str], query: str | None) -> Asked:
    return Asked(
        query=query if query and query.strip() else None,
        dataset=DatasetSelection(
            tuple(map(_graph, parameters.getlist("default-graph-uri"))),
            tuple(map(_graph, parameters.getlist("named-graph-uri"))),
        ),
        format=parameters.get("format") or None,
        inference=parameters.get("inference", "true").lower() not in _NO,
    )


def _body(limit: int) -> bytes:
    body = request.get_data(cache=True)
    if request.content_length is None and len(body) >= limit:
        # A body sent in chunks is cut at the limit without a word; half a query must not be run.
        raise RequestEntityTooLarge
    return body


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise UsageError(f"The query is not UTF-8: byte {fault.start} cannot be read.") from None


def _single(parameters: MultiDict[str, str], name: str) -> str | None:
    values = parameters.getlist(name)
    if len(values) > 1:
        raise UsageError(f"There are {len(values)} parameters `{name}`; give exactly one.")
    return values[0] if values else None


def _graph(iri: str) -> str:
    try:
        return ox.NamedNode(iri).value
    except ValueError:
        raise UsageError(f"{iri!r} is not the IRI of a graph.") from None


def _answer(current: Site, asked: Asked) -> Response:
    text = asked.query
    if text is None:
        raise UsageError("There is no query: give it as the field `query` or as the body.")
    etag = page_etag(current, text, str(asked))
    repeatable = request.method in ("GET", "HEAD") and not is_volatile(text)
    unchanged = not_modified(etag) if repeatable else None
    if unchanged:
        return unchanged
    answer = current.store.query(text, inference=asked.inference, dataset=asked.dataset or None)
    written = serialized(answer, asked.format, html=True)
    if written is None:
        response = render(current, "sparql.html", query=text, asked=asked, **answer_context(current, answer))
    else:
        response = Response(written[0], content_type=written[1])
        response.vary.add("Accept")
    return tagged(response, etag) if repeatable else response


def _describe_or_edit(current: Site) -> Response:
    name, accept = request.args.get("format"), request.headers.get("Accept")
    best = (named(name, GRAPH_FORMATS), "") if name else best_of_formats(accept, GRAPH_FORMATS, (HTML,))
    if best is None or (name and best[0] is None):
        raise NotAcceptable(f"Without a query this address gives a page or its description; {_offers(GRAPH_FORMATS)}")
    form, media_type = best
    if form is None:
        return render(current, "sparql.html", query=_first_query(current), asked=None, kind=None)
    endpoint = Urls(current.settings)
    try:
        service = ox.NamedNode(endpoint.absolute(endpoint.sparql(), request.host_url))
    except ValueError:
        raise UsageError(f"{request.host!r} is not the name of a host.") from None
    body = Answer.of(_service_description(service)).serialize(form, {**current.prefixes, "sd": _SD})
    response = Response(body, content_type=form.content_type(media_type or None))
    response.vary.add("Accept")
    return response


def _first_query(current: Site) -> str:
    examples = current.catalogue.examples(1)
    return examples[0].bind() if examples else "SELECT ?s ?p ?o\nWHERE { ?s ?p ?o }\nLIMIT 10\n"


def _service_description(service: ox.NamedNode) -> list[ox.Triple]:
    address = service.value
    dataset = ox.NamedNode(f"{address}#dataset")
    default = ox.NamedNode(f"{address}#default-graph")

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(_SD + name)

    kind = ox.NamedNode(f"{RDF}type")
    triples = [
        ox.Triple(service, kind, sd("Service")),
        ox.Triple(service, sd("endpoint"), service),
        ox.Triple(service, sd("supportedLanguage"), sd("SPARQL11Query")),
        ox.Triple(service, sd("feature"), sd("UnionDefaultGraph")),
        ox.Triple(service, sd("defaultDataset"), dataset),
        ox.Triple(dataset, kind, sd("Dataset")),
        ox.Triple(dataset, sd("defaultGraph"), default),
        ox.Triple(default, kind, sd("Graph")),
    ]
    triples += [
        ox.Triple(service, sd("resultFormat"), ox.NamedNode(form.iri)) for form in (*SOLUTION_FORMATS, *GRAPH_FORMATS)
    ]
    for iri in (*ASSERTED_GRAPHS, INFERRED_GRAPH):
        graph = ox.NamedNode(f"{address}#{iri.rpartition('/')[2]}-graph")
        triples += [
            ox.Triple(dataset, sd("namedGraph"), graph),
            ox.Triple(graph, kind, sd("NamedGraph")),
            ox.Triple(graph, sd("name"), ox.NamedNode(iri)),
        ]
    return triples


def _offers(formats: Sequence[ResultFormat]) -> str:
    names = ", ".join(f"{form.media_type} (format={form.name})" for form in formats)
    return f"it can be had as {names}."
