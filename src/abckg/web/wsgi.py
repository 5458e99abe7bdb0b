"""The application for a WSGI server, made from the settings of the environment.

Layer: web; called by ``abckg serve`` in each of its processes.
"""

from __future__ import annotations

import ctypes
import os
import signal
from functools import cache, partial
from pathlib import Path

from flask import Flask

from abckg.federation.addresses import AllowList
from abckg.federation.elsewhere import Elsewhere
from abckg.federation.federation import Federation
from abckg.pool.lease import Limits
from abckg.pool.pooled import PooledStore
from abckg.pool.processes import WORKER
from abckg.published import Published, open_published
from abckg.queries import load_catalogue
from abckg.quotes import Quotes
from abckg.rulebook import rules_of
from abckg.settings import Settings
from abckg.store import RemoteStore, Store
from abckg.web.access import configure_logs
from abckg.web.application import create_app
from abckg.web.authority import with_token
from abckg.web.endpoint import PATH
from abckg.web.lanes.listener import LISTEN, bound
from abckg.web.lanes.switchboard import Switchboard
from abckg.web.site import EXTENSION, Site
from abckg.web.watch import keep_watch
from abckg.writing.editable import EditableStore
from abckg.writing.versions import served_store
from abckg.writing.writer import Bounds

__all__ = ["SERVER", "application"]

SERVER = "ABCKG_SERVER"  # the number of the process of `abckg serve`
_PR_SET_PDEATHSIG = 1
_KEEPER = "abckg.web.lanes.keeper"
_MARGIN_SECONDS = 15.0


def application() -> Flask:
    """Return the application that ``ABCKG_STORE``, ``ABCKG_ROOT`` and the other settings describe."""
    settings = with_token(Settings.from_environment(os.environ))
    os.environ.pop("ABCKG_TOKEN", None)  # not for the processes of queries
    configure_logs(settings)
    _end_with_the_command()
    store = _open_store(settings)
    quote = Quotes(store, settings.sources_folder) if settings.sources_folder else None
    published = _published(settings, store)
    root = Path(settings.root)
    rules = cache(partial(rules_of, root))
    app = create_app(store, settings, load_catalogue(root), quote=quote, published=published, rules=rules)
    metrics = app.extensions[EXTENSION].metrics
    if not isinstance(store, RemoteStore):
        metrics.watch(store.numbers)
        if LISTEN in os.environ:
            _open_lanes(store, settings, app.extensions[EXTENSION])
    keep_watch(_MARGIN_SECONDS + max(settings.timeout, settings.write_timeout if settings.token else 0), metrics.take)
    return app


def _open_lanes(store: EditableStore | PooledStore, settings: Settings, current: Site) -> None:
    host, port, behind = os.environ[LISTEN].split()

    def measured(method: str, status: int, seconds: float, cached: str | None) -> None:
        current.metrics.answered(PATH, method, status, seconds)
        if cached:
            current.metrics.looked_up(cached, current.cache.size)

    listener = bound(host, int(port))
    lanes = settings.lanes_wanted
    switchboard = Switchboard(lambda: store.pool, listener, int(behind), lanes, measured, current.carried)
    if isinstance(store, EditableStore):
        store.changed = switchboard.board.advance
    switchboard.start()


def _open_store(settings: Settings) -> RemoteStore | EditableStore | PooledStore:
    if settings.store.startswith(("http://", "https://")):
        remote = RemoteStore(settings.store, settings.timeout)
        remote.federate = Federation(Elsewhere(AllowList(settings.services)))
        return remote
    limits = Limits(
        processes=settings.workers,
        long_queries=settings.long_queries,
        queue=settings.queue,
        timeout=settings.timeout,
        memory=settings.memory,
        in_memory=settings.in_memory,
        services=settings.services,
    )
    program = _KEEPER if LISTEN in os.environ else WORKER
    if settings.token:
        root = Path(settings.root) if settings.root else None
        bounds = Bounds(settings.timeout, settings.write_timeout, settings.memory)
        return EditableStore(Path(settings.store), root, limits, bounds, program)
    return PooledStore.open(served_store(Path(settings.store)), limits, program)


def _end_with_the_command() -> None:
    """Have this process end when ``abckg serve``, which started it, is killed and cannot end it."""
    if os.environ.get(SERVER) == str(os.getppid()):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _published(settings: Settings, store: Store) -> Published | None:
    return open_published(Path(settings.store).parent, store.version) if Path(settings.store).is_dir() else None
