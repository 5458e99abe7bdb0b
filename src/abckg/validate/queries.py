"""The queries of the catalogue: each can be read, parsed and run.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import AbckgError, SourceError
from abckg.queries import load_catalogue
from abckg.report import Finding
from abckg.store import EmbeddedStore
from abckg.validate.context import Context

__all__ = ["queries"]


def queries(context: Context) -> Iterator[Finding]:
    """Yield the queries that have a malformed header or cannot be run."""
    root = context.sources.root
    try:
        catalogue = load_catalogue(root)
    except SourceError as error:
        path = error.path.relative_to(root)
        yield Finding(path, error.line, error.column, "query-header", error.reason, check="queries")
        return
    store = EmbeddedStore(ox.Store(), "")
    for slug, query in catalogue.items():
        path = Path("data/queries") / f"{slug}.rq"
        try:
            store.query(query.bind())
        except AbckgError as error:
            yield Finding(path, 1, 1, "query", str(error), check="queries")
