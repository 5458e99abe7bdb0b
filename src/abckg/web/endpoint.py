"""The SPARQL endpoint for programs: a WSGI callable of its own: a framework takes longer than a small answer.

A request goes through in five steps: what was given before is given again; the request is read; its form is chosen
before anything is computed; the answer is computed; it is sent with the headers that every answer has. Where there is
no query, where the reader wants a page, and for the wording of every error, the application behind it takes over.
Layer: web; imports ``formats``, ``safety`` and ``store``.
Specification: https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.http import parse_etags

from abckg.errors import NotAcceptable, QueryRefused, QuerySyntaxError, UsageError
from abckg.formats import formats_for
from abckg.safety import kind_of
from abckg.store import Answer, Choose, Document, Question
from abckg.web.access import STARTED, Entry, log, note_query
from abckg.web.breaking import break_when_failing
from abckg.web.cache import Kept, Key, kept_on_the_way
from abckg.web.coding import FEWEST_BYTES, accepted_coding, encoded, stream
from abckg.web.connection import CARRIED, presence, waited
from abckg.web.cors import cors_headers
from abckg.web.negotiation import Choice, chosen, offers
from abckg.web.protocol import UPDATE, Asked, read_request
from abckg.web.security import SAFETY
from abckg.web.site import Site

__all__ = ["PATH", "Endpoint", "Reply", "ask_store", "document_of", "handed_over"]

PATH = "/sparql"
_ASKED = "abckg.asked"
_FAULT = "abckg.fault"
_OF_A_BODY = frozenset({"Content-Type", "Content-Length", "Content-Encoding"})

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    """A response: its entry in the log is complete but for the time that it took."""

    status: str
    headers: Headers
    body: Iterable[bytes]
    entry: Entry


class Endpoint:
    """Stands before an application and answers what programs ask of ``PATH``."""

    def __init__(self, application: WSGIApplication, current: Site) -> None:
        self._application = application
        self._site = current

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        environ[CARRIED] = self._site.carried.get(environ.get("REMOTE_ADDR", ""))
        if environ.get("PATH_INFO") != PATH or environ["REQUEST_METHOD"] not in ("GET", "HEAD", "POST"):
            return self._application(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST" and _media_type(environ) == UPDATE:
            return self._application(environ, start_response)
        environ[STARTED] = started = time.perf_counter()
        try:
            reply = self.reply(environ)
        except Exception as fault:  # the edge: the application words every error
            environ[_FAULT] = fault
            reply = None
        if reply is None:
            return self._application(environ, start_response)
        start_response(reply.status, reply.headers)
        if isinstance(reply.body, _Stream):
            reply.body.when_closed(lambda: log(self._site, reply.entry, started))
            return reply.body
        log(self._site, reply.entry, started)
        return () if environ["REQUEST_METHOD"] == "HEAD" else reply.body

    def reply(self, environ: WSGIEnvironment) -> Reply | None:
        """Return the answer; None, or an error, where the application behind has to give it."""
        key = _key(environ, self._site)
        kept = self._site.cache.get(key) if key else None
        return _again(environ, kept) if kept else self._answer(environ, key)

    def _answer(self, environ: WSGIEnvironment, key: Key) -> Reply | None:
        current = self._site
        environ[_ASKED] = asked = read_request(environ, current.settings)
        if asked.query is None:
            return None
        refuse_unknown_graphs(current, asked)
        # The form is chosen before anything is computed: what the client cannot read is not worth computing.
        choice = chosen(kind_of(asked.query) or "solutions", asked.format, environ.get("HTTP_ACCEPT"), html=True)
        if choice.format is None:
            return None
        exchange = _Exchange(current, environ, asked, choice)
        return exchange.unchanged() or exchange.answer(key)


class _Exchange:
    """One request whose form is chosen, on the way to its response."""

    def __init__(self, current: Site, environ: WSGIEnvironment, asked: Asked, choice: Choice) -> None:
        self._site, self._environ, self._asked, self._choice = current, environ, asked, choice
        self._reads = environ["REQUEST_METHOD"] != "POST"
        self._version = current.store.version
        self._key = "" if asked.is_volatile else current.etag("sparql", choice.content_type, asked.key)
        self._coding = accepted_coding(environ.get("HTTP_ACCEPT_ENCODING"))

    def unchanged(self) -> Reply | None:
        """Return the answer 304 where the client has the answer already."""
        if not (self._key and self._reads and _has(self._environ.get("HTTP_IF_NONE_MATCH"), f'W/"{self._key}"')):
            return None
        headers = [pair for pair in self._headers(self._choice, self._key, None) if pair[0] not in _OF_A_BODY]
        return Reply("304 NOT MODIFIED", headers, (), self._entry(304, 0, "not_modified"))

    def answer(self, raw_key: Key) -> Reply:
        """Return the answer, from the cache or from the store, in the coding that the client reads."""
        cache, key = self._site.cache, self._key
        whole = cache.get((key,)) if key else None
        cached = "hit" if whole else "miss" if key else "uncacheable"
        if whole is None:
            choice, found = self._computed()
            if not isinstance(found.chunks, tuple):
                return self._streamed(choice, found.chunks, cached)
            whole = Kept(b"".join(found.chunks), choice.content_type)
            key = key if self._is_current() else ""
            if key:
                cache.put((key,), whole)
        coding = self._coding if len(whole.body) >= FEWEST_BYTES else None
        body = encoded(whole.body, coding) if coding else whole.body
        headers = self._headers(Choice(self._choice.format, whole.content_type), key, coding)
        headers.append(("Content-Length", str(len(body))))
        if raw_key and key:
            cache.put(raw_key, Kept(body, whole.content_type, tuple(headers), self._asked.query or ""))
        return Reply("200 OK", headers, (body,), self._entry(200, len(body), cached, coding))

    def _is_current(self) -> bool:
        """Return whether the data are still those of the beginning; else it cannot be told which ones were read."""
        return self._site.store.version == self._version

    def _computed(self) -> tuple[Choice, Document]:
        choice, asked = self._choice, self._asked

        def choice_for(kind: str) -> Choice:
            # Its kind could not always be told from its text.
            if choice.format in formats_for(kind):
                return choice
            return chosen(kind, asked.format, self._environ.get("HTTP_ACCEPT"), html=False)

        found = ask_store(self._site, asked, self._environ, lambda kind: choice_for(kind).format)
        if isinstance(found, Answer):
            raise NotAcceptable(f"The answer is had in a format; {offers(formats_for(found.kind))}")
        return choice_for(found.kind), found

    def _streamed(self, choice: Choice, chunks: Iterable[bytes], cached: str) -> Reply:
        """Return a response that is sent piece by piece, and kept when the last piece was."""

        def keep(body: bytes) -> None:
            if self._is_current():
                self._site.cache.put((self._key,), Kept(body, choice.content_type))

        takes = self._site.cache.takes if self._key else lambda _: False
        pieces = kept_on_the_way(chunks, takes, keep)
        sent = stream(pieces, self._coding) if self._coding else pieces
        body = _Stream(chunks, break_when_failing(sent))
        headers = self._headers(choice, self._key, self._coding)
        return Reply("200 OK", headers, body, self._entry(200, None, cached, self._coding))

    def _headers(self, choice: Choice, key: str, coding: str | None) -> Headers:
        headers = [("Content-Type", choice.content_type)]
        if coding:
            headers.append(("Content-Encoding", coding))
        if self._reads and key:
            headers += [("ETag", f'W/"{key}"'), ("Cache-Control", "no-cache")]
        elif self._reads:
            headers.append(("Cache-Control", "no-store"))
        return [*headers, *_common_headers(self._site.settings.cors_origins, self._environ.get("HTTP_ORIGIN"))]

    def _entry(self, status: int, size: int | None, cached: str, coding: str | None = None) -> Entry:
        return Entry(
            method=self._environ["REQUEST_METHOD"],
            path=PATH,
            route=PATH,
            status=status,
            size=size,
            media_type=self._choice.content_type.partition(";")[0],
            coding=coding,
            query=self._asked.query,
            cache=cached,
            agent=self._environ.get("HTTP_USER_AGENT"),
        )


class _Stream:
    """The pieces of a long answer; what was begun is ended when the server closes it, sent or not."""

    def __init__(self, chunks: Iterable[bytes], pieces: Iterator[bytes]) -> None:
        self._chunks, self._pieces = chunks, pieces
        self._closed: Callable[[], None] = lambda: None

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def when_closed(self, done: Callable[[], None]) -> None:
        """Have ``done`` called at the end."""
        self._closed = done

    def close(self) -> None:
        """End it; called by the server."""
        getattr(self._chunks, "close", lambda: None)()
        self._closed()


def _media_type(environ: WSGIEnvironment) -> str:
    return str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def handed_over(environ: WSGIEnvironment) -> Asked:
    """Return what the request asks, as the endpoint read it; raise what it raised.

    Raises:
        UsageError: The endpoint did not read it: method or path are not written as they are.
    """
    asked: Asked | None = environ.get(_ASKED)
    if asked is not None and asked.query is not None:
        note_query(asked.query)
    if _FAULT in environ:
        raise environ[_FAULT]
    if asked is None:  # routes are found by "get" and "//sparql" as well
        raise UsageError(f"Ask by GET, HEAD or POST of {PATH}, written so.")
    return asked


def document_of(
    current: Site, environ: WSGIEnvironment, asked: Asked, choice: Choice
) -> tuple[str, Headers, Iterable[bytes]]:
    """Return status, headers and body of the answer to a query that does not come from the client as it is."""
    exchange = _Exchange(current, environ, asked, choice)
    reply = exchange.unchanged() or exchange.answer(())
    return reply.status, reply.headers, reply.body


def refuse_unknown_graphs(current: Site, asked: Asked) -> None:
    """Raise QueryRefused where the query names a graph by FROM that is not here: none is ever fetched."""
    wanted = asked.graphs_wanted()
    unknown = current.without_graph(wanted) if wanted else ()
    if unknown:
        raise QueryRefused(
            f"FROM <{unknown[0]}> is refused: this server holds no graph of that name, and fetches none. "
            "Its description lists the graphs it holds: ask this address for text/turtle without a query."
        )


def ask_store(current: Site, asked: Asked, environ: WSGIEnvironment, choose: Choose) -> Answer | Document:
    """Ask the store: the one place where a query of a client is run."""
    question = Question(
        text=asked.text,
        inference=asked.inference,
        dataset=asked.dataset or None,
        timeout=asked.timeout,
        rows=current.settings.page_rows,
        prefixes=current.prefixes,
        is_wanted=presence(environ, current.carried),
        waited=waited(environ, current.carried),
    )
    try:
        return current.store.run(question, choose)
    except QuerySyntaxError as fault:
        if fault.line == 1 and fault.column is not None and asked.head:
            # The place is told in the text that the client sent.
            raise QuerySyntaxError(fault.reason, 1, fault.column - len(asked.head)) from fault
        raise


@lru_cache(maxsize=256)
def _common_headers(origins: str, origin: str | None) -> tuple[tuple[str, str], ...]:
    """Return what every answer says; the same objects each time, as thousands of answers keep them."""
    shared, varies = cors_headers(origins, origin)
    vary = "Accept, Accept-Encoding, Origin" if varies else "Accept, Accept-Encoding"
    return (("Vary", vary), *shared.items(), *SAFETY.items())


def _key(environ: WSGIEnvironment, current: Site) -> Key:
    """Return all that the answer to a GET may depend on; empty where it is not one that may be given again."""
    address = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "GET" or not address or not current.store.version:
        return ()
    if len(address) > current.settings.max_address_length:
        return ()
    everyone = current.settings.cors_origins == "*"
    return (
        current.store.version,
        address,
        environ.get("HTTP_ACCEPT", ""),
        environ.get("HTTP_ACCEPT_ENCODING", ""),
        environ.get("HTTP_HOST", ""),
        environ["wsgi.url_scheme"],
        "" if everyone else environ.get("HTTP_ORIGIN", ""),
    )


def _again(environ: WSGIEnvironment, kept: Kept) -> Reply:
    tag = kept.header("ETag")
    unchanged = _has(environ.get("HTTP_IF_NONE_MATCH"), tag)
    entry = Entry(
        method="GET",
        path=PATH,
        route=PATH,
        status=304 if unchanged else 200,
        size=0 if unchanged else len(kept.body),
        media_type=kept.content_type.partition(";")[0],
        coding=kept.header("Content-Encoding") or None,
        query=kept.query,
        cache="not_modified" if unchanged else "hit",
        agent=environ.get("HTTP_USER_AGENT"),
    )
    if unchanged:
        return Reply("304 NOT MODIFIED", [pair for pair in kept.headers if pair[0] not in _OF_A_BODY], (), entry)
    return Reply("200 OK", list(kept.headers), (kept.body,), entry)


def _has(sent: str | None, tag: str) -> bool:
    return sent is not None and (sent == tag or parse_etags(sent).contains_raw(tag))
