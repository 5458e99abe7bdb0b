"""The words of a passage, where the texts of the documents are at hand.

The graph holds none of them. A text is used only when it is the one that was read: when its SHA-256 is the
document's. Layer: imports ``describe``, ``namespaces`` and ``store``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox

from abckg.describe import Passage
from abckg.namespaces import ABC
from abckg.store import Store

__all__ = ["Quotes"]

_FILES = f"SELECT ?document ?file ?sha WHERE {{ ?document <{ABC}sourceFileName> ?file ; <{ABC}sha256> ?sha }}"


class Quotes:
    """Looks passages up in the texts of a folder; call it with a passage."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._texts: dict[str, str] = {}
        for document, file, sha in store.query(_FILES).rows():
            if not isinstance(document, ox.NamedNode) or not isinstance(file, ox.Literal):
                continue
            path = folder / file.value
            content = path.read_bytes() if path.is_file() else b""
            if isinstance(sha, ox.Literal) and hashlib.sha256(content).hexdigest() == sha.value:
                self._texts[document.value] = content.decode("utf-8")

    def __call__(self, passage: Passage) -> str | None:
        """Return the words of a passage, None where its document's text is not at hand."""
        text = self._texts.get(passage.document)
        return None if text is None else text[passage.start : passage.end]
