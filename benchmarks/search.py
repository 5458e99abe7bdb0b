"""Compares the search index with a scan of the labels by SPARQL: ``search.py [--labels N] [--rounds N]``.

The labels are made up from the words of ``generate.py``, half of them Japanese, half English; the needles are parts of
them, from one character to a whole label. For each kind of needle: the time to the first twenty hits with their texts
and marks, counted, against ``FILTER(CONTAINS(...))`` with ``LIMIT 20`` and without on the embedded engine in memory.
Times are those of the processor, so that other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from abckg.formats import SOLUTION_FORMATS
from abckg.namespaces import ABC, ID, SKOS
from abckg.search.entries import Entry, Field, Written
from abckg.search.index import build_index
from abckg.search.search import SearchIndex
from abckg.store import Answer
from generate import ENGLISH, FIELDS, PREFECTURES
from tables import table

__all__ = ["Needle", "entries", "main", "needles"]

_FIRST = 20
_SCANS = 3
_CONSONANTS, _VOWELS = ("b", "d", "g", "h", "k", "m", "n", "r", "s", "t", "y"), "aiueo"


@dataclass(frozen=True)
class Needle:
    """One kind of text to search for, and a few texts of the kind."""

    kind: str
    texts: tuple[str, ...]


def entries(labels: int, seed: int = 1) -> Iterator[Entry]:
    """Yield so many things that they have ``labels`` names, one Japanese and one English each."""
    chance = random.Random(seed)
    for number in range(labels // 2):
        place, at = chance.choice(PREFECTURES), chance.randrange(len(FIELDS))
        town = "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(3)).capitalize()
        serial = f"{chance.randrange(10**6):06d}"
        japanese = f"{place}{FIELDS[at]}{chance.choice(FIELDS)}共創拠点{serial}号"
        english = f"{town} {ENGLISH[at]} Co-creation Hub {serial}"
        texts = (Written(Field.NAME, "en", english), Written(Field.NAME, "ja", japanese))
        yield Entry(f"{ID}hub/h{number}", f"{ABC}Hub", (f"{ABC}Hub",), texts)


def needles(listed: list[Entry], rounds: int, seed: int = 2) -> list[Needle]:
    """Return needles that some label has: each kind with ``rounds`` texts from labels here and there."""
    chance = random.Random(seed)
    english, japanese = ([one.texts[at].text for one in chance.sample(listed, rounds)] for at in (0, 1))

    def of(kind: str, cut: Callable[[str], str], texts: list[str]) -> Needle:
        return Needle(kind, tuple(map(cut, texts)))

    return [
        of("1 kanji", lambda text: text[0], japanese),
        of("2 kanji", lambda text: text[:2], japanese),
        of("3 characters", lambda text: text[2:5], japanese),
        of("6 characters", lambda text: text[1:7], japanese),
        of("whole Japanese label", lambda text: text, japanese),
        of("two Japanese words", lambda text: f"{text[:2]} {text[-6:-3]}", japanese),
        of("2 letters", lambda text: text[:2], english),
        of("beginning of a word", lambda text: text.split()[1][:5], english),
        of("4 letters within a word", lambda text: text[2:6], english),
        of("three words", lambda text: " ".join(text.split()[:3]), english),
        of("number (rare)", lambda text: text[-6:], english),
        of("nothing", lambda text: f"{text[:4]}qx", english),
    ]


def _load(listed: list[Entry]) -> ox.Store:
    store, label = ox.Store(), ox.NamedNode(f"{SKOS}prefLabel")
    store.bulk_extend(
        ox.Quad(ox.NamedNode(one.iri), label, ox.Literal(name.text, language=name.language))
        for one in listed
        for name in one.texts
    )
    return store


def _index(listed: list[Entry]) -> tuple[SearchIndex, float, float]:
    """Return an index in memory, the seconds it took and its megabytes."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    seconds = _milliseconds(lambda: build_index(connection, listed, "benchmark")) / 1000
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return SearchIndex(connection), seconds, pages * 4096 / 1e6


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def _scan(store: ox.Store, text: str, limit: str) -> None:
    """Read what holds all words of ``text``, as a query without an index has to."""
    tests = " && ".join(f'CONTAINS(LCASE(?name), "{word.lower()}")' for word in text.split())
    query = f"SELECT ?thing ?name WHERE {{ ?thing <{SKOS}prefLabel> ?name FILTER({tests}) }} {limit}"
    Answer.of(store.query(query)).serialize(SOLUTION_FORMATS[0])


def _row(needle: Needle, index: SearchIndex, store: ox.Store) -> list[str]:
    index.search(needle.texts[0])
    times = sorted(_milliseconds(lambda: index.search(text)) for text in needle.texts)  # noqa: B023
    total = statistics.median(index.search(text).total for text in needle.texts[:20])
    scans = {
        limit: statistics.median(_milliseconds(lambda: _scan(store, text, limit)) for text in needle.texts[:_SCANS])  # noqa: B023
        for limit in ("", f"LIMIT {_FIRST}")
    }
    median, worst = statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))]
    every, first = scans[""], scans[f"LIMIT {_FIRST}"]
    return [
        needle.kind,
        f"{total:,.0f}",
        f"{median:.2f}",
        f"{worst:.2f}",
        f"{first:,.1f}",
        f"{every:,.0f}",
        f"{first / median:,.1f}",
        f"{every / median:,.0f}",
    ]


def main() -> None:
    """Run the comparison and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200, help="needles of each kind")
    arguments = parser.parse_args()
    listed = list(entries(arguments.labels))
    index, seconds, size = _index(listed)
    store = _load(listed)
    header = ["needle", "hits", "p50, ms", "p99, ms", "scan 20, ms", "scan all, ms", "scan 20 : p50", "scan all : p50"]
    rows = [_row(one, index, store) for one in needles(listed, arguments.rounds)]
    sys.stdout.write(
        f"{arguments.labels:,} labels: index made in {seconds:.1f} s, {size:.0f} MB\n\n{table(header, rows)}\n"
    )


if __name__ == "__main__":
    main()
