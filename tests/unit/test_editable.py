"""The store that takes writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from abckg.store import EmbeddedStore
from abckg.writing.editable import refuse_unless_writable


@pytest.mark.slow
def test_store_that_was_just_built_takes_writes(built: Path, root: Path, store: EmbeddedStore) -> None:
    """Its numbers too, which a store writes in its own way."""
    refuse_unless_writable(built / "store", root, store)
