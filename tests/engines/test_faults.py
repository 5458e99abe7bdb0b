"""Both engines on the real data with seeded faults: the same results, to the last term."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from abckg.engines import ReferenceEngine
from abckg.fastshacl import FastEngine
from abckg.shacl import data_triples
from abckg.sources import Sources
from engines.faults import TYPE, seeded
from engines.w3c import bag


def part(sources: Sources) -> list[ox.Triple]:
    """Return a fifth of the records whole, and of the others their types, so that references hold."""
    records = [file for file in sources.files if file.kind == "data"]
    chosen = {triple for file in records[::5] for triple in file.triples}
    return [triple for triple in data_triples(sources) if triple in chosen or triple.predicate == TYPE]


@pytest.mark.slow
def test_engines_agree_on_three_hundred_seeded_faults(sources: Sources) -> None:
    shapes = list(sources.triples("shapes"))
    data = seeded(part(sources), 300, seed=1)

    reference, fast = (bag(engine.run(data, shapes)) for engine in (ReferenceEngine(), FastEngine()))

    assert sum(fast.values()) > 300
    assert fast == reference
