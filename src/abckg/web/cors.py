"""Says which pages on the web may ask this server, and answers the question that a browser asks first.

Nobody signs in here: an answer holds nothing that the asking page could not get by itself.
Layer: web; imports ``settings``. Specification: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from flask import Response, request

from abckg.web.site import site

__all__ = ["add_cors"]

_EVERYONE = "*"
_DAY = "86400"
_READABLE = "ETag, Link, Location, Retry-After"
_SENDABLE = "Accept, Accept-Language, Content-Type, If-None-Match"
_METHODS = "GET, HEAD, POST, OPTIONS"


def add_cors(response: Response) -> Response:
    """Give ``response`` the headers by which a browser lets a page read it, where the page may."""
    allowed = site().settings.cors_origins.split()
    origin = request.headers.get("Origin")
    if _EVERYONE not in allowed:
        response.vary.add("Origin")
        if origin not in allowed:
            return response
    response.headers["Access-Control-Allow-Origin"] = _EVERYONE if _EVERYONE in allowed or not origin else origin
    response.headers["Access-Control-Expose-Headers"] = _READABLE
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = _SENDABLE
        response.headers["Access-Control-Max-Age"] = _DAY
    return response
