"""The report of the checks on what is served, as a page and as a SHACL validation report.

Layer: web; imports ``errors``, ``formats`` and ``namespaces``.
Specification: https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from abckg.describe import labels_of
from abckg.errors import NotAcceptable
from abckg.formats import GRAPH_FORMATS, named
from abckg.namespaces import SH
from abckg.store import Answer, Term
from abckg.web.described import FORMAT, GRAPHS, LANGUAGE, described, media
from abckg.web.display import Namer, Shown
from abckg.web.negotiation import HTML, best_of_formats
from abckg.web.rendering import not_modified, page_etag, render, tagged, view
from abckg.web.site import Site, site

__all__ = ["blueprint"]

_SEVERITIES = ("Violation", "Warning", "Info")

blueprint = Blueprint("validation", __name__)


@dataclass(frozen=True)
class _Result:
    """One finding of the report, ready to be shown."""

    severity: str
    focus: Shown | None
    path: Shown | None
    message: str
    language: str | None
    rule: str


@blueprint.get("/validation")
@described("dataset", FORMAT, LANGUAGE, answers={"200": {**media("text/html"), **GRAPHS}})
def report() -> Response:
    """The report of the checks on what is served."""
    current = site()
    name, accept = request.args.get("format"), request.headers.get("Accept")
    best = (named(name, GRAPH_FORMATS), "") if name else best_of_formats(accept, GRAPH_FORMATS, (HTML,))
    if best is None or (name and best[0] is None):
        raise NotAcceptable("The report can be had as text/html or as RDF.")
    published = current.build
    if published is None or not published.report:
        raise NotFound("What is served was not checked by the build, or has changed since.")
    form, media_type = best
    etag = page_etag(current)
    response = not_modified(etag)
    if response is None and form is not None and (name or (accept or "*/*").strip() != "*/*"):
        body = Answer.of(published.report).serialize(form, {**current.prefixes, "sh": SH})
        response = tagged(Response(body, content_type=form.content_type(media_type or None)), etag)
    response = response or tagged(_page(current, published.report, valid=bool(published.valid)), etag)
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _page(current: Site, triples: Iterable[ox.Triple], *, valid: bool) -> Response:
    found = _results(current, triples)
    counts = Counter(result.severity for result in found)
    return render(
        current,
        "validation.html",
        is_valid=valid,
        results=found,
        counts=[(severity, counts[severity]) for severity in _SEVERITIES],
        formats=[form for form in GRAPH_FORMATS if form.name in ("turtle", "nt", "jsonld", "rdfxml")],
    )


def _results(current: Site, triples: Iterable[ox.Triple]) -> list[_Result]:
    values: defaultdict[Term, dict[str, Term]] = defaultdict(dict)
    listed: list[Term] = []
    for triple in triples:
        values[triple.subject].setdefault(triple.predicate.value.removeprefix(SH), triple.object)
        if triple.predicate.value == f"{SH}result":
            listed.append(triple.object)
    reader = view(current)
    iris = {term.value for one in listed for term in values[one].values() if isinstance(term, ox.NamedNode)}
    namer = Namer(reader.urls, current.prefixes, reader.language, labels_of(current.store, iris), current.ontology)
    found = [_result(values[one], namer) for one in listed]
    return sorted(
        found, key=lambda one: (_SEVERITIES.index(one.severity), one.rule, one.focus.text if one.focus else "")
    )


def _result(values: dict[str, Term], namer: Namer) -> _Result:
    def shown(name: str) -> Shown | None:
        value = values.get(name)
        return namer.iri(value.value) if isinstance(value, ox.NamedNode) else None

    message = values.get("resultMessage")
    severity, rule = (values.get(name) for name in ("resultSeverity", "sourceShape"))
    rule = rule or values.get("sourceConstraintComponent")
    name = severity.value.removeprefix(SH) if isinstance(severity, ox.NamedNode) else ""
    return _Result(
        name if name in _SEVERITIES else _SEVERITIES[0],
        shown("focusNode"),
        shown("resultPath"),
        message.value if isinstance(message, ox.Literal) else "",
        message.language if isinstance(message, ox.Literal) else None,
        rule.value.replace("#", "/").rpartition("/")[2] if isinstance(rule, ox.NamedNode) else "",
    )
