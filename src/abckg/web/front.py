"""Answers a request of the endpoint that is the same as an earlier one, before the application sees it.

Only what the application marked is answered here, with the very headers it gave, as long as the version of the data is
the same. This takes a tenth of the time that the way through the application takes.
Layer: web; imports nothing of the package but its web modules.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response, g, request
from werkzeug.http import parse_etags

from abckg.web.access import log_repeated
from abckg.web.cache import Kept
from abckg.web.site import Site, site

__all__ = ["Front", "keep", "mark"]

_PATH = "/sparql"
_OF_A_BODY = frozenset({"content-type", "content-length", "content-encoding"})
# All that an answer to a GET may depend on; an Origin only where not every origin gets the same headers.
_HEADERS = ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_HOST", "wsgi.url_scheme")


class Front:
    """Wraps an application."""

    def __init__(self, application: WSGIApplication, current: Site) -> None:
        self._application = application
        self._site = current

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the cache, or pass the request on."""
        started = time.perf_counter()
        key = _key(environ, self._site)
        kept = self._site.cache.get(key, None) if key else None
        if kept is None:
            return self._application(environ, start_response)
        tag = kept.header("etag")
        unchanged = bool(tag) and _has(environ.get("HTTP_IF_NONE_MATCH"), tag)
        status = 304 if unchanged else 200
        headers = [pair for pair in kept.headers if not (unchanged and pair[0].lower() in _OF_A_BODY)]
        start_response("304 NOT MODIFIED" if unchanged else "200 OK", headers)
        log_repeated(self._site.metrics, kept, status, time.perf_counter() - started, self._site.cache.size)
        return () if unchanged else (kept.body,)


def mark(query: str) -> None:
    """Say of the current request that its answer may be given again; ``query`` stands in the log then."""
    g.repeatable = query


def keep(response: Response) -> Response:
    """Keep a complete answer that was marked, with its headers."""
    query = g.get("repeatable")
    if query is None or response.status_code != 200 or response.is_streamed or not response.headers.get("ETag"):
        return response
    key = _key(request.environ, site())
    if key:
        body = response.get_data()
        response.headers["Content-Length"] = str(len(body))
        headers = tuple(response.headers.to_wsgi_list())
        coding = response.headers.get("Content-Encoding")
        site().cache.put(key, None, Kept(body, response.content_type or "", coding, headers, query))
    return response


def _key(environ: WSGIEnvironment, current: Site) -> str:
    """Return the key of a request, empty where it is not one that is answered here."""
    if environ.get("REQUEST_METHOD") != "GET" or environ.get("PATH_INFO") != _PATH or not current.store.version:
        return ""
    search = environ.get("QUERY_STRING", "")
    if not search or len(search) > current.settings.max_address_length:
        return ""
    origin = "" if current.settings.cors_origins == "*" else environ.get("HTTP_ORIGIN", "")
    return "\0".join(("front", current.store.version, search, origin, *(str(environ.get(name)) for name in _HEADERS)))


def _has(sent: str | None, tag: str) -> bool:
    return bool(sent) and parse_etags(sent).contains_raw(tag)
