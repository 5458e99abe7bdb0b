"""Both engines on the real data with seeded faults: the same results, to the last term."""

from __future__ import annotations

import pytest

from abckg.shacl.data import data_triples
from abckg.shacl.engines import ReferenceEngine
from abckg.shacl.fast import FastEngine
from abckg.shacl.limits import unsupported
from abckg.sources import Sources
from engines.faults import seeded
from engines.w3c import bag


@pytest.mark.slow
def test_engines_agree_on_three_hundred_seeded_faults(sources: Sources) -> None:
    shapes = list(sources.triples("shapes"))
    data = seeded(data_triples(sources), 300, seed=1)

    reference, fast = (bag(engine.run(data, shapes)) for engine in (ReferenceEngine(), FastEngine()))

    assert sum(fast.values()) > 300
    assert fast == reference


def test_nothing_in_the_shapes_of_the_project_is_kept_from_the_fast_engine(sources: Sources) -> None:
    assert unsupported(sources.triples("shapes")) == ()
