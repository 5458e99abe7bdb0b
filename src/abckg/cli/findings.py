"""Findings on a terminal: the words that tell how grave they are in colour."""

from __future__ import annotations

from collections.abc import Iterable

import click

from abckg.report import Finding, Severity
from abckg.reporting import text_line

__all__ = ["echo_findings"]

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def echo_findings(findings: Iterable[Finding]) -> None:
    """Write one line a finding to stdout."""
    for finding in findings:
        word = f" {finding.severity.word}: "
        place, _, message = text_line(finding).partition(word)
        click.echo(f"{place}{click.style(word, fg=_COLOURS[finding.severity], bold=True)}{message}")
