"""What the benchmarks compute from their measurements: percentiles, exponents of growth, targets met and missed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import bench
import growth
import targets
from isolation import Phases, Told, summary
from latencies import merged, observed, percentile
from measure import Load
from processor import ProcessorTime
from servers import Running
from templates import BOUNDED_JOINS, LOOKUPS

HELD = (*LOOKUPS, *BOUNDED_JOINS)


def run(triples: int, ms: float, rows: int = 3, **changes: Any) -> dict[str, Any]:
    """Return results in which every template takes so many milliseconds on two servers."""
    entry = {"ms": ms, "rows": [rows, rows]}
    templates = dict.fromkeys((*HELD, "count"), entry)
    load = {"rate": 100.0, "p50": 1.0, "p99": 2.0, "errors": 0}
    server = {"load_seconds": 1.0, "mix_16": load, "cached_16": load, "templates": templates}
    return {"counts": {"triples": triples}, "servers": {"abckg": {**server, **changes}, "oxigraph": server}}


def saved(folder: Path, *runs: dict[str, Any]) -> list[str]:
    paths = [folder / f"{number}.json" for number, _ in enumerate(runs)]
    for path, one in zip(paths, runs, strict=True):
        path.write_text(json.dumps(one), encoding="utf-8")
    return [str(path) for path in paths]


def added_by_wrk(histogram: Counter[int], interval: int) -> Counter[int]:
    """Add what wrk adds: see stats_correct in its src/stats.c."""
    found = Counter(histogram)
    for latency in range(2 * interval, max(histogram) + 1):
        for less in range(latency - interval, interval, -interval):
            found[less] += found[latency]
    return found


def test_what_wrk_adds_to_its_latencies_is_taken_out_again() -> None:
    histogram = Counter({90: 40, 110: 50, 205: 3, 320: 2, 1999: 1})
    counted = added_by_wrk(histogram, 100)

    assert sum(counted.values()) > sum(histogram.values())
    assert observed(counted, 100) == histogram


def test_percentile_is_that_of_all_requests_of_several_phases() -> None:
    phases = merged([{1000: 98, 5000: 1}, {1000: 99, 7000: 2}])

    assert percentile(phases, 50) == 1.0
    assert percentile(phases, 99) == 5.0
    assert percentile({}, 99) == 0


def test_time_that_grows_like_the_data_has_the_exponent_one() -> None:
    found = growth.exponents(run(1_000, 2.0), run(10_000, 20.0))

    assert {round(entry.by_server["oxigraph"], 6) for entry in found} == {1.0}
    assert {entry.template for entry in found if entry.kind} == set(HELD)


@pytest.mark.parametrize(("ms", "status"), [(2.0, 0), (3.1, 0), (3.3, 1), (20.0, 1)])
def test_growth_fails_where_a_bounded_template_grows_faster_than_its_target(
    ms: float, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert growth.main(saved(tmp_path, run(10_000, ms), run(1_000, 2.0))) == status
    assert ("**" in capsys.readouterr().out) == bool(status)


def test_growth_says_nothing_of_a_template_that_finds_more_in_larger_data(tmp_path: Path) -> None:
    assert growth.main(saved(tmp_path, run(1_000, 2.0), run(10_000, 2.0, rows=9))) == 2
    assert growth.main(saved(tmp_path, run(1_000, 2.0), run(10_000, 2.0, templates={}))) == 2


def test_targets_are_met_or_missed_and_what_was_not_measured_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = {"rate": 40.0, "p50": 1.0, "p99": 2.0, "errors": 0}

    assert targets.main(saved(tmp_path, run(1_000_000, 2.0, cached_16={**slow, "rate": 450.0}))) == 0
    assert "rate of rdflib-endpoint | at least 25 | – | not measured |" in capsys.readouterr().out
    assert targets.main(saved(tmp_path, run(1_000_000, 2.0, mix_16=slow))) == 1
    assert "rate of Oxigraph in memory | at least 0.5 | 0.4 | **missed** |" in capsys.readouterr().out


def test_targets_hold_growth_and_isolation_against_their_runs() -> None:
    found = {"rate_ratio": 0.95, "p99_ratio": 1.7, "endless": 10, "ended_in_time": 10}
    isolated = {"triples": 100, "plan": {"connections": 4, "pause": 0}, "isolation": {"abckg": found}}

    met = {one.what: one.is_met for one in targets.against([run(1_000, 2.0), run(10_000, 20.0), isolated])}

    assert met["exponent of lookups and bounded joins, the greatest, 1,000 to 10,000 triples"] is False
    assert met["their 99th percentile"] is False
    assert met["runaway queries ended within 100 ms of the limit"] is True


def test_isolation_compares_all_requests_and_shows_how_the_rounds_differ() -> None:
    quiet = [Load(1000, 1.0, 0, {1000: 985, 4000: 15}) for _ in range(4)]
    noisy = [Load(900, 1.0, 1, {1000: 880, tail: 20}) for tail in (4000, 6000, 6000, 8000)]
    told = [Told(503, 2.05), Told(503, 2.2), Told(0, 60)]

    found = summary(Phases(quiet, noisy, told), limit=2)

    assert found["rate_ratio"] == 0.9
    assert found["p99_ratio"] == 1.5
    assert found["p99_ratio_quartiles"] == [1.375, 1.5, 1.625]
    assert (found["errors"], found["endless"], found["ended"], found["ended_in_time"]) == (4, 3, 2, 1)


def test_processor_time_of_processes_that_ended_is_counted() -> None:
    busy = "import time\nwhile time.process_time() < 0.5: pass"
    starter = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {busy!r}]); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", starter]) as process:
        running = Running("busy", "", process, 0)
        with ProcessorTime(running) as taken, pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        process.kill()

    assert 0.25 < taken.seconds < 2


@pytest.mark.parametrize(
    ("text", "size", "groups"),
    [
        ("", 10_000_000, [4, 1]),
        ("", 1_000_000, [5]),
        ("abckg,virtuoso/oxigraph", 10, [2, 1]),
        ("abckg", 10_000_000, [1]),
    ],
)
def test_servers_that_memory_does_not_hold_together_are_asked_one_group_after_the_other(
    text: str, size: int, groups: list[int]
) -> None:
    assert [len(group) for group in bench.groups(text, size)] == groups
