"""Loads a file of triples into a store directory as ``abckg build`` writes one: ``load_store.py FILE STORE``.

The triples go into the default graph, which is what plain queries see. The same steps as the build: bulk load,
compact and count, flush, and the version (here a hash of the file) beside the store.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pyoxigraph as ox

from abckg.rewriting.statistics import compact_and_count, write_statistics

__all__ = ["load"]


def load(data: Path, path: Path) -> None:
    """Write the store directory ``path`` from the N-Triples file ``data``."""
    store = ox.Store(str(path))
    store.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES)
    statistics = compact_and_count(store)
    store.flush()
    with data.open("rb") as stream:
        version = hashlib.file_digest(stream, "sha256").hexdigest()[:12]
    write_statistics(path, statistics, version)
    path.with_name(f"{path.name}.version").write_text(f"{version}\n", encoding="utf-8")


if __name__ == "__main__":
    load(Path(sys.argv[1]), Path(sys.argv[2]))
