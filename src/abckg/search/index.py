"""Writes the file in which the search looks: an SQLite database with what can be found, the most important first.

The full-text table numbers things by their importance, so that the first hits it gives are the ones to show.
Layer: imports ``entries``, ``errors``, ``folding``, ``grams`` and ``store``.
Specification: https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from abckg.errors import SearchUnavailable
from abckg.search.entries import Entry, Field, Written, entries_of
from abckg.search.folding import FOLDING, fold
from abckg.search.grams import TOKENIZER, piece_of_class, piece_of_code, pieces_of_description, pieces_of_name
from abckg.store import Store

__all__ = ["FORMAT", "INDEX_FILE", "build_index", "index_store"]

INDEX_FILE = "search.sqlite"
FORMAT = f"2 {FOLDING}"
"""What a reader of the file relies on; a file of another format is made again."""

_SCHEMA = f"""
PRAGMA page_size = 4096;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE kind (number INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE);
CREATE TABLE entry (number INTEGER PRIMARY KEY, iri TEXT NOT NULL, kind INTEGER NOT NULL);
CREATE TABLE written (
  entry INTEGER NOT NULL, place INTEGER NOT NULL, field INTEGER NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (entry, place)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE found USING fts5(
  name, alias, code, description, kind, content = '', columnsize = 0, tokenize = '{TOKENIZER}', prefix = '1 2'
);
"""
_CUTS: dict[Field, Callable[[str], str]] = {
    Field.NAME: pieces_of_name,
    Field.ALIAS: pieces_of_name,
    Field.CODE: piece_of_code,
    Field.DESCRIPTION: pieces_of_description,
}
_NO_FTS5 = "no such module: fts5"


def index_store(store: Store, path: Path) -> None:
    """Write the index of ``store`` to the new file ``path``; see ``build_index``."""
    entries = entries_of(store)
    with closing(sqlite3.connect(path)) as connection:
        build_index(connection, entries, store.version)


def build_index(connection: sqlite3.Connection, entries: Iterable[Entry], version: str) -> None:
    """Write ``entries``, in the order of their importance, into an empty database; the same entries, the same bytes.

    Raises:
        SearchUnavailable: The SQLite of this Python has no full-text search.
    """
    try:
        connection.executescript(_SCHEMA)
    except sqlite3.OperationalError as fault:
        if _NO_FTS5 not in str(fault):
            raise
        raise SearchUnavailable from fault
    listed = list(entries)
    kinds = {iri: number for number, iri in enumerate(sorted({kind for one in listed for kind in one.kinds} | {""}))}
    with connection:
        about = {"format": FORMAT, "version": version}
        connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        connection.executemany("INSERT INTO kind VALUES (?, ?)", ((number, iri) for iri, number in kinds.items()))
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?)", _entries(listed, kinds))
        connection.executemany("INSERT INTO written VALUES (?, ?, ?, ?, ?)", _texts(listed))
        connection.executemany(
            "INSERT INTO found (rowid, name, alias, code, description, kind) VALUES (?, ?, ?, ?, ?, ?)",
            _pieces(listed, kinds),
        )
        connection.execute("INSERT INTO found (found) VALUES ('optimize')")


def _entries(entries: Iterable[Entry], kinds: dict[str, int]) -> Iterator[tuple[int, str, int]]:
    return ((number, entry.iri, kinds[entry.kind]) for number, entry in enumerate(entries, 1))


def _texts(entries: Iterable[Entry]) -> Iterator[tuple[int, int, int, str, str]]:
    for number, entry in enumerate(entries, 1):
        for place, one in enumerate(entry.texts):
            yield number, place, int(one.field), one.language, one.text


def _pieces(entries: Iterable[Entry], kinds: dict[str, int]) -> Iterator[tuple[int | str, ...]]:
    for number, entry in enumerate(entries, 1):
        columns = (_column(entry.texts, field) for field in Field)
        yield number, *columns, " ".join(piece_of_class(kinds[kind]) for kind in entry.kinds)


def _column(texts: Iterable[Written], field: Field) -> str:
    folded = dict.fromkeys(fold(one.text) for one in texts if one.field is field)
    cut = _CUTS[field]
    return " ".join(cut(text) for text in folded if text)
