"""Findings as text: ``file:line:column: error: message [rule]``, which editors and CI tools can follow."""

from __future__ import annotations

from collections.abc import Iterable

import click

from abckg.report import Finding, Severity

__all__ = ["echo_findings"]

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def echo_findings(findings: Iterable[Finding]) -> None:
    """Write one line a finding to stdout."""
    for finding in findings:
        place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part is not None)
        word = click.style(finding.severity.word, fg=_COLOURS[finding.severity], bold=True)
        click.echo(f"{place}: {word}: {finding.message} [{finding.rule}]")
