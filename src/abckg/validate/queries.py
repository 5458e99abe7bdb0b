"""The queries of the catalogue: each can be read, parsed and run.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import AbckgError, QuerySyntaxError, SourceError
from abckg.queries import load_catalogue
from abckg.reports.report import Finding, Place
from abckg.sources import read_text
from abckg.store import EmbeddedStore
from abckg.validate.context import Context, found

__all__ = ["queries"]


def queries(context: Context) -> Iterator[Finding]:
    """Yield the queries that have a malformed header or cannot be run."""
    root = context.sources.root
    try:
        catalogue = load_catalogue(root)
    except SourceError as error:
        path = error.path.relative_to(root)
        yield found(
            "query-header",
            context.say(error.reason, error.japanese),
            "queries",
            (Place(path, error.line, error.column),),
        )
        return
    store = EmbeddedStore(ox.Store(), "")
    for slug, query in catalogue.items():
        path = Path("data/queries") / f"{slug}.rq"
        try:
            store.query(query.bind())
        except AbckgError as error:
            yield _query_finding(context, path, query.text, error)


def _query_finding(context: Context, path: Path, text: str, error: AbckgError) -> Finding:
    """Return why a query cannot be run, at the line of its file; its text leaves out the header."""
    if not isinstance(error, QuerySyntaxError) or error.line is None:
        message = context.say(str(error), f"この問いは実行できません（{error}）")
        return found("query", message, "queries", (Place(path, 1, 1),))
    header = read_text(path, context.sources.root).count("\n") - text.count("\n")
    message = context.say(f"not well-formed SPARQL: {error.reason}", f"SPARQLとして読めません（{error.reason}）")
    return found("query", message, "queries", (Place(path, error.line + header, error.column or 1),))
