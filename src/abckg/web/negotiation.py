"""Chooses a media type by the Accept header, and a language by Accept-Language.

Layer: web; imports ``formats``. Specification: https://www.rfc-editor.org/rfc/rfc9110#section-12.5
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from abckg.formats import ResultFormat

__all__ = ["HTML", "best_media_type", "best_of_formats", "prefers_html"]

HTML = "text/html"


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
