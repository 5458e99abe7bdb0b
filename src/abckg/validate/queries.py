"""The queries of the catalogue: each can be read, parsed and run, and gives the answers it should.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import AbckgError, QuerySyntaxError
from abckg.queries import QUERY_FOLDER, Expectation, Query, read_queries
from abckg.reports.report import Finding, Place
from abckg.sources import read_text
from abckg.store import Answer, EmbeddedStore
from abckg.validate.context import Context, found

__all__ = ["queries", "unexpected", "unreadable"]

_AT_A_TIME = 2
"""How many queries are answered at a time."""
_EXPECTED = re.compile(r"^#\+ expect:.*$", re.MULTILINE)


def queries(context: Context) -> Iterator[Finding]:
    """Yield the queries that have a malformed header, cannot be run, or do not give the answers they should."""
    yield from unreadable(context)
    yield from unexpected(context, context.store.query)


def unreadable(context: Context) -> Iterator[Finding]:
    """Yield the queries that have a malformed header or cannot be run."""
    root = context.sources.root
    readable, errors = read_queries(root)
    for error in errors:
        message = context.say(error.reason, error.japanese)
        place = Place(error.path.relative_to(root), error.line, error.column)
        yield found("query-header", message, "queries", (place,))
    store = EmbeddedStore(ox.Store(), "")
    for query in readable:
        try:
            store.query(query.bind())
        except AbckgError as error:
            yield _query_finding(context, _path(query), query.text, error)


def unexpected(
    context: Context, ask: Callable[[str], Answer], files: Collection[Path] | None = None
) -> Iterator[Finding]:
    """Yield the queries whose answer is not as ``expect`` says; those that cannot be read or run are left out.

    Args:
        context: where the queries are, and the language.
        ask: answers a query about all that is stated and inferred.
        files: those of the queries to look at; None: all.
    """
    readable, _ = read_queries(context.sources.root, files)
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        counts = list(threads.map(partial(_count, ask), readable))
    for query, rows in zip(readable, counts, strict=True):
        if rows is not None and not _is_expected(rows, query.expect):
            message = context.say(
                f"the answer has {rows} rows and “expect” says {query.expect}; correct the data, the query or “expect”",
                f"答えは{rows}行ですが、expect は {query.expect} です。データ、問い、expect のいずれかを直してください",
            )
            yield found("query-expectation", message, "queries", (_expectation_place(context, _path(query)),))


def _count(ask: Callable[[str], Answer], query: Query) -> int | None:
    try:
        return sum(1 for _ in ask(query.bind()).rows())
    except AbckgError:
        return None


def _is_expected(rows: int, expected: Expectation) -> bool:
    if isinstance(expected, int):
        return rows == expected
    return {"nonempty": rows > 0, "empty": rows == 0}.get(str(expected), True)


def _path(query: Query) -> Path:
    return QUERY_FOLDER / f"{query.slug}.rq"


def _expectation_place(context: Context, path: Path) -> Place:
    text = read_text(path, context.sources.root)
    line = _EXPECTED.search(text)
    if line is None:
        return Place(path, 1, 1)
    number = text.count("\n", 0, line.start()) + 1
    return Place(path, number, 1, number, len(line[0].rstrip()) + 1)


def _query_finding(context: Context, path: Path, text: str, error: AbckgError) -> Finding:
    """Return why a query cannot be run, at the line of its file; its text leaves out the header."""
    if not isinstance(error, QuerySyntaxError) or error.line is None:
        message = context.say(str(error), f"この問いは実行できません（{error}）")
        return found("query", message, "queries", (Place(path, 1, 1),))
    header = read_text(path, context.sources.root).count("\n") - text.count("\n")
    message = context.say(f"not well-formed SPARQL: {error.reason}", f"SPARQLとして読めません（{error.reason}）")
    return found("query", message, "queries", (Place(path, error.line + header, error.column or 1),))
