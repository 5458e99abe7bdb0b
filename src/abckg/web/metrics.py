"""Counts what is asked and how long it takes, for Prometheus.

Labels take values from short lists only: a client cannot make new ones. With several processes the numbers are those
of all of them where ``PROMETHEUS_MULTIPROC_DIR`` names a folder, which ``abckg serve`` sees to.
Layer: web; imports nothing of the package. Specification: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

__all__ = ["Metrics"]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_STATES = ("waiting", "running", "long", "ready", "lanes")
_CAUSES = ("refused", "time", "crowd", "gone", "lost")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})


class Metrics:
    """The counters of one application; ``registry`` takes those of other parts."""

    def __init__(self) -> None:
        # The library looks at the environment when it is imported: not before the process knows whether it is alone.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

        self.registry = CollectorRegistry()
        self._requests = Counter(
            "abckg_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "abckg_request_seconds", "Time to answer.", ("route",), registry=self.registry, buckets=_SECONDS
        )
        self._cache = Counter(
            "abckg_cache",
            "Queries by how they were answered: hit, miss, not_modified, uncacheable.",
            ("result",),
            registry=self.registry,
        )
        self._kept = Gauge(
            "abckg_cache_bytes", "Bytes of answers kept.", registry=self.registry, multiprocess_mode="livesum"
        )
        self._writes = Counter(
            "abckg_writes",
            "Writes by what was asked and the status given.",
            ("kind", "status"),
            registry=self.registry,
        )
        self._queries, self._ended = _of_queries(self.registry)
        self._pool: Callable[[], Mapping[str, int]] = dict
        self._ended_before: dict[str, int] = {}
        # The library's own look-up of labels takes as long as all the rest.
        self._results: dict[str, Counter] = {}
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        if _FOLDER not in os.environ:
            ProcessCollector(registry=self.registry)

    def answered(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a request; ``route`` is the rule of its address, None where it has none."""
        count, times = self._of_route(route or "none", method if method in _METHODS else "other", status)
        count.inc()
        times.observe(seconds)

    def written(self, kind: str, status: int) -> None:
        """Count a write; ``kind`` is ``update`` or the method of the Graph Store Protocol."""
        self._writes.labels(kind, str(status)).inc()

    def looked_up(self, result: str, kept: int) -> None:
        """Count a look into the cache, which keeps ``kept`` bytes."""
        found = self._results.get(result)
        if found is None:
            found = self._results[result] = self._cache.labels(result)
        found.inc()
        self._kept.set(kept)

    def _of_route(self, name: str, method: str, status: int) -> tuple[Counter, Histogram]:
        """Return the two counters of a route."""
        found = self._children.get((name, method, status))
        if found is None:
            found = self._requests.labels(name, method, str(status)), self._seconds.labels(name)
            self._children[name, method, status] = found
        return found

    def watch(self, pool: Callable[[], Mapping[str, int]]) -> None:
        """Take the numbers of the queries from ``pool`` from now on; see ``Pool.numbers``."""
        self._pool = pool

    def take(self) -> None:
        """Take the numbers of the queries as they are now."""
        for name, number in self._pool().items():
            if name in _STATES:
                self._queries.labels(name).set(number)
            elif name in _CAUSES:
                # Another pool takes the place of one after a write: it begins at nothing.
                more = number - self._ended_before.get(name, 0)
                self._ended.labels(name).inc(more if more >= 0 else number)
                self._ended_before[name] = number

    def text(self, accept: str) -> tuple[bytes, str]:
        """Return all numbers in the format that ``accept`` asks for, and its Content-Type."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder
        from prometheus_client.multiprocess import MultiProcessCollector

        self.take()
        encode, content_type = choose_encoder(accept)
        registry = self.registry
        if _FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return encode(registry), content_type


def _of_queries(registry: CollectorRegistry) -> tuple[Gauge, Counter]:
    from prometheus_client import Counter, Gauge

    queries = Gauge(
        "abckg_queries",
        "Queries that are waiting, running and long, processes that are ready for one, and lanes.",
        ("state",),
        registry=registry,
        multiprocess_mode="livesum",
    )
    ended = Counter(
        "abckg_queries_ended",
        "Queries that were refused, or ended because of time, crowd, a client gone, or lost with their process.",
        ("cause",),
        registry=registry,
    )
    return queries, ended
