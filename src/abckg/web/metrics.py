"""Counts what is asked and how long it takes, for Prometheus.

Labels take values from short lists only: a client cannot make new ones. With several processes the numbers are those
of all of them where ``PROMETHEUS_MULTIPROC_DIR`` names a folder, which ``abckg serve`` sees to.
Layer: web; imports nothing of the package. Specification: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

__all__ = ["Metrics"]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
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
        self._cache.labels(result).inc()
        self._kept.set(kept)

    def _of_route(self, name: str, method: str, status: int) -> tuple[Counter, Histogram]:
        """Return the two counters of a route; the library's own look-up takes as long as all the rest."""
        found = self._children.get((name, method, status))
        if found is None:
            found = self._requests.labels(name, method, str(status)), self._seconds.labels(name)
            self._children[name, method, status] = found
        return found

    def text(self, accept: str) -> tuple[bytes, str]:
        """Return all numbers in the format that ``accept`` asks for, and its Content-Type."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder
        from prometheus_client.multiprocess import MultiProcessCollector

        encode, content_type = choose_encoder(accept)
        registry = self.registry
        if _FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return encode(registry), content_type
