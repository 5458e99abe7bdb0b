"""Search for people, as a page, and for programs, as JSON and JSON-LD.

Layer: web; imports ``namespaces``, ``errors`` and ``search``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, request

from abckg.errors import NotAcceptable, UsageError
from abckg.namespaces import ABC, RDFS
from abckg.search.search import MAX_LENGTH, Found, Hit, Marked
from abckg.web.described import JSON, LANGUAGE, Parameter, described, media
from abckg.web.display import Namer, Shown
from abckg.web.negotiation import best_media_type
from abckg.web.rendering import View, not_modified, page_etag, render, tagged, view
from abckg.web.site import Site, language_of, site

__all__ = ["blueprint"]

_PAGE = 20
_MOST = 100
_LAST = 10_000
_CHIPS = 10
_EXAMPLES = {"ja": ("広島大学", "量子", "バイオ 拠点"), "en": ("Hiroshima", "quantum", "regional cluster")}
_JSON_LD = "application/ld+json"
_PARAMETERS = (
    Parameter(
        "q",
        "Words that must all be there, in any order; a phrase in quotation marks.",
        {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
        required=True,
    ),
    Parameter("type", "Only things of this class, such as Hub or skos:Concept; also by inference."),
    Parameter("page", "Which page of the hits.", {"type": "integer", "minimum": 1, "maximum": _LAST, "default": 1}),
    LANGUAGE,
)
_LIMIT = Parameter(
    "limit", "How many hits a page has.", {"type": "integer", "minimum": 1, "maximum": _MOST, "default": _PAGE}
)
_MARKED = {
    "type": ["object", "null"],
    "description": "A text; marks are pairs of places, in characters, the end exclusive.",
    "required": ["text", "language", "field", "marks"],
}
_RESULTS = {
    "type": "object",
    "required": ["query", "total", "is_counted", "page", "results", "next"],
    "properties": {
        "total": {"type": "integer", "description": "The number of hits; where is_counted is false, there are more."},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["iri", "page", "type", "match", "label", "other", "text"],
                "properties": {
                    "match": {"enum": ["exact", "prefix", "substring", "words"]},
                    **dict.fromkeys(("label", "other", "text"), _MARKED),
                },
            },
        },
    },
}

blueprint = Blueprint("search", __name__)


@dataclass(frozen=True)
class _Asked:
    """What the address asks for; ``kind`` is the IRI of a class, ``type`` its name in addresses."""

    text: str
    type: str | None
    kind: str | None
    page: int
    limit: int
    language: str

    def found(self, current: Site) -> Found:
        return current.search.index.search(
            self.text,
            limit=self.limit,
            offset=(self.page - 1) * self.limit,
            kind=self.kind,
            language=self.language,
        )

    def pages(self, found: Found) -> int:
        return min(-(-found.total // self.limit), _LAST // self.limit)


@dataclass(frozen=True)
class _Result:
    hit: Hit
    kind: Shown | None
    href: str | None

    @staticmethod
    def parts(marked: Marked) -> Iterator[tuple[str, bool]]:
        """Yield the pieces of a text, and for each whether it matches."""
        at = 0
        for begin, end in marked.marks:
            yield marked.text[at:begin], False
            yield marked.text[begin:end], True
            at = end
        yield marked.text[at:], False


@dataclass(frozen=True)
class _Chip:
    """A class to narrow the search to: its name, its name in addresses, its number of hits."""

    text: str
    language: str | None
    type: str
    number: int


@blueprint.get("/search")
@described("search", *_PARAMETERS, answers={"200": media("text/html")})
def page() -> Response:
    """Search in names, other names, codes and descriptions, as a page."""
    current = site()
    etag = page_etag(current)
    unchanged = not_modified(etag)
    if unchanged:
        return unchanged
    reader = view(current)
    if not request.args.get("q", "").strip():
        return tagged(render(current, "search.html", asked=None, examples=_EXAMPLES[reader.language]), etag)
    asked = _asked(current, _PAGE)
    found = asked.found(current)
    namer = _namer(current, reader)
    response = render(
        current,
        "search.html",
        asked=asked,
        found=found,
        results=[_result(hit, namer) for hit in found.hits],
        chips=_chips(current, asked, namer),
        pages=asked.pages(found),
        examples=_EXAMPLES[reader.language],
    )
    return tagged(response, etag)


@blueprint.get("/api/search")
@described("search", *_PARAMETERS, _LIMIT, answers={"200": {**media(JSON, schema=_RESULTS), **media(_JSON_LD)}})
def results() -> Response:
    """Search in names, other names, codes and descriptions.

    Exact names come first, then beginnings, then parts, then things whose texts together hold all words.
    """
    current = site()
    media_type = best_media_type(request.headers.get("Accept"), (JSON, _JSON_LD))
    if media_type is None:
        raise NotAcceptable(f"What was found can be had as {JSON} or {_JSON_LD}.")
    asked = _asked(current, request.args.get("limit"))
    etag = current.etag("api-search", request.full_path, asked.language, media_type)
    response = not_modified(etag)
    if response is None:
        found = asked.found(current)
        reader = view(current)
        body = (
            _linked_data(found) if media_type == _JSON_LD else _as_json(found, asked, reader, _namer(current, reader))
        )
        written = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        response = tagged(Response(written, content_type=media_type), etag)
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _asked(current: Site, limit: str | int | None) -> _Asked:
    text, kind = request.args.get("q"), request.args.get("type")
    if text is None:
        raise UsageError("Give the text to search for as q=...")
    size = _number("limit", limit, _PAGE, _MOST)
    number = _number("page", request.args.get("page"), 1, _LAST // size)
    iri = current.search.index.kind_named(kind, current.prefixes) if kind else None
    return _Asked(text.strip(), kind or None, iri, number, size, language_of(request))


def _number(name: str, value: str | int | None, default: int, most: int) -> int:
    if value is None:
        return default
    written = str(value)
    if not (written.isascii() and written.isdigit() and len(written) < 9 and 1 <= int(written) <= most):
        raise UsageError(f"{name} is a whole number from 1 to {most}, not {written[:20]!r}.")
    return int(written)


def _namer(current: Site, reader: View) -> Namer:
    labels = {iri: term.labels for iri, term in current.ontology.terms.items()}
    return Namer(reader.urls, current.prefixes, reader.language, labels, current.ontology)


def _result(hit: Hit, namer: Namer) -> _Result:
    return _Result(hit, namer.iri(hit.kind) if hit.kind else None, namer.iri(hit.iri).href)


def _chips(current: Site, asked: _Asked, namer: Namer) -> list[_Chip]:
    numbers = current.search.index.numbers_by_kind(asked.text)
    listed = [kind for kind in numbers if kind != asked.kind][:_CHIPS]
    if asked.kind is not None:
        listed.insert(0, asked.kind)
    shown = {kind: namer.iri(kind) for kind in listed}
    return [_Chip(one.text, one.language, _type_name(kind, namer), numbers.get(kind, 0)) for kind, one in shown.items()]


def _type_name(kind: str, namer: Namer) -> str:
    return kind.removeprefix(ABC) if kind.startswith(ABC) else namer.curie(kind)


def _as_json(found: Found, asked: _Asked, reader: View, namer: Namer) -> dict[str, object]:
    limit = str(asked.limit) if asked.limit != _PAGE else None
    more = asked.page < asked.pages(found)
    return {
        "query": asked.text,
        "type": asked.kind,
        "language": asked.language,
        "total": found.total,
        "is_counted": found.is_counted,
        "page": asked.page,
        "next": reader.urls.api_search(asked.text, asked.type, asked.page + 1, limit) if more else None,
        "results": [_listed(_result(hit, namer)) for hit in found.hits],
    }


def _listed(result: _Result) -> dict[str, object]:
    hit = result.hit
    return {
        "iri": hit.iri,
        "page": result.href,
        "type": {"iri": hit.kind, "label": result.kind.text} if result.kind else None,
        "match": hit.match.value,
        "label": _written(hit.label),
        "other": _written(hit.other),
        "text": _written(hit.text.excerpt()) if hit.text else None,
    }


def _written(marked: Marked | None) -> dict[str, object] | None:
    if marked is None:
        return None
    return {
        "text": marked.text,
        "language": marked.language or None,
        "field": marked.field.name.lower(),
        "marks": marked.marks,
    }


def _linked_data(found: Found) -> dict[str, object]:
    return {
        "@context": {"label": {"@id": f"{RDFS}label"}},
        "@graph": [
            {
                "@id": hit.iri,
                **({"@type": hit.kind} if hit.kind else {}),
                "label": [
                    {"@value": name.text, "@language": name.language} if name.language else name.text
                    for name in (hit.label, hit.other)
                    if name
                ],
            }
            for hit in found.hits
        ],
    }
