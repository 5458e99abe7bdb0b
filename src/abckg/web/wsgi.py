"""The application for a WSGI server, made from the settings of the environment.

Layer: web; called by ``abckg serve`` in each of its processes.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from abckg.queries import load_catalogue
from abckg.quotes import Quotes
from abckg.settings import Settings
from abckg.store import EmbeddedStore, RemoteStore, Store
from abckg.web import create_app

__all__ = ["application"]


def application() -> Flask:
    """Return the application that ``ABCKG_STORE``, ``ABCKG_ROOT`` and the other settings describe."""
    settings = Settings.from_environment(os.environ)
    store: Store = (
        RemoteStore(settings.store)
        if settings.store.startswith(("http://", "https://"))
        else EmbeddedStore.open(Path(settings.store))
    )
    quote = Quotes(store, settings.sources_folder) if settings.sources_folder else None
    return create_app(store, settings, load_catalogue(Path(settings.root)), quote=quote)
