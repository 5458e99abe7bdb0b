"""Findings, names and places in the words of the Language Server Protocol.

Layer: part of ``lsp``; needs lsprotocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from abckg import turtle
from abckg.errors import SourceError
from abckg.lsp.names import Suggestion
from abckg.lsp.text import Cursor, LineMap
from abckg.namespaces import OWL, RDF, Prefixes
from abckg.places.positions import Spans
from abckg.reports.report import Finding, Severity
from abckg.sources import SourceFile

__all__ = ["actions", "completions", "diagnostic", "format_edits", "symbols"]

_SEVERITIES = {
    Severity.VIOLATION: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_KINDS = {
    "class": types.CompletionItemKind.Class,
    "property": types.CompletionItemKind.Property,
    "record": types.CompletionItemKind.Reference,
    "value": types.CompletionItemKind.Value,
}
_MEANT = re.compile(r"Did you mean (?P<en>\S+?)\?|(?P<ja>[^\s。]+) ではありませんか")
_PREFIX = re.compile(r"^@prefix\s+(?P<label>[^\s:]*):.*$", re.MULTILINE)


def diagnostic(finding: Finding, lines: LineMap) -> types.Diagnostic:
    """Return a finding as an editor shows it; one without a line stands at the beginning of the file."""
    if finding.line is None:
        start = end = lines.of_finding(1, 1)
    else:
        start = lines.of_finding(finding.line, finding.column or 1)
        end = lines.word_end(start)
        if finding.end_line is not None:
            end = lines.of_finding(finding.end_line, finding.end_column or 1)
    return types.Diagnostic(
        range=_range(lines, start, max(start, end)),
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(finding.help) if finding.help.startswith("http") else None,
        source="abckg",
    )


def _range(lines: LineMap, start: int, end: int) -> types.Range:
    return types.Range(types.Position(*lines.position(start)), types.Position(*lines.position(end)))


def completions(
    found: Iterable[Suggestion], cursor: Cursor, text: str, lines: LineMap, prefixes: Prefixes, *, snippets: bool
) -> list[types.CompletionItem]:
    """Return names that fit as an editor offers them; one with an undeclared prefix declares it.

    Args:
        found: the names, the best first.
        cursor: where they are wanted.
        text: the document.
        lines: its lines.
        prefixes: the one prefix list.
        snippets: whether the editor knows places to fill in.
    """
    end = cursor.start + len(cursor.typed)
    place = _range(lines, cursor.start, end)
    declared = {match["label"] for match in _PREFIX.finditer(text)}
    items = []
    for number, one in enumerate(found):
        label = one.text.partition(":")[0] if one.iri else ""
        is_missing = label in prefixes and label not in declared and not one.text.startswith("<")
        items.append(
            types.CompletionItem(
                label=one.text,
                kind=_KINDS[one.kind],
                detail=one.detail or None,
                documentation=one.documentation or None,
                sort_text=f"{one.rank}{number:04}",
                filter_text=cursor.typed or one.text,
                insert_text_format=types.InsertTextFormat.Snippet if snippets and one.snippet else None,
                text_edit=types.TextEdit(place, (one.snippet if snippets else "") or one.text),
                additional_text_edits=[_declaration(label, text, lines, prefixes)] if is_missing else None,
            )
        )
    return items


def _declaration(label: str, text: str, lines: LineMap, prefixes: Prefixes) -> types.TextEdit:
    """Return the edit that declares a prefix, in its place in the alphabet."""
    after = [match for match in _PREFIX.finditer(text) if match["label"] < label]
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"@prefix {label}: <{prefixes[label]}> ."
    if after:
        offset = after[-1].start() + len(after[-1][0].rstrip("\r"))
        return types.TextEdit(_range(lines, offset, offset), f"{newline}{line}")
    first = _PREFIX.search(text)
    offset = first.start() if first else 0
    return types.TextEdit(_range(lines, offset, offset), f"{line}{newline}")


def format_edits(path: Path, text: str, lines: LineMap, prefixes: Prefixes) -> list[types.TextEdit]:
    """Return the edit that puts a document into canonical form; none where it is, or is malformed."""
    try:
        canonical = turtle.format_text(text.removeprefix("\ufeff"), path, prefixes)
    except SourceError:
        return []
    return [] if canonical == text else [types.TextEdit(_range(lines, 0, len(text)), canonical)]


def actions(
    uri: str, found: Iterable[types.Diagnostic], edits: list[types.TextEdit], title: str
) -> list[types.CodeAction]:
    """Return what an editor can do about diagnostics: the name that was meant, and the canonical form.

    Args:
        uri: the document.
        found: the diagnostics asked about.
        edits: what puts the document into canonical form.
        title: what that is called.
    """
    kinds = types.CodeActionKind
    done = []
    for one in found:
        match = _MEANT.search(one.message)
        if match is not None:
            meant = match["en"] or match["ja"]
            change = types.WorkspaceEdit(changes={uri: [types.TextEdit(one.range, meant)]})
            done.append(types.CodeAction(meant, kind=kinds.QuickFix, diagnostics=[one], edit=change, is_preferred=True))
        elif one.code == "canonical-format" and edits:
            change = types.WorkspaceEdit(changes={uri: edits})
            done.append(types.CodeAction(title, kind=kinds.QuickFix, diagnostics=[one], edit=change))
    if edits:
        change = types.WorkspaceEdit(changes={uri: edits})
        done.append(types.CodeAction(title, kind=kinds.SourceFixAll, edit=change))
    return done


def symbols(file: SourceFile, lines: LineMap, prefixes: Prefixes) -> list[types.DocumentSymbol]:
    """Return the things that a file describes, each with its extent."""
    spans = Spans(file.text, file.triples)
    kinds: dict[object, types.SymbolKind] = {}
    found: dict[object, tuple[int, int]] = {}
    for triple, _row in spans.written:
        if triple.subject not in found:
            (span, *_) = spans.subjects(triple.subject)
            start = lines.of_finding(span.line, span.column)
            found[triple.subject] = (start, lines.of_finding(span.end_line, span.end_column))
        if triple.predicate.value == f"{RDF}type":
            kinds[triple.subject] = _symbol_kind(str(triple.object))
    order = sorted(found.items(), key=lambda item: item[1])
    ends = [start for _, (start, _) in order[1:]] + [len(file.text)]
    return [
        types.DocumentSymbol(
            name=prefixes.curie(getattr(node, "value", "")) if not str(node).startswith("_:") else "[]",
            kind=kinds.get(node, types.SymbolKind.Object),
            range=_range(lines, start, start + len(file.text[start:end].rstrip())),
            selection_range=_range(lines, start, stop),
        )
        for (node, (start, stop)), end in zip(order, ends, strict=True)
        if not str(node).startswith("_:")
    ]


def _symbol_kind(name: str) -> types.SymbolKind:
    if name == f"<{OWL}Class>":
        return types.SymbolKind.Class
    return (
        types.SymbolKind.Property
        if name.startswith(f"<{OWL}") and name.endswith("Property>")
        else types.SymbolKind.Object
    )
