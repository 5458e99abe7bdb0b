"""Says which pages on the web may ask this server, and answers the question that a browser asks first.

Nobody signs in here: an answer holds nothing that the asking page could not get by itself.
Layer: web; imports nothing of the package. Specification: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from flask import Response, request

from abckg.web.site import site

__all__ = ["add_cors", "cors_headers"]

_EVERYONE = "*"
_DAY = "86400"
_READABLE = "ETag, Link, Location, Retry-After"
_SENDABLE = "Accept, Accept-Language, Content-Type, If-None-Match"
_METHODS = "GET, HEAD, POST, OPTIONS"


def add_cors(response: Response) -> Response:
    """Give ``response`` the headers by which a browser lets a page read it, where the page may."""
    headers, varies = cors_headers(site().settings.cors_origins, request.headers.get("Origin"))
    if varies:
        response.vary.add("Origin")
    response.headers.update(headers)
    if headers and request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = _SENDABLE
        response.headers["Access-Control-Max-Age"] = _DAY
    return response


@lru_cache(maxsize=256)
def cors_headers(origins: str, origin: str | None) -> tuple[Mapping[str, str], bool]:
    """Return the headers of an answer to a page of ``origin``, and whether another origin would get others.

    Args:
        origins: Those whose pages may ask, by spaces.
        origin: The one that asks, if there is one.
    """
    allowed = origins.split()
    varies = _EVERYONE not in allowed
    if varies and origin not in allowed:
        return {}, True
    permitted = origin if varies and origin else _EVERYONE
    return {"Access-Control-Allow-Origin": permitted, "Access-Control-Expose-Headers": _READABLE}, varies
