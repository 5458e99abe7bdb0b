"""Opens the store that a command works on."""

from __future__ import annotations

from pathlib import Path

from abckg.dataset import assemble
from abckg.errors import MissingSource
from abckg.sources import read
from abckg.store import EmbeddedStore, RemoteStore, Store
from abckg.writing.versions import served_store

__all__ = ["embedded_store", "open_store"]


def embedded_store(root: Path) -> EmbeddedStore:
    """Read, reason over and load the dataset at ``root``."""
    return EmbeddedStore.from_dataset(assemble(read(root)))


def open_store(location: str, root: Path) -> Store:
    """Open a store directory or a SPARQL address; with an empty location load the dataset at ``root``."""
    if location.startswith(("http://", "https://")):
        return RemoteStore(location)
    if not location:
        return embedded_store(root)
    if not Path(location).is_dir():
        raise MissingSource(Path(location), "no store here; run: abckg build")
    return EmbeddedStore.open(served_store(Path(location)))
