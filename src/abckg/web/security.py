"""The headers that every answer has, and the path prefix of a proxy.

Layer: web; imports nothing of the package. Specification: https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response

__all__ = ["SAFETY", "PathPrefix", "add_headers"]

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SAFETY = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class PathPrefix:
    """Removes the path prefix under which a proxy shows the application, where the proxy has not."""

    def __init__(self, application: WSGIApplication, prefix: str) -> None:
        self._application = application
        self._prefix = prefix

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on."""
        path = environ.get("PATH_INFO", "")
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            environ = {**environ, "PATH_INFO": path[len(self._prefix) :] or "/", "SCRIPT_NAME": self._prefix}
        return self._application(environ, start_response)


def add_headers(response: Response) -> Response:
    """Give ``response`` the headers for safety."""
    for name, value in SAFETY.items():
        response.headers.setdefault(name, value)
    return response
