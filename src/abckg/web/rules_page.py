"""The rules of ``abckg validate``, one page with a place for each: where a finding's address leads.

Layer: web; imports ``rulebook``.
"""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Response

from abckg.web.described import LANGUAGE, described, media
from abckg.web.rendering import not_modified, page_etag, render, tagged
from abckg.web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("rules", __name__)


@blueprint.get("/rules")
@described("dataset", LANGUAGE, answers={"200": media("text/html")})
def rules() -> Response:
    """Every rule that ``abckg validate`` may report, by check."""
    current = site()
    etag = page_etag(current)
    groups = [(check, list(found)) for check, found in groupby(current.rules(), key=lambda rule: rule.check)]
    return not_modified(etag) or tagged(render(current, "rules.html", groups=groups), etag)
