"""The rules of ``abckg validate``, one page with a place for each: where a finding's address leads.

Layer: web; imports ``rulebook``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from abckg.web.described import LANGUAGE, described, media
from abckg.web.rendering import not_modified, page_etag, render, tagged
from abckg.web.site import site

if TYPE_CHECKING:
    from abckg.rulebook import Rule  # brings the validator, which no lane needs

__all__ = ["blueprint"]

blueprint = Blueprint("rules", __name__)


@dataclass(frozen=True)
class RuleFile:
    """The rules of a check that one file makes; of those of the program the place is empty."""

    place: str
    rules: tuple[Rule, ...]

    @property
    def name(self) -> str:
        """Return the name of the file without its ending."""
        return Path(self.place).stem

    @property
    def count(self) -> int:
        """Return how many rules there are."""
        return len(self.rules)


@blueprint.get("/rules")
@described("dataset", LANGUAGE, answers={"200": media("text/html")})
def rules() -> Response:
    """Every rule that ``abckg validate`` may report, by check."""
    current = site()
    etag = page_etag(current)
    groups = [(check, list(_files(found))) for check, found in groupby(current.rules(), key=lambda rule: rule.check)]
    return not_modified(etag) or tagged(render(current, "rules.html", groups=groups), etag)


def _files(rules: Iterable[Rule]) -> Iterator[RuleFile]:
    for place, found in groupby(rules, key=lambda rule: rule.place):
        yield RuleFile(place, tuple(found))
