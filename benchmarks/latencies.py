"""Latencies as wrk counts them, put back to what was observed, and their percentiles over several phases.

wrk adds to its histogram, for every latency of more than twice the mean time between requests, the requests that a
client with a clock would have sent meanwhile. Here a client sends its next request when it has its answer, so those
were never sent, and one long latency would count many times. The addition can be undone exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

__all__ = ["merged", "observed", "percentile"]

Histogram = Mapping[int, int]  # requests by latency in microseconds


def observed(histogram: Histogram, interval: int) -> Counter[int]:
    """Return a histogram of wrk without what wrk added to it.

    Args:
        histogram: As wrk 4 hands it to ``done``, of one thread.
        interval: Microseconds between the requests of one connection, on average; 0 where wrk added nothing.
    """
    left = Counter(dict(histogram))
    if interval <= 0:
        return left
    for latency in sorted(histogram, reverse=True):
        if latency < 2 * interval:
            break
        # What longer latencies added here is gone by now: this many were observed, and each of them added below.
        for added in range(latency - interval, interval, -interval):
            left[added] -= left[latency]
    return +left


def merged(histograms: Iterable[Histogram]) -> Counter[int]:
    """Return the sum of histograms."""
    total: Counter[int] = Counter()
    for histogram in histograms:
        total.update(histogram)
    return total


def percentile(histogram: Histogram, percent: float) -> float:
    """Return the latency in milliseconds that ``percent`` of the requests do not exceed; 0 of none."""
    rank = percent / 100 * sum(histogram.values())
    seen = 0
    for latency in sorted(histogram):
        seen += histogram[latency]
        if seen >= rank:
            return latency / 1e3
    return 0.0
