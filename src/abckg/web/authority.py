"""Who may write: whoever bears the token.

Layer: web; imports ``editable``, ``errors`` and ``settings``. Specification: https://www.rfc-editor.org/rfc/rfc6750
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from pathlib import Path

from abckg.errors import NotAuthorized, UsageError, WriteRefused
from abckg.settings import Settings
from abckg.store import RemoteStore
from abckg.web.site import Site
from abckg.writing.editable import EditableStore

__all__ = ["authorized", "with_token"]

_SHORTEST = 16
_SCHEME = "bearer"


def with_token(settings: Settings) -> Settings:
    """Return the settings with the token that the file for it holds.

    Raises:
        UsageError: The file cannot be read, or the token is too short to keep anybody out.
    """
    token = settings.token
    if settings.token_file:
        try:
            token = Path(settings.token_file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as fault:
            raise UsageError(f"{settings.token_file}: no token can be read: {fault}") from fault
        if not token:
            raise UsageError(f"{settings.token_file}: there is no token; write one of {_SHORTEST} characters or more")
    if token and len(token) < _SHORTEST:
        raise UsageError(f"the token for writes has {len(token)} characters; choose one of {_SHORTEST} or more")
    return replace(settings, token=token)


def authorized(current: Site, sent: str | None) -> EditableStore:
    """Return the store to write to, where the Authorization header ``sent`` bears the token.

    Raises:
        WriteRefused: Writes are off, or the store cannot be written from here.
        NotAuthorized: There is no token in the header, or a wrong one.
    """
    if not current.settings.token:
        raise WriteRefused("Writes are off: this server answers queries only.")
    scheme, _, token = (sent or "").partition(" ")
    expected = current.settings.token.encode()
    is_right = hmac.compare_digest(token.strip().encode("utf-8", "surrogateescape"), expected)
    if scheme.lower() != _SCHEME or not is_right:
        raise NotAuthorized("A write needs the token: Authorization: Bearer TOKEN.")
    if isinstance(current.store, RemoteStore):
        raise WriteRefused("Writes are refused here: the store is on another server. Write there.")
    if current.editable is None:
        raise WriteRefused("Writes are off: the store of this server cannot be written to.")
    return current.editable
