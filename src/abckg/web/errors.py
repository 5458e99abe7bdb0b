"""One shape for every error: RFC 9457 problem details, or a page for a browser; never a traceback.

Layer: web; imports ``errors``. Specification: https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from http import HTTPStatus

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from abckg.errors import AbckgError, MalformedGraph, NotAuthorized, QuerySyntaxError, ShapesViolated, StoreError
from abckg.web.negotiation import HTML, best_media_type, prefers_html
from abckg.web.rendering import render
from abckg.web.site import site

__all__ = ["PROBLEM", "install"]

PROBLEM = "application/problem+json"
_TURTLE = "text/turtle"
_DETAILS = {
    400: "The request cannot be understood.",
    404: "Nothing has this address.",
    405: "The address does not answer this method; the Allow header names those it does.",
    413: "The body is longer than the server reads; send a shorter query.",
    414: "The address is longer than the server reads; send the query in the body of a POST.",
    500: "The fault is the server's; it is in the log.",
}
_RETRY_SECONDS = "5"

_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Make ``app`` answer every error in the one shape."""
    app.register_error_handler(AbckgError, _on_known)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_unknown)


def _on_known(fault: AbckgError) -> Response:
    if fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s %s: %s", request.method, request.path, fault)
    more: dict[str, object] = {}
    if isinstance(fault, QuerySyntaxError | MalformedGraph) and fault.line is not None:
        more = {"line": fault.line, "column": fault.column}
    if isinstance(fault, ShapesViolated):
        if best_media_type(request.headers.get("Accept"), (PROBLEM, _TURTLE, HTML)) == _TURTLE:
            return _report(fault)
        more = {"total": fault.total, "results": [asdict(violation) for violation in fault.violations]}
    response = _answer(fault.status, str(fault), more)
    if isinstance(fault, NotAuthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="abckg"'
    if isinstance(fault, StoreError):
        response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _report(fault: ShapesViolated) -> Response:
    response = Response(fault.report, status=fault.status, content_type=f"{_TURTLE}; charset=utf-8")
    response.vary.add("Accept")
    return response


def _on_http(fault: HTTPException) -> Response:
    code = fault.code or 500
    written = fault.description if fault.description != type(fault).description else None
    response = _answer(code, written or _DETAILS.get(code, HTTPStatus(code).description), {})
    for name, value in fault.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _on_unknown(fault: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.path, exc_info=fault)
    return _answer(500, _DETAILS[500], {})


def _query() -> str | None:
    """Return the query that was sent to the endpoint, to be mended on the page."""
    if request.path != "/sparql" or request.content_length:
        return None
    return request.args.get("query")


def _answer(status: int, detail: str, more: dict[str, object]) -> Response:
    title = HTTPStatus(status).phrase
    if prefers_html(request.headers.get("Accept"), PROBLEM) and "abckg" in current_app.extensions:
        try:
            response = render(
                site(), "error.html", status=status, title=title, detail=detail, position=more, query=_query()
            )
        except Exception:  # the edge: an error page that fails must not hide the first error
            _log.exception("the error page failed")
        else:
            response.status_code = status
            return response
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM)
    response.vary.add("Accept")
    return response
