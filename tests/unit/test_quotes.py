"""Quotations: the words of a passage, only from the text that was read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.describe import Passage
from abckg.quotes import Quotes
from abckg.store import EmbeddedStore

TEXT = "地域とは主体の集まりである。"
DOCUMENT = "https://w3id.org/abc-kg/id/document/s9"
PASSAGE = Passage("https://w3id.org/abc-kg/id/concept/x/s9-0-2", DOCUMENT, "", 0, 2)


def store_that_knows(text: str) -> EmbeddedStore:
    store = ox.Store()
    sha = hashlib.sha256(text.encode()).hexdigest()
    store.update(
        f"PREFIX abc: <https://w3id.org/abc-kg/ontology#> "
        f'INSERT DATA {{ <{DOCUMENT}> abc:sourceFileName "s9.txt" ; abc:sha256 "{sha}" }}'
    )
    return EmbeddedStore(store, "")


@pytest.mark.parametrize(
    ("written", "words"), [(TEXT, "地域"), ("別の文章。", None), (None, None)], ids=["right", "another-text", "no-text"]
)
def test_words_are_shown_only_from_the_text_that_was_read(
    tmp_path: Path, written: str | None, words: str | None
) -> None:
    if written is not None:
        (tmp_path / "s9.txt").write_text(written, encoding="utf-8")

    assert Quotes(store_that_knows(TEXT), tmp_path)(PASSAGE) == words
