"""Finds records, concepts and terms by their names, other names, codes and descriptions, in Japanese and English.

What matches in a better way comes first: names that are the text, names that begin with it, names that contain it, then
things whose texts together hold all its words; among the same, what others refer to more often. So the order is the
same each time and on every store.
Layer: imports ``entries``, ``errors``, ``folding``, ``grams``, ``namespaces``, ``searchindex`` and ``store``.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from abckg.errors import StoreError, UsageError
from abckg.namespaces import ABC
from abckg.search.entries import Field, Written, entries_of
from abckg.search.folding import fold, fold_with_places
from abckg.search.grams import MAX_LENGTH, Wanted, piece_of_class, wanted
from abckg.search.index import FORMAT, build_index
from abckg.store import Store

__all__ = ["MAX_LENGTH", "Found", "Hit", "Marked", "Match", "Search", "SearchIndex"]

_COUNTED = 10_000
_FEW = 50
_NAME = "{name}"
_EXCERPT = 120
_BEFORE = 30


class Match(StrEnum):
    """How a hit matches, the best first."""

    EXACT = "exact"
    PREFIX = "prefix"
    SUBSTRING = "substring"
    WORDS = "words"


@dataclass(frozen=True)
class Marked:
    """A text with the places that match, as characters from ``begin`` to before ``end``."""

    text: str
    language: str
    field: Field
    marks: tuple[tuple[int, int], ...] = ()

    def excerpt(self, length: int = _EXCERPT) -> Marked:
        """Return the part of a long text around its first mark; dots stand for what is left out."""
        if len(self.text) <= length:
            return self
        first = self.marks[0][0] if self.marks else 0
        begin = max(0, min(first - _BEFORE, len(self.text) - length))
        end = begin + length
        before, after = "…" if begin else "", "…" if end < len(self.text) else ""
        shift = len(before) - begin
        marks = tuple((max(a, begin) + shift, min(b, end) + shift) for a, b in self.marks if a < end and b > begin)
        return Marked(f"{before}{self.text[begin:end]}{after}", self.language, self.field, marks)


@dataclass(frozen=True)
class Hit:
    """One thing that was found.

    Attributes:
        iri: Its IRI.
        kind: The IRI of its class; empty where it has none.
        match: How it matches.
        label: Its name in the reader's language.
        other: Its name in another language, where it has one.
        text: The text that matches best, where it is neither of the two.
    """

    iri: str
    kind: str
    match: Match
    label: Marked
    other: Marked | None
    text: Marked | None


@dataclass(frozen=True)
class Found:
    """Some of the hits, in order, and how many there are; ``is_counted`` is false where there are more than that."""

    hits: tuple[Hit, ...]
    total: int
    is_counted: bool = True


class SearchIndex:
    """An index that can be searched from any thread.

    Attributes:
        version: The version of the data that it was made of.
        kinds: The IRIs of the classes that things in it have.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        weakref.finalize(self, connection.close)
        self._lock = threading.Lock()
        about = dict(connection.execute("SELECT name, value FROM about"))
        if about.get("format") != FORMAT:
            raise StoreError("The search index was written by another version of abckg; `abckg build` writes it anew.")
        self.version = str(about["version"])
        self._kinds = {iri: number for number, iri in connection.execute("SELECT number, iri FROM kind") if iri}
        self.kinds = tuple(self._kinds)

    @classmethod
    def open(cls, path: Path) -> SearchIndex:
        """Open the index that ``abckg build`` wrote; StoreError where there is none that can be used."""
        try:
            address = f"{path.resolve(strict=True).as_uri()}?mode=ro&immutable=1"
            return cls(sqlite3.connect(address, uri=True, check_same_thread=False))
        except (OSError, KeyError, sqlite3.Error) as fault:
            raise StoreError(f"{path}: no search index can be opened here: {fault}") from fault

    @classmethod
    def of(cls, store: Store) -> SearchIndex:
        """Return an index of ``store`` in memory."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        version = store.version  # before what is read: an index may say that it is older than it is, never newer
        build_index(connection, entries_of(store), version)
        return cls(connection)

    def search(
        self, text: str, *, limit: int = 20, offset: int = 0, kind: str | None = None, language: str = "en"
    ) -> Found:
        """Find ``text``.

        Args:
            text: Words that must all be there; a phrase stands in quotation marks.
            limit: How many hits to return.
            offset: How many to leave out before.
            kind: Only things of the class with this IRI, also by inference.
            language: The language of the reader, ``ja`` or ``en``: the names shown are in it.

        Raises:
            UsageError: There is nothing to search for, or nothing of the class.
        """
        query = wanted(text)
        only = self._only(kind)
        with self._lock:
            numbers, total = self._few(query, only) or self._many(query, only, offset + limit)
            numbers = numbers[offset : offset + limit]
            hits = tuple(self._hit(number, match, query, language) for number, match in numbers)
        return Found(hits, min(total, _COUNTED), is_counted=total <= _COUNTED)

    def kind_named(self, name: str, prefixes: Mapping[str, str]) -> str:
        """Return the IRI of the class that is called ``Hub``, ``abc:Hub`` or by its IRI.

        Raises:
            UsageError: Nothing that can be found is of such a class.
        """
        label, colon, local = name.partition(":")
        iri = f"{prefixes[label]}{local}" if colon and label in prefixes else name if colon else f"{ABC}{name}"
        if iri in self._kinds:
            return iri
        known = [kind.removeprefix(ABC) for kind in self.kinds if kind.startswith(ABC)]
        near = get_close_matches(iri.removeprefix(ABC), known, n=1)
        raise UsageError(f"Nothing here is of the type {name}.{f' Did you mean {near[0]}?' if near else ''}")

    def numbers_by_kind(self, text: str) -> dict[str, int]:
        """Return how many of the first ten thousand hits are stated to be of each class, by its IRI."""
        query = wanted(text)
        with self._lock:
            rows = self._connection.execute(
                "SELECT kind.iri, count(*) FROM (SELECT rowid AS number FROM found WHERE found MATCH ? LIMIT ?)"
                " JOIN entry USING (number) JOIN kind ON entry.kind = kind.number WHERE kind.iri != ''"
                " GROUP BY kind.iri ORDER BY count(*) DESC, kind.iri",
                (query.parts_anywhere(), _COUNTED),
            ).fetchall()
        return dict(rows)

    def _only(self, kind: str | None) -> str:
        if kind is None:
            return ""
        if kind not in self._kinds:
            raise UsageError(f"Nothing here is of the type {kind}.")
        return f' AND "{piece_of_class(self._kinds[kind])}"'

    def _few(self, query: Wanted, only: str) -> tuple[list[tuple[int, Match]], int] | None:
        """Return all hits where they are few, and their number: these are looked at, the index is not asked again."""
        rows = self._connection.execute(
            "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid LIMIT ?",
            (f"{query.parts_anywhere()}{only}", _FEW + 1),
        ).fetchall()
        if len(rows) > _FEW:
            return None
        ways = [match for _, match in _ways(query)]
        placed = sorted((_way(self._texts(number), query), number) for (number,) in rows)
        return [(number, ways[way]) for way, number in placed], len(placed)

    def _many(self, query: Wanted, only: str, enough: int) -> tuple[list[tuple[int, Match]], int]:
        (total,) = self._connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM found WHERE found MATCH ? LIMIT ?)",
            (f"{query.parts_anywhere()}{only}", _COUNTED + 1),
        ).fetchone()
        return self._numbers(query, only, min(enough, total)), total

    def _texts(self, number: int) -> list[Written]:
        rows = self._connection.execute(
            "SELECT field, language, text FROM written WHERE entry = ? ORDER BY place", (number,)
        )
        return [Written(Field(field), language, text) for field, language, text in rows]

    def _numbers(self, query: Wanted, only: str, enough: int) -> list[tuple[int, Match]]:
        """Return the numbers of the first ``enough`` hits; each way of matching holds the hits of those before it."""
        found: dict[int, Match] = {}
        for expression, match in _ways(query):
            if len(found) >= enough:
                break
            rows = self._connection.execute(
                "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid LIMIT ?",
                (f"{expression}{only}", enough + len(found)),
            )
            for (number,) in rows:
                found.setdefault(number, match)
        return list(found.items())[:enough]

    def _hit(self, number: int, match: Match, query: Wanted, language: str) -> Hit:
        iri, kind = self._connection.execute(
            "SELECT entry.iri, kind.iri FROM entry JOIN kind ON entry.kind = kind.number WHERE entry.number = ?",
            (number,),
        ).fetchone()
        texts = self._texts(number)
        names = sorted((one for one in texts if one.field is Field.NAME), key=lambda one: _far(one.language, language))
        best = min(texts, key=lambda one: (*_badness(one, query), _far(one.language, language)))
        label, other = _marked(names[0], query), next((one for one in names if one.language != names[0].language), None)
        return Hit(
            iri,
            kind,
            match,
            label,
            _marked(other, query) if other else None,
            None if best.text in {name.text for name in names} else _marked(best, query),
        )


class Search:
    """The index of one store: opened, or made when it is first asked for, and made anew when the data changed.

    Args:
        store: What is searched.
        path: Where a build may have put the index.
        seconds: How long an index serves where the store does not tell its version.
    """

    def __init__(self, store: Store, path: Path | None = None, seconds: float = 3600) -> None:
        self._store, self._path, self._seconds = store, path, seconds
        self._index: SearchIndex | None = None
        self._made = 0.0
        self._lock = threading.Lock()

    @property
    def index(self) -> SearchIndex:
        """The index of what the store holds now.

        Raises:
            SearchUnavailable: This Python cannot search.
            StoreError: The store does not answer.
        """
        with self._lock:
            if self._index is None or self._is_old(self._index):
                self._index = self._opened() or SearchIndex.of(self._store)
                self._made = time.monotonic()
            return self._index

    def _is_old(self, index: SearchIndex) -> bool:
        if self._store.version:
            return index.version != self._store.version
        return time.monotonic() - self._made > self._seconds

    def _opened(self) -> SearchIndex | None:
        if self._path is None or not self._store.version:
            return None
        try:
            index = SearchIndex.open(self._path)
        except StoreError:
            return None
        return index if index.version == self._store.version else None


def _ways(query: Wanted) -> Iterator[tuple[str, Match]]:
    yield f"{_NAME} : {query.is_name()}", Match.EXACT
    yield f"({query.is_name()} OR {query.is_code()})", Match.EXACT
    yield f"{_NAME} : {query.begins_name()}", Match.PREFIX
    yield f"({query.begins_name()} OR {query.begins_code()})", Match.PREFIX
    yield query.begins_word(), Match.SUBSTRING
    yield query.in_first_name(), Match.SUBSTRING
    yield query.in_name(), Match.SUBSTRING
    yield query.parts_in_names(), Match.WORDS
    yield query.parts_anywhere(), Match.WORDS


def _way(texts: Iterable[Written], query: Wanted) -> int:
    """Return the place in ``_ways`` by which the index would find a thing with these texts first."""
    folded: dict[Field, list[str]] = {field: [] for field in Field}
    for one in texts:
        folded[one.field].append(fold(one.text))
    names, whole = folded[Field.NAME], query.whole
    called = [*names, *folded[Field.ALIAS]]
    begun = [*called, *folded[Field.CODE]]
    ways = (
        whole in names,
        whole in begun,
        any(text.startswith(whole) for text in names),
        any(text.startswith(whole) for text in begun),
        any(f" {whole}" in text for text in called),
        any(whole in text for text in names),
        any(whole in text for text in called),
        all(any(part in text for text in called) for part in query.parts),
        True,
    )
    return ways.index(True)


def _badness(written: Written, query: Wanted) -> tuple[int, bool, int, int]:
    """Return how badly a text shows why it was found: the words it lacks, whether it is a code, how it matches."""
    folded = fold(written.text)
    missing = sum(part not in folded for part in query.parts)
    ways = (folded == query.whole, folded.startswith(query.whole), query.whole in folded)
    way = ways.index(True) if any(ways) else len(ways)
    return missing, written.field is Field.CODE, way, int(written.field)


def _marked(written: Written, query: Wanted) -> Marked:
    plain = fold(written.text)
    sought = (query.whole,) if query.whole in plain else tuple(part for part in query.parts if part in plain)
    folded = fold_with_places(written.text) if sought else None
    places = [place for part in sought for place in folded.find(part)] if folded else []
    return Marked(written.text, written.language, written.field, tuple(_merged(places)))


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(places):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _far(language: str, wish: str) -> int:
    order = (wish, "en", "ja", "")
    return order.index(language) if language in order else len(order)
