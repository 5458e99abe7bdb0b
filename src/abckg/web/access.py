"""Writes one line of JSON for each request, and where it is wanted the text of each query.

The lines hold no address of a client and no query text, only its hash; the query log is a file of its own.
Layer: web; imports ``settings``.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from logging.handlers import WatchedFileHandler

from flask import Response, g, request

from abckg.settings import Settings
from abckg.web.site import Site, site

__all__ = ["STARTED", "Entry", "configure_logs", "log", "log_request", "note_cache", "note_query", "start_clock"]

STARTED = "abckg.started"

_AGENT_LENGTH = 200
_STANDARD_ERROR = "-"

_access = logging.getLogger("abckg.access")
_queries = logging.getLogger("abckg.queries")


def configure_logs(settings: Settings) -> None:
    """Send the two logs where ``settings`` say; called once in each process that serves."""
    for logger, destination in ((_access, settings.access_log), (_queries, settings.query_log)):
        if not destination:
            continue
        to_screen = destination == _STANDARD_ERROR
        handler = logging.StreamHandler(sys.stderr) if to_screen else WatchedFileHandler(destination, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False


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
    if _access.isEnabledFor(logging.INFO) or (entry.query and _queries.isEnabledFor(logging.INFO)):
        _write(entry, seconds)


def _write(entry: Entry, seconds: float) -> None:
    values: dict[str, object | None] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
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
    line = {name: value for name, value in values.items() if value is not None}
    _log(_access, line)
    if entry.query is not None:
        _log(_queries, {**line, "text": entry.query})


def _log(logger: logging.Logger, line: Mapping[str, object]) -> None:
    if logger.isEnabledFor(logging.INFO):
        # Who calls is always this function: the logger need not look for it on the stack.
        logger.handle(logging.makeLogRecord({"msg": json.dumps(line, ensure_ascii=False), "levelno": logging.INFO}))


def _hash(query: str) -> str:
    return blake2b(query.encode("utf-8", "replace"), digest_size=8).hexdigest()
