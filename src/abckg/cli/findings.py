"""Findings on a terminal: in colour, with the lines of the files that they are about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from abckg.errors import SourceError
from abckg.reports.excerpt import Style, listing
from abckg.reports.report import Finding, Severity
from abckg.sources import read_text

__all__ = ["echo_findings", "reader"]

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_STYLE = Style(
    file=lambda text: click.style(text, bold=True),
    quiet=lambda text: click.style(text, dim=True),
    severity=lambda text, severity: click.style(text, fg=_COLOURS[severity], bold=True),
)


def echo_findings(findings: Iterable[Finding], root: Path, language: str = "en") -> None:
    """Write findings to stdout, in colour where it is a terminal.

    ``NO_COLOR`` (https://no-color.org) and ``TERM=dumb`` turn colour off, ``FORCE_COLOR`` turns it on.
    """
    for line in listing(findings, reader(root), language=language, style=_STYLE):
        click.echo(line, color=_wants_colour())


def reader(root: Path) -> Callable[[Path], str | None]:
    """Return a function that gives the text of a file of a dataset, None where it cannot be read."""

    def read(path: Path) -> str | None:
        try:
            return read_text(path, root)
        except SourceError:
            return None

    return read


def _wants_colour() -> bool | None:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return True if os.environ.get("FORCE_COLOR") else None
