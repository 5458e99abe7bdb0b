"""Compresses answers: Zstandard, Brotli or gzip, as the client likes best.

Layer: web; imports nothing of the package. Specification: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Protocol

import brotli
from flask import Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["CODINGS", "FEWEST_BYTES", "accepted_coding", "compress", "encoded", "stream"]

CODINGS = ("zstd", "br", "gzip")
# The first level takes a tenth of the time of the usual one and makes results of queries nearly as small.
_LEVEL = 1
# Less than this fits into one packet anyway.
FEWEST_BYTES = 512
_TEXTUAL = ("text/", "application/")
_PACKED = ("application/gzip", "application/zip", "application/octet-stream")


class _Coder(Protocol):
    def add(self, data: bytes) -> bytes:
        """Return what can be sent of ``data`` and all before it."""

    def end(self) -> bytes:
        """Return the end."""


class _Zstandard:
    def __init__(self) -> None:
        self._coder = zstd.ZstdCompressor(level=_LEVEL)

    def add(self, data: bytes) -> bytes:
        return self._coder.compress(data, mode=zstd.ZstdCompressor.FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._coder.flush()


class _Brotli:
    def __init__(self) -> None:
        self._coder = brotli.Compressor(quality=_LEVEL)

    def add(self, data: bytes) -> bytes:
        return bytes(self._coder.process(data) + self._coder.flush())

    def end(self) -> bytes:
        return bytes(self._coder.finish())


class _Gzip:
    def __init__(self) -> None:
        self._coder = zlib.compressobj(_LEVEL, wbits=31)

    def add(self, data: bytes) -> bytes:
        return self._coder.compress(data) + self._coder.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._coder.flush()


_CODERS: dict[str, type[_Coder]] = {"zstd": _Zstandard, "br": _Brotli, "gzip": _Gzip}


@lru_cache(maxsize=256)
def accepted_coding(accept: str | None) -> str | None:
    """Return the coding of ``CODINGS`` that Accept-Encoding likes best; None for the answer as it is."""
    accepted = parse_accept_header(accept, Accept)
    weights = {coding: accepted.quality(coding) for coding in CODINGS}
    best = max(CODINGS, key=lambda coding: weights[coding])
    return best if weights[best] > 0 and weights[best] >= accepted.quality("identity") else None


def encoded(body: bytes, coding: str) -> bytes:
    """Return ``body`` in ``coding``."""
    coder = _CODERS[coding]()
    return coder.add(body) + coder.end()


def stream(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield each of ``chunks`` in ``coding``, so that it can be read at once."""
    coder = _CODERS[coding]()
    # An error in the middle must reach the server, which breaks the transfer: nothing here may close the coding.
    for chunk in chunks:
        yield coder.add(chunk)
    yield coder.end()


def compress(response: Response) -> Response:
    """Compress a response where that helps and the client reads it; a stream piece by piece."""
    if response.direct_passthrough or not _worth_while(response):
        return response
    response.vary.add("Accept-Encoding")
    coding = accepted_coding(request.headers.get("Accept-Encoding"))
    if coding is None or "Content-Encoding" in response.headers or not response.response:
        return response
    if response.is_streamed:
        response.response = stream(response.iter_encoded(), coding)
        response.headers.pop("Content-Length", None)
    else:
        body = response.get_data()
        if len(body) < FEWEST_BYTES:
            return response
        response.set_data(encoded(body, coding))
    response.headers["Content-Encoding"] = coding
    return response


def _worth_while(response: Response) -> bool:
    kind = response.mimetype or ""
    return response.status_code == 304 or (kind.startswith(_TEXTUAL) and kind not in _PACKED)
