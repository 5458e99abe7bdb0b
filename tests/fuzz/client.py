"""A client that sends bytes as they are and sees whether the server bears them."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["BORNE", "Client", "Reply"]

# What a request that makes no sense may be answered with: never 500, 501 or 502.
BORNE = {200, 206, 302, 303, 304, 400, 403, 404, 405, 406, 412, 413, 414, 415, 416, 431, 503, 504}
_QUICK = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\n\r\n"


@dataclass(frozen=True)
class Reply:
    """A response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Client:
    """A connection that is kept as long as the server keeps it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._place = (parts.hostname or "", parts.port or 80)
        self._socket: socket.socket | None = None

    def send(self, request: bytes, method: str = "GET") -> Reply:
        """Send a request and return the response, the status 400 where the server just hangs up."""
        if self._socket is None:
            self._socket = socket.create_connection(self._place, timeout=30)
        try:
            self._socket.sendall(request)
            with http.client.HTTPResponse(self._socket, method=method) as response:
                response.begin()
                reply = Reply(response.status, response.headers, response.read())
                is_closing = response.will_close
        except (ConnectionError, http.client.RemoteDisconnected):
            reply, is_closing = Reply(400, http.client.HTTPMessage(), b""), True
        if is_closing:
            self.close()
        return reply

    def check(self, request: bytes, method: str = "GET") -> Reply:
        """Send a request and see that it is borne, says no secret and leaves the server ready for the next one."""
        reply = self.send(request, method)
        assert reply.status in BORNE, (reply.status, request[:2000], reply.body[:500])
        assert b"Traceback" not in reply.body
        if reply.headers.get_content_type() == "application/problem+json" and reply.body:
            assert json.loads(reply.body)["status"] == reply.status
        assert self.send(_QUICK).status == 200, request[:2000]
        return reply

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
