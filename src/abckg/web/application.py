"""The web application: a SPARQL endpoint, linked data and pages over one store.

What is served is an argument: nothing is read from files here and nothing is global. Layer: web; the top.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Flask, request

from abckg.published import Published
from abckg.queries import Catalogue
from abckg.rulebook import Rule
from abckg.settings import Settings
from abckg.store import Store
from abckg.web import (
    api,
    dataset,
    errors,
    graph_store,
    operations,
    pages,
    resources,
    rules_page,
    search,
    sparql,
    update,
    validation,
)
from abckg.web import catalogue as catalogue_routes
from abckg.web.access import log_request, start_clock
from abckg.web.coding import compress
from abckg.web.cors import add_cors
from abckg.web.endpoint import Endpoint
from abckg.web.protocol import check_length
from abckg.web.security import PathPrefix, add_headers
from abckg.web.site import EXTENSION, Quote, Site

__all__ = ["create_app"]

_ROUTES = (
    pages,
    search,
    sparql,
    resources,
    catalogue_routes,
    api,
    dataset,
    operations,
    update,
    graph_store,
    validation,
    rules_page,
)


def create_app(
    store: Store,
    settings: Settings,
    catalogue: Catalogue,
    *,
    quote: Quote | None = None,
    published: Published | None = None,
    rules: Callable[[], Sequence[Rule]] = tuple,
) -> Flask:
    """Return the application.

    Args:
        store: What is served.
        settings: How.
        catalogue: The questions that are offered.
        quote: Gives the words of a passage, where the source documents are at hand.
        published: What a build laid beside the store, where one did.
        rules: Returns the rules of ``abckg validate``; asked when their page is.
    """
    app = _framework(settings)
    current = Site(store, settings, catalogue, quote, published, rules)
    app.extensions[EXTENSION] = current
    for module in _ROUTES:
        app.register_blueprint(module.blueprint)
    errors.install(app)
    update.install(app)
    app.before_request(start_clock)
    app.before_request(lambda: check_length(request.query_string, settings))
    # The last one registered runs first: what is logged is what is sent.
    for step in (log_request, add_headers, add_cors, compress):
        app.after_request(step)
    app.wsgi_app = Endpoint(app.wsgi_app, current)  # type: ignore[method-assign]
    if settings.prefix:
        app.wsgi_app = PathPrefix(app.wsgi_app, settings.prefix)  # type: ignore[method-assign]
    return app


def _framework(settings: Settings) -> Flask:
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_query_length,
        MAX_FORM_MEMORY_SIZE=settings.max_query_length,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    return app
