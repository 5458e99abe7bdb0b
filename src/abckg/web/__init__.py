"""The web application: a SPARQL endpoint, linked data and pages over one store.

What is served is an argument: nothing is read from files here and nothing is global. Layer: web; the top.
"""

from __future__ import annotations

from flask import Flask

from abckg.queries import Catalogue
from abckg.settings import Settings
from abckg.store import Store
from abckg.web import catalogue as catalogue_routes
from abckg.web import errors, pages, resources, sparql
from abckg.web.security import PathPrefix, add_headers, check_length
from abckg.web.site import EXTENSION, Quote, Site

__all__ = ["create_app"]


def create_app(store: Store, settings: Settings, catalogue: Catalogue, *, quote: Quote | None = None) -> Flask:
    """Return the application.

    Args:
        store: What is served.
        settings: How.
        catalogue: The questions that are offered.
        quote: Gives the words of a passage, where the source documents are at hand.
    """
    app = Flask(__name__)
    app.extensions[EXTENSION] = Site(store, settings, catalogue, quote)
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_query_length,
        MAX_FORM_MEMORY_SIZE=settings.max_query_length,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for blueprint in (pages.blueprint, sparql.blueprint, resources.blueprint, catalogue_routes.blueprint):
        app.register_blueprint(blueprint)
    errors.install(app)
    app.before_request(check_length)
    app.after_request(add_headers)
    if settings.prefix:
        app.wsgi_app = PathPrefix(app.wsgi_app, settings.prefix)  # type: ignore[method-assign]
    return app
