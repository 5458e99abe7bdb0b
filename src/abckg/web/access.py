"""Writes one line of JSON for each request, and where it is wanted the text of each query.

The lines hold no address of a client and no query text, only its hash; the query log is a file of its own. A thread
writes them, those that came meanwhile at once: writing takes longer than answering from the cache.
Layer: web; imports ``settings``.
"""

from __future__ import annotations

import atexit
import json
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from logging.handlers import WatchedFileHandler
from typing import TypeAlias

from flask import Response, g, request

from abckg.settings import Settings
from abckg.web.site import Site, site

__all__ = [
    "STARTED",
    "Entry",
    "configure_logs",
    "flush_logs",
    "log",
    "log_request",
    "note",
    "note_cache",
    "note_query",
    "start_clock",
]

STARTED = "abckg.started"

_AGENT_LENGTH = 200
_PAUSE = 0.1
_STANDARD_ERROR = "-"

_Values: TypeAlias = dict[str, object]
_encode = json.JSONEncoder(ensure_ascii=False).encode
_access = logging.getLogger("abckg.access")
_queries = logging.getLogger("abckg.queries")


class _Behind(logging.Handler):
    """Has a thread write what it is given, ten times a second, each line made by ``line``; or leaves that to others."""

    def __init__(
        self, target: logging.Handler, line: Callable[[Entry, float, float], _Values | None], *, thread: bool
    ) -> None:
        super().__init__()
        self._target, self._line = target, line
        self._waiting: deque[tuple[Entry, float, float]] = deque()
        self._writing = threading.Lock()
        if thread:
            threading.Thread(target=self._write_always, daemon=True).start()
        atexit.register(self.flush)

    def put(self, entry: Entry, seconds: float) -> None:
        """Have the line of a request that is over written."""
        self._waiting.append((entry, seconds, time.time()))  # waking a thread would take longer than the request

    def flush(self) -> None:
        """Write all that was put."""
        with self._writing:
            found = [self._waiting.popleft() for _ in range(len(self._waiting))]
            values = [self._line(*item) for item in found]
            lines = [_encode(value) for value in values if value is not None]
            if lines:
                self._target.handle(logging.makeLogRecord({"msg": "\n".join(lines)}))

    def close(self) -> None:
        """Write all and close the file."""
        self.flush()
        self._target.close()
        super().close()

    def _write_always(self) -> None:
        while True:
            time.sleep(_PAUSE)
            self.flush()


def configure_logs(settings: Settings, *, thread: bool = True) -> None:
    """Send the two logs where ``settings`` say; called once in each process that serves.

    Args:
        settings: Where they go.
        thread: Whether a thread writes them; else it is done when ``flush_logs`` is called.
    """
    chosen = ((_access, settings.access_log, _values), (_queries, settings.query_log, _values_with_text))
    for logger, destination, line in chosen:
        if not destination:
            continue
        to_screen = destination == _STANDARD_ERROR
        target = logging.StreamHandler(sys.stderr) if to_screen else WatchedFileHandler(destination, encoding="utf-8")
        logger.handlers = [_Behind(target, line, thread=thread)]


@dataclass(frozen=True)
class Entry:
    """What the log says of a request, but for the time; ``size`` is None where it is sent piece by piece."""

    method: str
    path: str
    route: str | None
    status: int
    size: int | None
    media_type: str | None
    coding: str | None = None
    query: str | None = None
    cache: str | None = None
    agent: str | None = None


def start_clock() -> None:
    """Take the time at which a request began."""
    g.started = request.environ.get(STARTED) or time.perf_counter()


def note_query(text: str) -> None:
    """Remember the query of the current request for the log."""
    g.query = text


def note_cache(result: str) -> None:
    """Remember how the query was answered: ``hit``, ``miss``, ``not_modified`` or ``uncacheable``."""
    g.cache = result


def log_request(response: Response) -> Response:
    """Count and log the current request of the application when its answer is complete."""
    entry = Entry(
        method=request.method,
        path=request.path,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        size=response.content_length,
        media_type=response.mimetype,
        coding=response.headers.get("Content-Encoding"),
        query=g.get("query"),
        cache=g.get("cache"),
        agent=request.user_agent.string,
    )
    current, started = site(), g.get("started", time.perf_counter())
    if response.is_streamed and not response.direct_passthrough:
        # The time of a stream is that until its last byte, and it may end early.
        response.call_on_close(lambda: log(current, entry, started))
    else:
        log(current, entry, started)
    return response


def log(current: Site, entry: Entry, started: float) -> None:
    """Count and log a request that began at ``started`` and is complete."""
    seconds = time.perf_counter() - started
    current.metrics.answered(entry.route, entry.method, entry.status, seconds)
    if entry.cache:
        current.metrics.looked_up(entry.cache, current.cache.size)
    note(entry, seconds)


def note(entry: Entry, seconds: float) -> None:
    """Log a request that took ``seconds``."""
    for handler in (*_access.handlers, *_queries.handlers):
        if isinstance(handler, _Behind):
            handler.put(entry, seconds)


def flush_logs() -> None:
    """Write what was logged."""
    for handler in (*_access.handlers, *_queries.handlers):
        handler.flush()


def _values_with_text(entry: Entry, seconds: float, now: float) -> _Values | None:
    return None if entry.query is None else {**_values(entry, seconds, now), "text": entry.query}


def _values(entry: Entry, seconds: float, now: float) -> _Values:
    second, milliseconds = divmod(int(now * 1000), 1000)
    values: dict[str, object | None] = {
        "time": f"{_second(second)}.{milliseconds:03}+00:00",
        "method": entry.method,
        "path": entry.path,
        "route": entry.route,
        "status": entry.status,
        "bytes": entry.size,
        "type": entry.media_type,
        "coding": entry.coding,
        "query": _hash(entry.query) if entry.query is not None else None,
        "cache": entry.cache,
        "agent": (entry.agent or "")[:_AGENT_LENGTH] or None,
        "milliseconds": round(seconds * 1000, 2),
    }
    return {name: value for name, value in values.items() if value is not None}


@lru_cache(maxsize=4)
def _second(now: int) -> str:
    """Return a second as ISO 8601 writes it; many requests are in the same."""
    return datetime.fromtimestamp(now, UTC).isoformat()[:19]


def _hash(query: str) -> str:
    return blake2b(query.encode("utf-8", "replace"), digest_size=8).hexdigest()
