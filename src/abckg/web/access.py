"""Writes one line of JSON for each request, and where it is wanted the text of each query.

The lines hold no address of a client and no query text, only its hash; the query log is a file of its own.
Layer: web; imports ``settings``.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import UTC, datetime
from hashlib import blake2b
from logging.handlers import WatchedFileHandler

from flask import Response, g, request

from abckg.settings import Settings
from abckg.web.cache import Kept
from abckg.web.metrics import Metrics
from abckg.web.site import site

__all__ = ["configure_logs", "log_repeated", "log_request", "note_cache", "note_query", "start_clock"]

_AGENT_LENGTH = 200
_STANDARD_ERROR = "-"
_ENDPOINT = "/sparql"

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


def start_clock() -> None:
    """Take the time at which a request began."""
    g.started = time.perf_counter()


def note_query(text: str) -> None:
    """Remember the query of the current request for the log."""
    g.query = text


def note_cache(result: str) -> None:
    """Remember and count how the query was answered: ``hit``, ``miss``, ``not_modified`` or ``uncacheable``."""
    g.cache = result
    current = site()
    current.metrics.looked_up(result, current.cache.size)


def log_request(response: Response) -> Response:
    """Count and log the current request when its answer is complete."""
    if response.is_streamed and not response.direct_passthrough:
        # The time of a stream is that until its last byte, and it may end early.
        line, metrics, rule, method, query = _line(response), site().metrics, _route(), request.method, g.get("query")
        started, status = g.get("started", time.perf_counter()), response.status_code

        def finish() -> None:
            seconds = time.perf_counter() - started
            metrics.answered(rule, method, status, seconds)
            _write({**line, "milliseconds": round(seconds * 1000, 2)}, query)

        response.call_on_close(finish)
        return response
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    site().metrics.answered(_route(), request.method, response.status_code, seconds)
    _write({**_line(response), "milliseconds": round(seconds * 1000, 2)}, g.get("query"))
    return response


def log_repeated(metrics: Metrics, kept: Kept, status: int, seconds: float, size: int) -> None:
    """Count and log an answer that was given again without the application."""
    metrics.answered(_ENDPOINT, "GET", status, seconds)
    metrics.looked_up("not_modified" if status == 304 else "hit", size)
    if not (_access.isEnabledFor(logging.INFO) or _queries.isEnabledFor(logging.INFO)):
        return
    line: dict[str, object] = {
        "time": _now(),
        "method": "GET",
        "path": _ENDPOINT,
        "route": _ENDPOINT,
        "status": status,
        "bytes": len(kept.body) if status == 200 else 0,
        "type": kept.content_type.partition(";")[0],
        "query": _hash(kept.query),
        "cache": "not_modified" if status == 304 else "hit",
        "milliseconds": round(seconds * 1000, 2),
    }
    _write(line, kept.query)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _hash(query: str) -> str:
    return blake2b(query.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _write(line: dict[str, object], query: str | None) -> None:
    if _access.isEnabledFor(logging.INFO):
        _access.info("%s", json.dumps(line, ensure_ascii=False))
    if query is not None and _queries.isEnabledFor(logging.INFO):
        _queries.info("%s", json.dumps({**line, "text": query}, ensure_ascii=False))


def _line(response: Response) -> dict[str, object]:
    query = g.get("query")
    entries: dict[str, object | None] = {
        "time": _now(),
        "method": request.method,
        "path": request.path,
        "route": _route(),
        "status": response.status_code,
        "bytes": response.content_length,
        "type": response.mimetype,
        "coding": response.headers.get("Content-Encoding"),
        "query": _hash(query) if query is not None else None,
        "cache": g.get("cache"),
        "agent": (request.user_agent.string or "")[:_AGENT_LENGTH] or None,
    }
    return {name: value for name, value in entries.items() if value is not None}


def _route() -> str | None:
    return request.url_rule.rule if request.url_rule else None
