"""Asks another SPARQL server, without being led astray: the client behind SERVICE.

The name of the host is resolved first and every address it has is looked at; the connection goes to one of these very
addresses, so that a name that changes its mind afterwards leads nowhere else. Each redirect is treated like the first
address. What comes back is bounded in time and size, and read only where it says that it is an answer.
Layer: imports ``addresses`` and ``errors``. Specification: https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlencode, urljoin

from abckg.errors import QueryRefused, StoreError
from abckg.federation.addresses import AllowList, Endpoint, is_public

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["ANSWERS", "Bounds", "Elsewhere", "ElsewhereError", "Resolve", "Unbounded"]

ANSWERS = ("application/sparql-results+json", "application/sparql-results+xml")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 1 << 16
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": f"{ANSWERS[0]}, {ANSWERS[1]};q=0.8",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "abckg",
}

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]


class ElsewhereError(StoreError):
    """The other server gave no answer; SERVICE SILENT goes on without it."""


class Unbounded(StoreError):
    """The other server gave more than is read."""


@dataclass(frozen=True)
class Bounds:
    """How much is borne: seconds for a call with its redirects, bytes of an answer, redirects."""

    seconds: float = 20.0
    size: int = 8 << 20
    redirects: int = 3


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Elsewhere:
    """The servers that may be asked.

    Args:
        allowed: Which they are.
        bounds: How much is borne.
        resolve: Returns the addresses of a host.
        is_permitted: Whether a connection to an address may be made.
    """

    def __init__(
        self,
        allowed: AllowList,
        bounds: Bounds | None = None,
        *,
        resolve: Resolve = _resolve,
        is_permitted: Callable[[str], bool] = is_public,
    ) -> None:
        self.allowed = allowed
        self._bounds = bounds or Bounds()
        self._resolve = resolve
        self._is_permitted = is_permitted

    def ask(self, url: str, query: str) -> tuple[str, bytes]:
        """Return the media type and the body of the answer of the endpoint ``url`` to a SELECT query.

        Raises:
            QueryRefused: It, or what it redirects to, may not be asked.
            Unbounded: The answer is too long.
            ElsewhereError: It does not answer, in time and with the results of a query.
        """
        deadline = time.monotonic() + self._bounds.seconds
        body = urlencode({"query": query})
        for _ in range(self._bounds.redirects + 1):
            endpoint = self.allowed.permitted(url)
            try:
                found = self._exchange(endpoint, body, deadline)
            except (OSError, http.client.HTTPException) as fault:
                raise ElsewhereError(f"{url} does not answer: {fault or type(fault).__name__}") from fault
            if isinstance(found, tuple):
                return found
            url = urljoin(url, found)
        raise ElsewhereError(f"{url}: more than {self._bounds.redirects} redirects were not followed.")

    def _exchange(self, endpoint: Endpoint, body: str, deadline: float) -> tuple[str, bytes] | str:
        """Return the answer, or where the request is sent on to."""
        connection = _Connection(endpoint, self._address(endpoint), deadline)
        try:
            connection.request("POST", endpoint.target, body, _HEADERS)
            response = connection.getresponse()
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                return location
            kind = response.headers.get_content_type()
            if response.status != 200 or kind not in ANSWERS or response.headers.get("Content-Encoding"):
                raise ElsewhereError(f"{endpoint.host} gave no results: status {response.status}, type {kind}.")
            return kind, self._read(endpoint, response)
        finally:
            connection.close()

    def _address(self, endpoint: Endpoint) -> str:
        addresses = self._resolve(endpoint.host, endpoint.port)
        refused = [address for address in addresses if not self._is_permitted(address)]
        if refused or not addresses:
            # Not one of them: a host that is half inside the network is none to talk to. Which it was is not told.
            raise QueryRefused(f"SERVICE at {endpoint.host} is refused: it is not on the public internet.")
        return addresses[0]

    def _read(self, endpoint: Endpoint, response: http.client.HTTPResponse) -> bytes:
        pieces = bytearray()
        while True:
            piece = response.read1(_PIECE)
            if not piece:
                if response.length:
                    raise http.client.IncompleteRead(bytes(pieces), response.length)
                return bytes(pieces)
            pieces += piece
            if len(pieces) > self._bounds.size:
                raise Unbounded(f"{endpoint.host} gave more than {self._bounds.size} bytes; ask it for less.")


class _Connection(http.client.HTTPConnection):
    """A connection to one address, under the name of its host; nothing on it is waited for beyond a deadline."""

    def __init__(self, endpoint: Endpoint, address: str, deadline: float) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=_left(deadline))
        self._endpoint = endpoint
        self._place = (address, endpoint.port)
        self._deadline = deadline

    def connect(self) -> None:
        """Connect to the address; for https, only to who has the certificate of the host."""
        made = socket.create_connection(self._place, _left(self._deadline))
        if self._endpoint.scheme == "https":
            made.settimeout(_left(self._deadline))
            made = ssl.create_default_context().wrap_socket(made, server_hostname=self._endpoint.host)
        self.sock = _Socket(made, self._deadline)


class _Socket:
    """What a connection of HTTP needs of a socket; a timeout of a socket would begin anew with every byte."""

    def __init__(self, made: socket.socket, deadline: float) -> None:
        self._made, self._deadline = made, deadline

    def sendall(self, data: bytes) -> None:
        self._made.settimeout(_left(self._deadline))
        self._made.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Received(self._made, self._deadline))

    def close(self) -> None:
        self._made.close()  # what was made of it stays readable


class _Received(io.RawIOBase):
    """What comes in."""

    def __init__(self, made: socket.socket, deadline: float) -> None:
        self._made, self._deadline = made, deadline
        self._raw = made.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._made.settimeout(_left(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left
