"""Which other servers may be asked: those on a list, and never a machine of the network that this one stands in.

Layer: imports ``errors``. Specifications: https://www.rfc-editor.org/rfc/rfc6890 and
https://www.iana.org/assignments/iana-ipv6-special-registry/
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from abckg.errors import QueryRefused, UsageError

__all__ = ["AllowList", "Endpoint", "is_public"]

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_DOTS = re.compile(r"/\.{1,2}(?:[/;]|$)|%(?:2e|2f|5c)", re.IGNORECASE)
_IPV6 = ipaddress.IPv6Network("2000::/3")
# Inside of it: what embeds or stands for an address of IPv4 (6to4, Teredo), documentation, benchmarks, ORCHID.
_IPV6_SPECIAL = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_IPV4_SPECIAL = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4")))


@dataclass(frozen=True)
class Endpoint:
    """An address on the web, taken apart.

    Attributes:
        scheme: ``http`` or ``https``.
        host: The name or the number of the host, in lower case; numbers of IPv6 without brackets.
        port: The port, also where it is the usual one.
        path: The path, ``/`` where there is none.
        search: What stands after the question mark.
    """

    scheme: str
    host: str
    port: int
    path: str
    search: str = ""

    @classmethod
    def of(cls, url: str) -> Endpoint:
        """Take ``url`` apart; ValueError where it is no plain address of the web: nothing is repaired here."""
        if not _PRINTABLE.fullmatch(url) or "\\" in url or "#" in url:
            raise ValueError("it has characters that do not belong into it")
        parts = urlsplit(url)
        place = parts.netloc.lower()
        host = place.rpartition(":")[0] if parts.port is not None else place.removesuffix(":")
        if parts.scheme not in _PORTS:
            raise ValueError("it is neither http nor https")
        if not _HOST.fullmatch(host):
            raise ValueError("its host is no plain name")
        if _DOTS.search(parts.path):
            raise ValueError("its path has dots for a segment, or a slash or dot in code")
        port = parts.port if parts.port is not None else _PORTS[parts.scheme]
        return cls(parts.scheme, host.strip("[]").rstrip("."), port, parts.path or "/", parts.query)

    @property
    def target(self) -> str:
        """What the request line says."""
        return f"{self.path}?{self.search}" if self.search else self.path

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return (self.scheme, self.host, self.port)


class AllowList:
    """The endpoints that may be asked: those under one of some prefixes.

    A prefix permits its own path and what is below it, at the very same scheme, host and port.

    Raises:
        UsageError: A prefix is no address of the web.
    """

    def __init__(self, prefixes: Iterable[str]) -> None:
        self._prefixes = tuple(map(_prefix, prefixes))

    def __bool__(self) -> bool:
        return bool(self._prefixes)

    def permitted(self, url: str) -> Endpoint:
        """Return ``url`` taken apart; QueryRefused where no prefix permits it."""
        try:
            endpoint = Endpoint.of(url)
        except ValueError as fault:
            raise QueryRefused(f"SERVICE <{url}> is refused: {fault}.") from None
        if not any(_is_under(endpoint, prefix) for prefix in self._prefixes):
            raise QueryRefused(f"SERVICE <{url}> is refused: this server may not ask it.")
        return endpoint


def is_public(address: str) -> bool:
    """Return whether ``address`` is the number of a single host on the public internet, and of no other kind."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False  # with a scope, or no number at all
    if not found.is_global or found.is_multicast or found.is_reserved or found.is_unspecified:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _IPV4_SPECIAL)
    # Addresses that carry one of IPv4 (mapped, compatible, NAT64) are outside of the one block that is given out.
    return found in _IPV6 and not any(found in network for network in _IPV6_SPECIAL)


def _prefix(text: str) -> Endpoint:
    try:
        prefix = Endpoint.of(text)
    except ValueError as fault:
        raise UsageError(f"--allow-service {text}: this is no address of an endpoint: {fault}") from None
    if prefix.search:
        raise UsageError(f"--allow-service {text}: a prefix ends before the question mark")
    return prefix


def _is_under(endpoint: Endpoint, prefix: Endpoint) -> bool:
    below = prefix.path if prefix.path.endswith("/") else f"{prefix.path}/"
    return endpoint.origin == prefix.origin and (endpoint.path == prefix.path or endpoint.path.startswith(below))
