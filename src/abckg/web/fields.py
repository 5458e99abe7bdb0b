"""The fields of a form, in an address or in a body; nothing that is not UTF-8 is guessed at.

Layer: web; imports ``errors``. Specification: https://url.spec.whatwg.org/#application/x-www-form-urlencoded
"""

from __future__ import annotations

from codecs import escape_decode
from urllib.parse import unquote_to_bytes

from abckg.errors import UsageError

__all__ = ["Fields"]

_MOST_FIELDS = 200


class Fields:
    """Names, each with its values in the order in which they were sent.

    Args:
        encoded: The forms, percent-encoded.

    Raises:
        UsageError: They have too many fields, or are not UTF-8.
    """

    def __init__(self, *encoded: bytes) -> None:
        self._values: dict[str, list[str]] = {}
        for form in encoded:
            self._read([field for field in form.split(b"&") if field])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values of a name."""
        return tuple(self._values.get(name, ()))

    def first(self, name: str, default: str = "") -> str:
        """Return the first value of a name, or ``default``."""
        return self._values[name][0] if name in self._values else default

    def single(self, name: str) -> str | None:
        """Return the only value of a name, None where there is none; UsageError where there are more."""
        values = self._values.get(name)
        if values is None:
            return None
        if len(values) > 1:
            raise UsageError(f"There are {len(values)} parameters `{name}`; give exactly one.")
        return values[0]

    def _read(self, fields: list[bytes]) -> None:
        if len(fields) > _MOST_FIELDS:
            raise UsageError(f"The request has more than {_MOST_FIELDS} fields.")
        try:
            for field in fields:
                name, _, value = field.partition(b"=")
                self._values.setdefault(_decoded(name), []).append(_decoded(value))
        except UnicodeDecodeError as fault:
            raise UsageError(f"The request is not UTF-8: byte {fault.start} of a value cannot be read.") from None


def _decoded(encoded: bytes) -> str:
    plain = encoded.replace(b"+", b" ")
    return (_unquoted(plain) if b"%" in plain else plain).decode("utf-8")


def _unquoted(quoted: bytes) -> bytes:
    """Return what ``unquote_to_bytes`` does, ten times as fast where each percent sign begins an escape."""
    try:
        return escape_decode(quoted.replace(b"\\", b"\\\\").replace(b"%", b"\\x"))[0]
    except ValueError:
        return unquote_to_bytes(quoted)
