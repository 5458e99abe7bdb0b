"""The Graph Store Protocol: each graph is a resource that is read, replaced, added to and deleted.

Everybody reads; who writes bears the token. A graph is named by ``?default``, by ``?graph=IRI``, or by its own address
below ``/store/``; POST to ``/store`` makes a new one.
Layer: web; imports ``editable``, ``errors``, ``formats``, ``store`` and ``transaction``.
Specification: https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import pyoxigraph as ox
from flask import Blueprint, Response, request

from abckg.errors import NotAcceptable, PreconditionFailed, UnknownGraph, UnsupportedMediaType, UsageError
from abckg.formats import GRAPH_FORMATS
from abckg.store import Answer, Question, Store
from abckg.web.breaking import break_when_failing
from abckg.web.coding import accepted_coding
from abckg.web.connection import presence
from abckg.web.described import FORMAT, GRAPHS, TEXT, TIMEOUT, Parameter, Schema, described
from abckg.web.fields import Fields
from abckg.web.negotiation import chosen, offers
from abckg.web.protocol import seconds_of, whole_body
from abckg.web.site import site
from abckg.web.update import BEARER, DONE, begin_write
from abckg.web.urls import Urls
from abckg.writing.editable import EditableStore
from abckg.writing.transaction import Body, GraphWrite
from abckg.writing.updates import DEFAULT

__all__ = ["blueprint"]

_PATH = "/store"
_MULTIPART = "multipart/form-data"
_CHARSETS = ("utf-8", "utf8", "us-ascii")
_MEDIA_TYPES = {name: form for form in reversed(GRAPH_FORMATS) for name in (form.media_type, *form.aliases)}
_READ = "GET, HEAD, OPTIONS"

_NAMES = (
    Parameter("graph", "The IRI of the graph.", {"type": "string", "format": "iri"}),
    Parameter("default", "The default graph, in place of an IRI."),
)
_GUARDS = (
    Parameter("If-Match", "The entity tag that the graph must have.", place="header"),
    Parameter("If-None-Match", "* for a graph that must not be there.", place="header"),
    TIMEOUT,
    BEARER,
)
_BODIES: Mapping[str, Schema] = dict.fromkeys((*(form.media_type for form in GRAPH_FORMATS), _MULTIPART), TEXT)
_WRITTEN: Mapping[str, Mapping[str, Schema]] = {"201": {}, "204": {}}

blueprint = Blueprint("graph_store", __name__)


@blueprint.get(_PATH)
@blueprint.get(f"{_PATH}/<path:name>")
@described("write", *_NAMES, FORMAT, answers={"200": GRAPHS})
def read(name: str = "") -> Response:
    """Give a graph in a format of RDF."""
    graph = _target(name)
    current, store = site(), site().store
    if not _exists(store, graph):
        raise UnknownGraph(f"There is no graph <{graph}>.")
    choice = chosen("graph", request.args.get("format"), request.headers.get("Accept"), html=False)
    if choice.format is None:
        raise NotAcceptable(f"A graph is had as RDF; {offers(GRAPH_FORMATS)}")
    state = _state(store, graph)
    tag = (
        f"{state}-{choice.format.name}-{accepted_coding(request.headers.get('Accept-Encoding')) or 'identity'}"
        if state
        else ""
    )
    if tag and request.if_none_match.contains_weak(tag):
        return _tagged(Response(status=304), tag)
    response = Response(content_type=choice.content_type)
    if request.method == "GET":
        where = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {where} }}"
        question = Question(text, prefixes=current.prefixes, is_wanted=presence(request.environ, current.carried))
        found = store.run(question, lambda _: choice.format)
        if isinstance(found, Answer):
            raise NotAcceptable("The graph is not had in this format.")
        whole = isinstance(found.chunks, tuple)
        response.response = found.chunks if whole else break_when_failing(iter(found.chunks))
        # Who wraps the pieces may not pass on that nobody reads them any more.
        response.call_on_close(getattr(found.chunks, "close", lambda: None))
    return _tagged(response, tag)


@blueprint.put(_PATH)
@blueprint.put(f"{_PATH}/<path:name>")
@described("write", *_NAMES, *_GUARDS, answers=_WRITTEN, bodies=_BODIES)
def replace(name: str = "") -> Response:
    """Put a graph in place of what there was: 201 where there was none, else 204."""
    if "Content-Range" in request.headers:
        raise UsageError("A graph is put whole: leave out Content-Range.")
    return _write("put", _target(name), replaces=True)


@blueprint.post(_PATH)
@blueprint.post(f"{_PATH}/<path:name>")
@described("write", *_NAMES, *_GUARDS, answers=_WRITTEN, bodies=_BODIES)
def add(name: str = "") -> Response:
    """Add to a graph; without a name, make a new one and say where."""
    if name or request.query_string:
        return _write("post", _target(name))
    path = f"{_PATH}/{uuid4()}"
    response = _write("post", _address(path))
    response.headers["Location"] = _address(path)
    return response


@blueprint.delete(_PATH)
@blueprint.delete(f"{_PATH}/<path:name>")
@described("write", *_NAMES, *_GUARDS, answers=DONE)
def delete(name: str = "") -> Response:
    """Delete a graph, or empty the default graph."""
    store, graph = begin_write("delete"), _target(name)
    expected = _Expected.of_request(store, graph)

    def check() -> None:
        if not expected.check():
            raise UnknownGraph(f"There is no graph <{graph}>.")

    store.write(GraphWrite(graph, removes=True, timeout=_timeout()), check)
    return Response(status=204)


@blueprint.after_request
def _advertise(response: Response) -> Response:
    if request.method == "OPTIONS":
        if site().editable is None:
            response.headers["Allow"] = _READ
        else:
            response.headers["Accept-Post"] = ", ".join((*(form.media_type for form in GRAPH_FORMATS), _MULTIPART))
    return response


@dataclass(frozen=True)
class _Expected:
    """What the client wants of a graph before it is written."""

    store: EditableStore
    graph: str
    match: frozenset[str] | None
    none_match: frozenset[str] | None

    @classmethod
    def of_request(cls, store: EditableStore, graph: str) -> _Expected:
        """Return what the headers of the current request want."""
        return cls(store, graph, _tags("If-Match"), _tags("If-None-Match"))

    def check(self) -> bool:
        """Return whether the graph is there; PreconditionFailed where it is not as the client wants it."""
        exists = _exists(self.store, self.graph)
        known = {"*", _state(self.store, self.graph)} if exists else set()
        if self.match is not None and not self.match & known:
            raise PreconditionFailed("The graph is not as If-Match says: read it again.")
        if self.none_match is not None and self.none_match & known:
            raise PreconditionFailed("The graph is there, or as If-None-Match says it must not be.")
        return exists


def _write(kind: str, graph: str, *, replaces: bool = False) -> Response:
    store = begin_write(kind)
    expected = _Expected.of_request(store, graph)
    write = GraphWrite(graph, _bodies(graph), replaces, timeout=_timeout())
    existed = True

    def check() -> None:
        nonlocal existed
        existed = expected.check()

    store.write(write, check)
    return Response(status=204 if existed else 201)


def _timeout() -> float | None:
    return seconds_of(Fields(request.query_string).first("timeout"))


def _target(name: str) -> str:
    """Return the graph that the address of the current request names; ``DEFAULT`` for the default graph."""
    fields = Fields(request.query_string)
    named = fields.values("graph")
    if name and not named and "default" not in fields:
        return _address(request.path)
    if name or len(named) + ("default" in fields) != 1:
        raise UsageError("Name one graph: /store?default, /store?graph=IRI, or its own address below /store/.")
    if not named:
        return DEFAULT
    try:
        return ox.NamedNode(named[0]).value
    except ValueError:
        raise UsageError(f"{named[0]!r} is not the absolute IRI of a graph.") from None


def _address(path: str) -> str:
    urls = Urls(site().settings)
    return urls.absolute(urls.path(path), request.host_url)


def _exists(store: Store, graph: str) -> bool:
    return graph == DEFAULT or store.query(f"ASK {{ GRAPH ?g {{ }} FILTER(?g = <{graph}>) }}").boolean


def _state(store: Store, graph: str) -> str:
    """Return what changes with the graph; empty where the store does not know."""
    return store.tag(graph) if isinstance(store, EditableStore) else store.version


def _tags(header: str) -> frozenset[str] | None:
    """Return the states of the graph that a header names, ``*`` for any; None where it is not there.

    The tag of a representation is that of the state with its format and coding, so one had as Turtle guards a write.
    """
    sent = request.if_match if header == "If-Match" else request.if_none_match
    if header not in request.headers:
        return None
    if sent.star_tag:
        return frozenset("*")
    # Weak tags never match where a write depends on it.
    return frozenset(tag.partition("-")[0] for tag in sent.as_set(include_weak=False))


def _tagged(response: Response, tag: str) -> Response:
    response.vary.update(("Accept", "Accept-Encoding"))
    if tag:
        response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache" if tag else "no-store"
    return response


def _bodies(graph: str) -> tuple[Body, ...]:
    """Return the RDF that the current request sends: its body, or the files of a form."""
    base = graph or request.base_url
    if request.content_encoding:
        raise UnsupportedMediaType(f"A body is read as it is, not in the coding {request.content_encoding}.")
    if request.mimetype != _MULTIPART:
        body = whole_body(request, site().settings.max_write_length)
        return (Body(_read_as(request.mimetype, request.mimetype_params), base, body),)
    files = [file for files in request.files.listvalues() for file in files]
    if not files or request.form:
        raise UsageError("Send each graph of a form as a file, with its media type.")
    return tuple(Body(_read_as(file.mimetype, file.mimetype_params), base, file.read()) for file in files)


def _read_as(media_type: str, parameters: dict[str, str]) -> str:
    form = _MEDIA_TYPES.get(media_type)
    if form is None:
        known = ", ".join(form.media_type for form in GRAPH_FORMATS)
        raise UnsupportedMediaType(f"A graph is read as {known}, not as {media_type or 'an unnamed type'}.")
    charset = parameters.get("charset", _CHARSETS[0]).lower()
    if charset not in _CHARSETS:
        raise UnsupportedMediaType(f"RDF is read as UTF-8, not as {charset}.")
    return form.media_type
