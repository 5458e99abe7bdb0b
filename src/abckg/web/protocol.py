"""Reads a request of the SPARQL protocol: the query, the graphs, the format; refuses what it cannot read for certain.

Layer: web; imports ``connection``, ``errors``, ``fields``, ``safety``, ``settings``, ``store`` and ``tokens``.
Specification: https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from wsgiref.types import WSGIEnvironment

import pyoxigraph as ox
from werkzeug.exceptions import RequestEntityTooLarge, RequestURITooLarge
from werkzeug.wrappers import Request
from werkzeug.wsgi import get_current_url

from abckg.errors import QueryRefused, UnsupportedMediaType, UsageError
from abckg.safety import graphs_named_by, is_volatile, refuse_oversize
from abckg.settings import Settings
from abckg.store import DatasetSelection
from abckg.tokens import has_relative_iri
from abckg.web.connection import is_whole
from abckg.web.fields import Fields
from abckg.web.urls import Urls
from abckg.writing.transaction import Update

__all__ = [
    "ACCEPTED_BODIES",
    "FORM",
    "QUERY",
    "UPDATE",
    "Asked",
    "check_length",
    "is_update",
    "read_request",
    "read_update",
    "seconds_of",
    "whole_body",
]

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
ACCEPTED_BODIES = (QUERY, FORM)
_CHARSETS = ("utf-8", "utf8", "us-ascii")
_NO = ("false", "no", "0")
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_OF_UPDATES = ("using-graph-uri", "using-named-graph-uri")


@dataclass(frozen=True)
class Asked:
    """A request of the SPARQL protocol.

    Attributes:
        query: The text; None where there is none.
        dataset: The graphs chosen by the protocol.
        format: The format chosen by name.
        inference: Whether what was inferred counts.
        timeout: Seconds after which the client wants no answer any more.
        base: What relative IRIs of the query are resolved against; empty where it has none.
    """

    query: str | None
    dataset: DatasetSelection
    format: str | None
    inference: bool
    timeout: float | None = None
    base: str = ""

    @property
    def head(self) -> str:
        """What stands before the query when it is run, on its first line."""
        return f"BASE <{self.base}> " if self.base else ""

    @property
    def text(self) -> str:
        """The query as it is run."""
        return f"{self.head}{self.query}" if self.head else self.query or ""

    @property
    def key(self) -> str:
        """Everything on which the answer depends, but for its format and the data; unambiguous: no IRI is empty."""
        return "\0".join((f"{self.inference:d}", *self.dataset.default, "", *self.dataset.named, "", self.text))

    @property
    def is_volatile(self) -> bool:
        """Whether the same query on the same data may have another answer."""
        return is_volatile(self.query or "")

    def graphs_wanted(self) -> tuple[str, ...]:
        """Return the graphs that the query names by FROM, which count where the protocol names none."""
        return () if self.dataset or self.query is None else graphs_named_by(self.text)


def read_request(environ: WSGIEnvironment, settings: Settings) -> Asked:
    """Return what a request asks; its body can be read again after that.

    Raises:
        UsageError: A parameter is malformed, or there twice.
        QueryRefused: It is an update, or too large for the engine.
        UnsupportedMediaType: The body is of another type, charset or coding.
        HTTPException: The address or the body is too long.
    """
    address = environ.get("QUERY_STRING", "")
    check_length(address, settings)
    parameters = Fields(address.encode("latin-1"))
    query = parameters.single("query")
    media_type = ""
    if environ["REQUEST_METHOD"] == "POST":
        request = Request(environ)
        media_type = request.mimetype
        body = _body(request, settings.max_query_length)
        if media_type == FORM:
            parameters = Fields(address.encode("latin-1"), body)
            query = parameters.single("query")
        elif media_type in (QUERY, UPDATE):
            if query is not None:
                raise UsageError("There is a query in the address and another in the body; give exactly one.")
            query = _text(body)
        else:
            raise UnsupportedMediaType(
                f"A query is read as {QUERY} or {FORM}, not as {media_type or 'an unnamed type'}."
            )
    if "update" in parameters or media_type == UPDATE or any(name in parameters for name in _OF_UPDATES):
        raise QueryRefused("Updates are refused: this address answers queries only.")
    if query is not None:
        refuse_oversize(query, settings.max_nesting, settings.max_operators)
    return _asked(parameters, query, _base(environ, settings) if query and has_relative_iri(query) else "")


def is_update(request: Request, settings: Settings) -> bool:
    """Return whether a POST to the endpoint is an update: by its type, or by a field of its form."""
    if request.mimetype != FORM:
        return request.mimetype == UPDATE
    return "update" in Fields(_body(Request(request.environ), settings.max_query_length))


def read_update(request: Request, settings: Settings) -> Update:
    """Return the update that a POST sends.

    Raises:
        UsageError: There is none, or more than one, or a query with it, or a parameter is malformed.
        UnsupportedMediaType: The body is of another type, charset or coding.
        HTTPException: The body is too long.
    """
    parameters = Fields(request.query_string)
    if request.mimetype not in (UPDATE, FORM):
        raise UnsupportedMediaType(
            f"An update is read as {UPDATE} or {FORM}, not as {request.mimetype or 'an unnamed type'}."
        )
    body = _body(Request(request.environ), settings.max_write_length)
    if request.mimetype == FORM:
        parameters = Fields(request.query_string, body)
    elif "update" in parameters:
        raise UsageError("There is an update in the address and another in the body; give exactly one.")
    text = _text(body) if request.mimetype == UPDATE else parameters.single("update")
    if text is None or not text.strip() or "query" in parameters:
        raise UsageError("Give exactly one update, as the field `update` or as the body, and no query.")
    using = DatasetSelection(*(tuple(map(_graph, parameters.values(name))) for name in _OF_UPDATES))
    timeout = seconds_of(parameters.first("timeout"))
    return Update(text, request.base_url, using, settings.max_nesting, settings.max_operators, timeout)


def check_length(address: str | bytes, settings: Settings) -> None:
    """Refuse what stands after the `?` of an address where it is too long, before anything reads it."""
    limit = settings.max_address_length
    if len(address) > limit:
        raise RequestURITooLarge(f"The address is longer than {limit} bytes; send the query in the body of a POST.")


def whole_body(request: Request, limit: int) -> bytes:
    """Return the body of a request: half a query must not be run, nor half a graph be stored.

    Raises:
        RequestEntityTooLarge: It has more bytes than ``limit``.
        UsageError: The client left before it had sent all.
    """
    request.max_content_length = limit
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= limit:
        raise RequestEntityTooLarge  # what comes in chunks is cut at the limit without a word
    if not is_whole(request.environ, len(body)):
        raise UsageError("The body ends before it is whole.")
    return body


def _base(environ: WSGIEnvironment, settings: Settings) -> str:
    """Return the address of the endpoint, the base of relative IRIs by RFC 3986."""
    urls = Urls(settings)
    return urls.absolute(urls.sparql(), get_current_url(environ, host_only=True))


def _asked(parameters: Fields, query: str | None, base: str) -> Asked:
    asked = Asked(
        query=query if query and query.strip() else None,
        dataset=DatasetSelection(
            tuple(map(_graph, parameters.values("default-graph-uri"))),
            tuple(map(_graph, parameters.values("named-graph-uri"))),
        ),
        format=parameters.first("format") or None,
        inference=parameters.first("inference", "true").lower() not in _NO,
        timeout=seconds_of(parameters.first("timeout")),
        base=base,
    )
    if not asked.inference and (asked.dataset or asked.graphs_wanted()):
        raise UsageError("`inference=false` chooses the graphs itself: leave it out where the request names graphs.")
    return asked


def seconds_of(text: str | None) -> float | None:
    """Return the time limit that a request asks for; None where it asks for none."""
    if not text:
        return None
    if not _SECONDS.fullmatch(text) or float(text) <= 0:
        raise UsageError(f"`timeout` is a number of seconds above 0, such as 2.5, not {text!r}.")
    return float(text)


def _body(request: Request, limit: int) -> bytes:
    charset = request.mimetype_params.get("charset", _CHARSETS[0]).lower()
    if charset not in _CHARSETS:
        raise UnsupportedMediaType(f"SPARQL is read as UTF-8, not as {charset}.")
    if request.content_encoding:
        raise UnsupportedMediaType(f"A body is read as it is, not in the coding {request.content_encoding}.")
    body = whole_body(request, limit)
    request.environ["wsgi.input"] = io.BytesIO(body)
    return body


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise UsageError(f"The query is not UTF-8: byte {fault.start} cannot be read.") from None


def _graph(iri: str) -> str:
    try:
        return ox.NamedNode(iri).value
    except ValueError:
        raise UsageError(f"{iri!r} is not the IRI of a graph.") from None
