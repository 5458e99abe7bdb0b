"""Checks of one file at a time: canonical format, prefixes, and that its path is the IRI of its record.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import pyoxigraph as ox

from abckg import turtle
from abckg.namespaces import ID
from abckg.reports.report import Finding, Place
from abckg.sources import SourceFile
from abckg.validate.context import Context, Fault, found

__all__ = ["file_format", "file_path", "file_prefixes", "formats", "paths", "prefixes", "unknown_file"]

_RECORD_PATH = re.compile(r"data/[a-z-]+/[a-z0-9]+(?:-[a-z0-9]+)*\.ttl\Z")
_PREFIX_LINE = re.compile(r"^\s*@?prefix\s+([^\s:]*):\s*<([^>]*)>", re.IGNORECASE)


def formats(context: Context) -> Iterator[Finding]:
    """Yield the files that are not in canonical form."""
    for file in context.sources.files:
        yield from file_format(context, file)


def file_format(context: Context, file: SourceFile) -> Iterator[Finding]:
    """Yield the first line of a file that is not in canonical form."""
    canonical = turtle.canonical(file.text, file.triples, context.sources.prefixes)
    if canonical != file.text:
        line = _first_difference(file.text, canonical)
        message = context.say(
            f"the file is not in canonical form; run: abckg fmt {file.path}",
            f"書式が正規形ではありません。次を実行してください：abckg fmt {file.path}",
        )
        yield found("canonical-format", message, "format", (Place(file.path, line, 1),))


def _first_difference(text: str, canonical: str) -> int:
    ours, theirs = text.split("\n"), canonical.split("\n")
    pairs = zip(ours, theirs, strict=False)
    same = next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
    return min(same + 1, len(ours))


def prefixes(context: Context) -> Iterator[Finding]:
    """Yield the prefixes that differ from the one list."""
    for file in context.sources.files:
        yield from file_prefixes(context, file)


def file_prefixes(context: Context, file: SourceFile) -> Iterator[Finding]:
    """Yield the prefixes of one file that differ from the one list."""
    for number, line in enumerate(file.text.removeprefix("\ufeff").split("\n"), 1):
        match = _PREFIX_LINE.match(line)
        if match and context.sources.prefixes.get(match[1]) != match[2]:
            message = _prefix_message(context, match[1])
            place = Place(file.path, number, match.start(1) + 1, number, match.end(1) + 1)
            yield found("prefix", message, "prefixes", (place,))


def _prefix_message(context: Context, label: str) -> str:
    right = context.sources.prefixes.get(label)
    if right is None:
        return context.say(
            f"the prefix {label}: is not in ontology/prefixes.ttl; use one that is",
            f"接頭辞 {label}: は ontology/prefixes.ttl にありません。そこにあるものを用いてください",
        )
    return context.say(
        f"write @prefix {label}: <{right}> . as in ontology/prefixes.ttl",
        f"ontology/prefixes.ttl と同じく @prefix {label}: <{right}> . としてください",
    )


def paths(context: Context) -> Iterator[Finding]:
    """Yield files that do not belong into ``data/``, and records whose path is not their IRI."""
    root = context.sources.root
    for path in sorted((root / "data").rglob("*")):
        if path.is_file():
            yield from unknown_file(context, path.relative_to(root))
    for file in context.sources.files:
        yield from file_path(context, file)


def _no_type(context: Context, name: str) -> str:
    types = [namespace.removeprefix(ID).rstrip("/") for namespace in context.sources.prefixes.values()]
    close = get_close_matches(name, types, 1, 0.5)
    wanted = f"data/{close[0]}/" if close else "one that is in ontology/prefixes.ttl"
    wanted_ja = f"data/{close[0]}/" if close else "ontology/prefixes.ttl にある種類のフォルダ"
    return context.say(
        f"{name} is no type of record; move the file to {wanted}",
        f"{name} という記録の種類はありません。{wanted_ja} に移してください",
    )


def unknown_file(context: Context, path: Path) -> Iterator[Finding]:
    """Yield a file of ``data/``, given relative to the root, that does not belong there."""
    if path.suffix not in (".ttl", ".rq") and path.name != "README.md":
        message = context.say(
            "only records (.ttl), queries (.rq) and README.md stand here; rename or remove the file",
            "置けるのは記録（.ttl）、問い（.rq）、README.md だけです。名前を変えるか、除いてください",
        )
        yield found("unknown-file", message, "paths", (Place(path),))


def file_path(context: Context, file: SourceFile) -> Iterator[Finding]:
    """Yield what stands between the path of a record's file and its IRI."""
    record = file.record
    if record is None:
        return
    if not _RECORD_PATH.match(file.path.as_posix()):
        message = context.say(
            "name the file data/<type>/<slug>.ttl in lower-case letters, digits and hyphens",
            "ファイル名は data/<種類>/<名前>.ttl とし、英小文字、数字、ハイフンだけを用いてください",
        )
        yield found("path-name", message, "paths", (Place(file.path),))
    elif f"{ID}{file.path.parent.name}/" not in context.sources.prefixes.values():
        yield found("path-name", _no_type(context, file.path.parent.name), "paths", (Place(file.path),))
    subjects = {t.subject.value for t in file.triples if isinstance(t.subject, ox.NamedNode)}
    if not subjects:
        name = context.shown(ox.NamedNode(record))
        message = context.say(f"this file says nothing of {name}", f"{name} についての記述がありません")
        yield found("path-is-iri", message, "paths", (Place(file.path),))
    strangers = {subject for subject in subjects if not f"{subject}/".startswith(f"{record}/")}
    for subject in sorted(s for s in strangers if not any(s.startswith(f"{other}/") for other in strangers)):
        node = ox.NamedNode(subject)
        here, there = context.shown(ox.NamedNode(record)), context.shown(node)
        message = context.say(
            f"this file describes {here}, not {there}; rename the file, or correct the IRI",
            f"このファイルは {here} のものです。ファイル名を変えるか、{there} を直してください",
        )
        spans = context.locator.spans(file).subjects(node)
        places = tuple(Place(file.path, s.line, s.column, s.end_line, s.end_column) for s in spans)
        yield found("path-is-iri", message, "paths", places or (Place(file.path),), Fault(node))
