"""The SPARQL endpoint: the protocol for programs, an editor with a table for browsers.

What a query answers is computed in one place, ``_computed``; everything before and after it is HTTP.
Layer: web; imports ``errors``, ``formats``, ``safety`` and ``store``.
Specifications: https://www.w3.org/TR/sparql11-protocol/ and https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from abckg.errors import NotAcceptable, QueryRefused, QuerySyntaxError, UsageError
from abckg.formats import GRAPH_FORMATS, ResultFormat, formats_for, named
from abckg.safety import is_volatile, kind_of
from abckg.store import Answer, Choose, Document, Question
from abckg.web.access import note_cache, note_query
from abckg.web.cache import Kept, kept_on_the_way
from abckg.web.coding import FEWEST_BYTES, chosen_coding, encoded
from abckg.web.connection import presence
from abckg.web.description import PREFIXES, describe_service
from abckg.web.display import Namer, table_of
from abckg.web.front import mark
from abckg.web.negotiation import HTML, best_of_formats
from abckg.web.protocol import ACCEPTED_BODIES, QUERY, Asked, read_request
from abckg.web.rendering import not_modified, page_etag, render, tagged, view
from abckg.web.site import Site, site

__all__ = ["QUERY", "Choice", "answer_context", "blueprint", "chosen", "serialized"]

blueprint = Blueprint("sparql", __name__)


@dataclass(frozen=True)
class Choice:
    """The form of an answer: a format and its Content-Type, or a page where ``format`` is None."""

    format: ResultFormat | None
    content_type: str


@blueprint.get("/sparql")
def get() -> Response:
    """Answer a query in the address; without one, give the editor or the service description."""
    asked = read_request(site().settings)
    return _describe_or_edit(site(), asked) if asked.query is None else _answer(site(), asked, asked.query)


@blueprint.post("/sparql")
def post() -> Response:
    """Answer a query in the body, as a form or as it is."""
    asked = read_request(site().settings)
    if asked.query is None:
        raise UsageError("There is no query: give it as the field `query` or as the body.")
    return _answer(site(), asked, asked.query)


@blueprint.after_request
def _advertise(response: Response) -> Response:
    if request.method == "OPTIONS":
        response.headers["Accept-Post"] = ", ".join(ACCEPTED_BODIES)
    return response


def chosen(kind: str, name: str | None, *, html: bool) -> Choice:
    """Return the form for an answer of ``kind`` by ``name``, else by Accept; NotAcceptable where none fits."""
    formats = formats_for(kind)
    if name == "html" and html:
        return Choice(None, HTML)
    if name:
        form = named(name, formats)
        if form is None:
            raise NotAcceptable(f"There is no format {name!r} for this answer; {_offers(formats)}")
        return Choice(form, form.content_type())
    best = best_of_formats(request.headers.get("Accept"), formats, (HTML,) if html else ())
    if best is None:
        raise NotAcceptable(f"The answer cannot be had as {request.headers.get('Accept')}; {_offers(formats)}")
    form, media_type = best
    return Choice(form, form.content_type(media_type) if form else HTML)


def serialized(answer: Answer, name: str | None, *, html: bool) -> tuple[bytes, str] | None:
    """Return an answer in the format asked for, by ``name`` or by the Accept header, and its Content-Type.

    None where a page is wanted; NotAcceptable where no format fits.
    """
    choice = chosen(answer.kind, name, html=html)
    return (answer.serialize(choice.format, site().prefixes), choice.content_type) if choice.format else None


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


def _answer(current: Site, asked: Asked, text: str) -> Response:
    note_query(text)
    unknown = current.without_graph(asked.graphs_wanted())
    if unknown:
        raise QueryRefused(
            f"FROM <{unknown[0]}> is refused: this server holds no graph of that name, and fetches none. "
            "Its description lists the graphs it holds: ask this address for text/turtle without a query."
        )
    # The form is chosen before anything is computed: what the client cannot read is not worth computing.
    choice = chosen(kind_of(text) or "solutions", asked.format, html=True)
    volatile = is_volatile(text)
    etag = "" if volatile else _etag(current, asked, choice)
    unchanged = not_modified(etag) if request.method in ("GET", "HEAD") else None
    if unchanged is not None:
        note_cache("not_modified")
        unchanged.vary.add("Accept")
        return unchanged
    response = _page(current, asked) if choice.format is None else _document(current, asked, choice, etag)
    response.vary.add("Accept")
    if request.method not in ("GET", "HEAD"):
        return response
    # Without a tag where the data changed meanwhile, as for what is never the same twice.
    return tagged(response, etag if etag and etag == _etag(current, asked, choice) else "")


def _etag(current: Site, asked: Asked, choice: Choice) -> str:
    """Return the tag of an answer: of the version of the data and everything that was asked."""
    if choice.format is None:
        return page_etag(current, asked.key)
    return current.etag("sparql", choice.content_type, asked.key)


def _document(current: Site, asked: Asked, choice: Choice, key: str) -> Response:
    """Return an answer from the cache or from the store, in the coding that the client reads."""
    coding = chosen_coding(request.accept_encodings)
    kept = current.cache.get(key, coding) or _recoded(current, key, coding) if key else None
    note_cache("hit" if kept else "miss" if key else "uncacheable")
    if kept is None:
        whole = _computed(current, asked, choice)
        if isinstance(whole, Response):
            return _kept_when_sent(current, asked, choice, key, whole) if key else whole
        # Not kept where the data changed meanwhile: it cannot be told which version was read.
        if key and key == _etag(current, asked, choice):
            current.cache.put(key, None, whole)
        kept = _recoded(current, key, coding) or whole
    response = Response(kept.body, content_type=kept.content_type)
    if kept.coding:
        response.headers["Content-Encoding"] = kept.coding
    if key:
        mark(asked.query or "")
    return response


def _kept_when_sent(current: Site, asked: Asked, choice: Choice, key: str, response: Response) -> Response:
    """Return a response that is sent piece by piece, and kept when the last piece was."""
    content_type = response.content_type or ""

    def put(body: bytes) -> None:
        if key == _etag(current, asked, choice):
            current.cache.put(key, None, Kept(body, content_type))

    response.response = kept_on_the_way(response.iter_encoded(), current.cache.takes, put)
    return response


def _recoded(current: Site, key: str, coding: str | None) -> Kept | None:
    """Return the whole answer that is kept under ``key`` in ``coding``, and keep it so; None where none is kept."""
    whole = current.cache.get(key, None)
    if whole is None or coding is None or len(whole.body) < FEWEST_BYTES:
        return whole
    kept = Kept(encoded(whole.body, coding), whole.content_type, coding)
    current.cache.put(key, coding, kept)
    return kept


def _computed(current: Site, asked: Asked, choice: Choice) -> Kept | Response:
    """Return the whole answer, or where it is long the response that sends it piece by piece."""

    def choice_for(kind: str) -> Choice:
        # Its kind could not always be told from its text.
        return choice if choice.format in formats_for(kind) else chosen(kind, asked.format, html=False)

    found = _asked_of_store(current, asked, lambda kind: choice_for(kind).format)
    if isinstance(found, Answer):
        raise NotAcceptable(f"The answer is had in a format; {_offers(formats_for(found.kind))}")
    content_type = choice_for(found.kind).content_type
    if isinstance(found.chunks, tuple):
        return Kept(b"".join(found.chunks), content_type)
    response = Response(found.chunks, content_type=content_type)
    # Who wraps the pieces may not pass on that nobody reads them any more.
    response.call_on_close(getattr(found.chunks, "close", lambda: None))
    return response


def _page(current: Site, asked: Asked) -> Response:
    answer = _asked_of_store(current, asked, lambda _: None)
    if isinstance(answer, Document):
        raise NotAcceptable("The answer is not had as a page.")
    return render(current, "sparql.html", query=asked.query, asked=asked, **answer_context(current, answer))


def _asked_of_store(current: Site, asked: Asked, choose: Choose) -> Answer | Document:
    """Ask the store: the one place where a query of a client is run."""
    question = Question(
        text=asked.text,
        inference=asked.inference,
        dataset=asked.dataset or None,
        timeout=asked.timeout,
        rows=current.settings.page_rows,
        prefixes=current.prefixes,
        is_wanted=presence(request.environ),
    )
    try:
        return current.store.run(question, choose)
    except QuerySyntaxError as fault:
        if fault.line == 1 and fault.column is not None and asked.head:
            # The place is told in the text that the client sent.
            raise QuerySyntaxError(fault.reason, 1, fault.column - len(asked.head)) from fault
        raise


def _describe_or_edit(current: Site, asked: Asked) -> Response:
    name, accept = asked.format, request.headers.get("Accept")
    best = (named(name, GRAPH_FORMATS), None) if name else best_of_formats(accept, GRAPH_FORMATS, (HTML,))
    if best is None or (name and best[0] is None):
        raise NotAcceptable(f"Without a query this address gives a page or its description; {_offers(GRAPH_FORMATS)}")
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


def _offers(formats: Sequence[ResultFormat]) -> str:
    names = ", ".join(f"{form.media_type} (format={form.name})" for form in formats)
    return f"it can be had as {names}."
