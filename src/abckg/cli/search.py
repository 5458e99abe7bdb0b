"""``abckg search``: records, concepts and terms by their names, in Japanese and English."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from abckg.cli.options import root_option
from abckg.cli.query import columns
from abckg.cli.stores import embedded_store
from abckg.namespaces import Prefixes, load_prefixes
from abckg.search.search import Found, Hit, Marked, SearchIndex
from abckg.store import RemoteStore

__all__ = ["search"]

_NOTHING_FOUND = 1


@click.command(epilog="Example: abckg search 広島大学 --type University")
@click.argument("text")
@click.option("--type", "kind", metavar="CLASS", help="Only things of this class, such as Hub; also by inference.")
@click.option(
    "--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of the names shown."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many to show at most.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Form of the list.",
)
@click.option("--endpoint", help="Search the graph of this SPARQL endpoint instead of the embedded one.")
@root_option
def search(text: str, kind: str | None, lang: str, limit: int, form: str, endpoint: str | None, root: Path) -> None:
    """Find TEXT in names, other names, codes and descriptions, in Japanese and English.

    All words of TEXT must be there; put a phrase in quotation marks. The exit status is 0 where something was found,
    1 where nothing was, 2 where it could not be searched.
    """
    prefixes = load_prefixes(root)
    index = SearchIndex.of(RemoteStore(endpoint) if endpoint else embedded_store(root))
    iri = index.kind_named(kind, prefixes) if kind else None
    found = index.search(text, limit=limit, kind=iri, language=lang)
    if form == "json":
        click.echo(json.dumps([_as_json(hit) for hit in found.hits], ensure_ascii=False, indent=2))
    elif found.hits:
        rows = [[prefixes.curie(hit.iri), _kind(hit, prefixes), hit.label.text, _matched(hit)] for hit in found.hits]
        click.echo(columns(["record", "type", "name", "also"], rows))
    click.echo(_summary(found), err=True)
    if not found.hits:
        sys.exit(_NOTHING_FOUND)


def _kind(hit: Hit, prefixes: Prefixes) -> str:
    return prefixes.curie(hit.kind) if hit.kind else ""


def _matched(hit: Hit) -> str:
    """Return the text that matches where it is not the name shown."""
    if hit.text:
        return hit.text.excerpt(40).text
    return hit.other.text if hit.other and hit.other.marks and not hit.label.marks else ""


def _summary(found: Found) -> str:
    total = f"{found.total:,}" if found.is_counted else f"more than {found.total:,}"
    return f"{len(found.hits)} of {total} found" if found.hits else "Nothing found."


def _as_json(hit: Hit) -> dict[str, object]:
    def marked(text: Marked | None) -> dict[str, object] | None:
        if text is None:
            return None
        return {
            "text": text.text,
            "language": text.language or None,
            "field": text.field.name.lower(),
            "marks": [list(mark) for mark in text.marks],
        }

    return {
        "iri": hit.iri,
        "type": hit.kind or None,
        "match": hit.match.value,
        "label": marked(hit.label),
        "other": marked(hit.other),
        "text": marked(hit.text),
    }
