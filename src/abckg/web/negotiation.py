"""Chooses the form of an answer, by name or by the Accept header.

Layer: web; imports ``errors`` and ``formats``. Specification: https://www.rfc-editor.org/rfc/rfc9110#section-12.5
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from abckg.errors import NotAcceptable
from abckg.formats import ResultFormat, formats_for, named

__all__ = ["HTML", "Choice", "best_media_type", "best_of_formats", "chosen", "offers", "prefers_html"]

HTML = "text/html"


@dataclass(frozen=True)
class Choice:
    """The form of an answer: a format and its Content-Type, or a page where ``format`` is None."""

    format: ResultFormat | None
    content_type: str


@lru_cache(maxsize=256)
def chosen(kind: str, name: str | None, accept: str | None, *, html: bool) -> Choice:
    """Return the form for an answer of ``kind`` by ``name``, else by Accept.

    Args:
        kind: ``boolean``, ``solutions`` or ``graph``.
        name: The format asked for by name, if one is.
        accept: The Accept header, if there is one.
        html: Whether it can be had as a page.

    Raises:
        NotAcceptable: None fits.
    """
    formats = formats_for(kind)
    if name == "html" and html:
        return Choice(None, HTML)
    if name:
        form = named(name, formats)
        if form is None:
            raise NotAcceptable(f"There is no format {name!r} for this answer; {offers(formats)}")
        return Choice(form, form.content_type())
    best = best_of_formats(accept, formats, (HTML,) if html else ())
    if best is None:
        raise NotAcceptable(f"The answer cannot be had as {accept}; {offers(formats)}")
    form, media_type = best
    return Choice(form, form.content_type(media_type) if form else HTML)


def offers(formats: Sequence[ResultFormat]) -> str:
    """Return the formats in which something can be had, in words."""
    names = ", ".join(f"{form.media_type} (format={form.name})" for form in formats)
    return f"it can be had as {names}."


def best_media_type(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that ``accept`` likes best, the earlier of two it likes the same; None where it likes none.

    A more specific range overrides a more general one, and ``q=0`` excludes.
    """
    ranges = _ranges(accept or "*/*")
    rated = [(_quality(offer, ranges), -place, offer) for place, offer in enumerate(offers)]
    quality, _, best = max(rated, default=(0.0, 0, ""))
    return best if quality > 0 else None


def best_of_formats(
    accept: str | None, formats: Iterable[ResultFormat], others: Sequence[str] = ()
) -> tuple[ResultFormat | None, str] | None:
    """Return the best format with the media type it was asked for by, or one of ``others`` with no format, or None."""
    table: dict[str, ResultFormat | None] = {}
    listed = tuple(formats)
    for form in listed:
        table.setdefault(form.media_type, form)
    for other in others:
        table.setdefault(other, None)
    for form in listed:
        for alias in form.aliases:
            table.setdefault(alias, form)
    best = best_media_type(accept, tuple(table))
    return None if best is None else (table[best], best)


def prefers_html(accept: str | None, rival: str) -> bool:
    """Return whether the reader would rather have a page than ``rival``; not where it is all the same."""
    return best_media_type(accept, (rival, HTML)) == HTML


def _ranges(accept: str) -> list[tuple[str, str, float]]:
    ranges = []
    for entry in accept.split(","):
        media, *parameters = (piece.strip() for piece in entry.split(";"))
        kind, slash, subtype = media.lower().partition("/")
        if media == "*":
            kind, slash, subtype = "*", "/", "*"
        if slash and kind and subtype:
            ranges.append((kind, subtype, _weight(parameters)))
    return ranges


def _weight(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _quality(offer: str, ranges: Iterable[tuple[str, str, float]]) -> float:
    kind, _, subtype = offer.partition("/")
    fitting = [
        ((range_kind != "*") + (range_subtype != "*"), weight)
        for range_kind, range_subtype, weight in ranges
        if range_kind in ("*", kind) and range_subtype in ("*", subtype)
    ]
    return max(fitting)[1] if fitting else 0.0
