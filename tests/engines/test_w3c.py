"""Both engines against the W3C suite of SHACL Core and SHACL-SPARQL: the report that must come, and nothing else."""

from __future__ import annotations

import pytest

from abckg.errors import ValidationFailed
from abckg.shacl.engines import Engine, ReferenceEngine
from abckg.shacl.fast import FastEngine
from engines import known, w3c

pytestmark = pytest.mark.filterwarnings("ignore:Parsing weird boolean:UserWarning")
KNOWN = {"pyshacl": known.REFERENCE, "fast": known.FAST}
ENGINES: dict[str, Engine] = {"pyshacl": ReferenceEngine(), "fast": FastEngine()}


def cases() -> list[object]:
    return [
        pytest.param(
            *(engine, name),
            id=f"{engine}-{name}",
            marks=[pytest.mark.xfail(strict=True, reason=KNOWN[engine][name])] if name in KNOWN[engine] else [],
        )
        for engine in ENGINES
        for name in w3c.names()
    ] or [pytest.param("", "", id="none", marks=pytest.mark.skip(reason=w3c.MISSING))]


@pytest.mark.parametrize(("engine", "name"), cases())
def test_report_is_the_one_of_the_suite(engine: str, name: str) -> None:
    case = w3c.case(name)

    if case.expected is None:
        with pytest.raises(ValidationFailed):
            ENGINES[engine].run(case.data, case.shapes)
    else:
        assert w3c.bag(ENGINES[engine].run(case.data, case.shapes)) == case.expected


@pytest.mark.skipif(not w3c.names(), reason=w3c.MISSING)
def test_suite_is_whole() -> None:
    assert [sum(name.startswith(part) for name in w3c.names()) for part in ("core/", "sparql/")] == [98, 23]
