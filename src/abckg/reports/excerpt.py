"""A finding for people: the line that editors can follow, then the line of the source with the fault underlined.

Layer: imports ``report`` only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from abckg.reports.report import Finding, Place, Severity

__all__ = ["PLAIN", "Style", "listing", "printable", "text_line", "width"]

_WINDOW = 100
"""How many characters of a long line are shown."""
_LEAD = 40
"""How many characters are kept before the fault where the beginning of a line is cut off."""
_RELATED = 3
_WORDS = {
    "en": {"help": "see", "related": "also at", "more": "and {} more places", "until": "up to line {}"},
    "ja": {"help": "参照", "related": "ほかに", "more": "ほか{}か所", "until": "{}行目まで"},
}


@dataclass(frozen=True)
class Style:
    """How parts of a listing are set off; each function takes a text and returns it with colour codes or as it is."""

    file: Callable[[str], str]
    quiet: Callable[[str], str]
    severity: Callable[[str, Severity], str]


PLAIN = Style(str, str, lambda text, _severity: text)


def text_line(finding: Finding, style: Style = PLAIN) -> str:
    """Return ``file:line:column: error: message [rule]``, which editors and CI tools can follow."""
    word = style.severity(f"{finding.severity.word}:", finding.severity)
    rule = style.quiet(f"[{finding.rule}]")
    return f"{style.file(_address(finding.place))}: {word} {printable(finding.message)} {rule}"


def listing(
    findings: Iterable[Finding], read: Callable[[Path], str | None], *, language: str = "en", style: Style = PLAIN
) -> Iterator[str]:
    """Yield the lines that show findings, file by file.

    Args:
        findings: the findings, sorted.
        read: gives the text of a file, None where it cannot be read.
        language: ``en`` or ``ja``.
        style: how parts are set off.
    """
    for number, (path, group) in enumerate(groupby(findings, lambda finding: finding.path)):
        if number:
            yield ""
        lines: list[str] | None = None
        for finding in group:
            yield text_line(finding, style)
            if finding.line is not None:
                if lines is None:
                    lines = (read(path) or "").removeprefix("\ufeff").split("\n")
                yield from _excerpt(finding, lines, language, style)
            yield from _notes(finding, language, style)


def _excerpt(finding: Finding, lines: list[str], language: str, style: Style) -> Iterator[str]:
    """Yield the line where a fault begins, with the fault underlined."""
    if not finding.line or finding.line > len(lines):
        return
    line = lines[finding.line - 1].rstrip("\r")
    start = min((finding.column or 1) - 1, len(line))
    is_whole = finding.end_line in (None, finding.line)
    end = len(line) if not is_whole else max(finding.end_column or 0, start + 2) - 1
    cut = max(0, start - _LEAD) if len(line) > _WINDOW else 0
    shown, lead = printable(line[cut : cut + _WINDOW]), "…" if cut else ""
    under = max(width(printable(line[start : min(end, cut + _WINDOW)])), 1)
    gutter = f"{finding.line:>5} | "
    note = "" if is_whole else " " + _WORDS[language]["until"].format(finding.end_line)
    tail = "…" if cut + _WINDOW < len(line) else ""
    yield f"{style.quiet(gutter)}{lead}{shown}{tail}"
    blank = " " * (width(lead) + width(printable(line[cut:start])))
    yield f"{style.quiet('      | ')}{blank}{style.severity('^' * under, finding.severity)}{note}"


def _notes(finding: Finding, language: str, style: Style) -> Iterator[str]:
    words = _WORDS[language]
    for place in finding.related[:_RELATED]:
        yield style.quiet(f"      = {words['related']} {_address(place)}")
    if len(finding.related) > _RELATED:
        yield style.quiet(f"      = {words['more'].format(len(finding.related) - _RELATED)}")
    if finding.help:
        yield style.quiet(f"      = {words['help']} {finding.help}")


def _address(place: Place) -> str:
    return ":".join(str(part) for part in (place.path, place.line, place.column) if part is not None)


def printable(text: str) -> str:
    """Return a text without what a terminal would obey: each control character becomes one that is seen."""
    return "".join(" " if c == "\t" else "\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
