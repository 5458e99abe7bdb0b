"""Renders a page: the template, the words, the addresses and the headers that every page has.

Layer: web.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request

from abckg.web.site import Site, language_of
from abckg.web.texts import LANGUAGES, Texts
from abckg.web.urls import LANGUAGE_PARAMETER, Urls

__all__ = ["View", "not_modified", "page_etag", "render", "style_version", "tagged", "view"]

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class View:
    """The reader's side of a request: language, words and addresses."""

    language: str
    texts: Texts
    urls: Urls


def view(site: Site) -> View:
    """Return the view of the current request; a language chosen by address is carried along in links."""
    language = language_of(request)
    chosen = language if request.args.get(LANGUAGE_PARAMETER) in LANGUAGES else None
    return View(language, Texts(language), Urls(site.settings, chosen))


def render(site: Site, template: str, **context: object) -> Response:
    """Return the page of ``template``."""
    current = view(site)
    response = make_response(
        render_template(
            template,
            t=current.texts,
            urls=current.urls,
            lang=current.language,
            lang_links=_language_links(site),
            version=site.store.version,
            style=style_version(),
            is_checked=bool(site.build and site.build.report),
            **context,
        )
    )
    response.headers["Content-Language"] = current.language
    response.vary.update(("Accept", "Accept-Language"))
    return response


def page_etag(site: Site, *more: str) -> str:
    """Return the entity tag of the current address in the reader's language."""
    accept = request.headers.get("Accept") or "*/*"
    return site.etag(request.full_path, accept, language_of(request), style_version(), *more)


def not_modified(etag: str) -> Response | None:
    """Return the answer 304 where the reader has the entity of this tag already."""
    if not etag or not request.if_none_match.contains_weak(etag):
        return None
    return tagged(Response(status=304), etag)


def tagged(response: Response, etag: str) -> Response:
    """Give ``response`` its entity tag; it may be kept, and asked about each time. Without tag it may not."""
    if not etag:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return response


def style_version() -> str:
    """Return a hash of the style sheet and of the other files that a page loads, which stands in their addresses."""
    stamps = [(path.name, path.stat()) for path in sorted(_STATIC.iterdir())]
    text = " ".join(f"{name} {stamp.st_size} {stamp.st_mtime_ns}" for name, stamp in stamps)
    return blake2b(text.encode(), digest_size=6).hexdigest()


def _language_links(site: Site) -> dict[str, str]:
    here = Urls(site.settings).path(request.path)
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] != LANGUAGE_PARAMETER]
    return {language: f"{here}?{urlencode([*pairs, (LANGUAGE_PARAMETER, language)])}" for language in LANGUAGES}
