"""Small cases that the W3C suite leaves out, on both engines and on the choice between them.

The first line of a probe says how many results there are; where both engines are right, they are the same results.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.shacl.engines import EngineName, run_shapes
from abckg.shacl.results import Result
from engines import known
from engines.w3c import bag

PROBES = sorted((Path(__file__).parent / "probes").glob("*.ttl"))
KNOWN: dict[EngineName, Mapping[str, str]] = {"pyshacl": known.REFERENCE, "fast": known.FAST, "auto": known.AUTO}
pytestmark = [
    pytest.mark.filterwarnings("ignore:Parsing weird boolean:UserWarning"),
    pytest.mark.filterwarnings("ignore::pyshacl.errors.ShapeRecursionWarning"),
    pytest.mark.usefixtures("any_size_is_large"),
]


@pytest.fixture
def any_size_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abckg.shacl.engines.SMALL", 0)


@cache
def parsed(probe: Path) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(path=str(probe))]


def run(probe: Path, engine: EngineName) -> list[Result]:
    triples = parsed(probe)
    outcome = run_shapes(triples, triples, engine=engine)
    if outcome.failure is not None:
        raise outcome.failure
    return list(outcome.results)


def cases() -> list[object]:
    return [
        pytest.param(
            *(engine, probe),
            id=f"{engine}-{probe.stem}",
            marks=[pytest.mark.xfail(strict=True, reason=faults[probe.stem])] if probe.stem in faults else [],
        )
        for engine, faults in KNOWN.items()
        for probe in PROBES
    ]


@pytest.mark.parametrize(("engine", "probe"), cases())
def test_probe_gives_as_many_results_as_its_first_line_says(engine: EngineName, probe: Path) -> None:
    expected = re.match(r"# (\d+): ", probe.read_text(encoding="utf-8"))

    assert expected is not None
    assert len(run(probe, engine)) == int(expected[1])


@pytest.mark.parametrize(
    "probe",
    [probe for probe in PROBES if probe.stem not in {*known.REFERENCE, *known.FAST}],
    ids=lambda probe: str(probe.stem),
)
def test_engines_agree_on_a_probe_to_the_last_term(probe: Path) -> None:
    assert bag(run(probe, "pyshacl")) == bag(run(probe, "fast"))


def test_every_known_fault_has_a_case() -> None:
    faults = {name for names in KNOWN.values() for name in names if "/" not in name}

    assert faults - {probe.stem for probe in PROBES} == set()
