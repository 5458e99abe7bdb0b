"""Reads a request that is there in full, as the environment of a WSGI application.

What is not plain is left to the server behind, whose business every oddity of HTTP is: this reads to answer soon, and
refuses nothing. Layer: web; imports nothing of the package.
Specifications: RFC 9112, https://peps.python.org/pep-3333/
"""

from __future__ import annotations

import io
import re
import sys
from functools import cache
from typing import NamedTuple
from wsgiref.types import WSGIEnvironment

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

__all__ = ["Partial", "Request", "read"]

_END = b"\r\n\r\n"
# What every parser takes for the same: two blanks, the letters of addresses, no fragment (RFC 9112 3, RFC 3986).
_PLAIN = re.compile(rb"(?:GET|POST) /[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]* HTTP/1\.1\r\n[!#$%&'*+\-.^`|~\w]")
_NOT_PLAIN = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"content-encoding", b"proxy-connection"})
_ONCE = frozenset({"HTTP_HOST", "CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_IF_NONE_MATCH", "HTTP_ORIGIN"})
_METHODS = {b"GET": "GET", b"POST": "POST"}


class Request(NamedTuple):
    """A request, how many bytes it takes, and whether its connection goes on after it."""

    environ: WSGIEnvironment
    size: int
    is_kept: bool


class Partial(NamedTuple):
    """A request whose body is not all there; ``size`` is how many bytes it takes with it."""

    size: int


class _Reader:
    def __init__(self) -> None:
        self.parser = HttpRequestParser(self)
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self.is_complete = self.is_kept = False

    def on_url(self, piece: bytes) -> None:
        self.target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        self.is_kept = self.parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        self.body.append(piece)

    def on_message_complete(self) -> None:
        self.is_complete = True


def read(data: bytes, host: str, port: int) -> Request | Partial | None:
    """Return the request with which ``data`` begin; None where its head is not all there, or it is not plain.

    Args:
        data: What has come.
        host: The address that it came to.
        port: The port that it came to.
    """
    end = data.find(_END)
    if end < 0 or not _PLAIN.match(data):
        return None
    size = end + len(_END)
    reader = _Reader()
    parser = reader.parser
    try:
        parser.feed_data(data[:size])
        if not reader.is_complete:
            length = next((int(value) for name, value in reader.fields if name.lower() == b"content-length"), 0)
            parser.feed_data(data[size : size + length])
            size += length
    except (HttpParserError, HttpParserUpgrade, ValueError):
        return None
    method = _METHODS.get(parser.get_method())
    headers = _headers(reader.fields)
    if headers is None or method is None:
        return None
    if not reader.is_complete:
        return Partial(size)
    environ: WSGIEnvironment = {"REQUEST_METHOD": method, **_fixed(host, port), **headers}
    path, _, environ["QUERY_STRING"] = reader.target.decode("latin-1").partition("?")
    environ["PATH_INFO"] = path
    environ["wsgi.input"] = io.BytesIO(b"".join(reader.body))
    return Request(environ, size, reader.is_kept)


@cache
def _fixed(host: str, port: int) -> WSGIEnvironment:
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _headers(fields: list[tuple[bytes, bytes]]) -> dict[str, str] | None:
    headers: dict[str, str] = {}
    for name, value in fields:
        lower = name.lower()
        if lower in _NOT_PLAIN or b"_" in lower:
            return None
        key = lower.decode("latin-1").upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        if key in headers:
            if key in _ONCE:
                return None
            headers[key] = f"{headers[key]},{value.decode('latin-1')}"
        else:
            headers[key] = value.decode("latin-1")
    return headers if "HTTP_HOST" in headers else None
