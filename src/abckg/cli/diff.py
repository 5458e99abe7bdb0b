"""``abckg diff``: what changed between two states, record by record."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from abckg.cli.options import language_option, root_option
from abckg.difference import Change, change_sets, compare, markdown, opened, sparql_update, text
from abckg.errors import RemoteRefused
from abckg.namespaces import Prefixes, load_prefixes
from abckg.reports.pullrequest import pull_request_of

__all__ = ["diff"]


_COUNTS = {"en": "{} records changed", "ja": "変更された記録 {} 件"}


@click.command(epilog="Example: abckg diff HEAD~1 .")
@click.argument("old")
@click.argument("new", default=".")
@click.option("--comment", is_flag=True, help="Write it on the pull request that the GitHub workflow runs for.")
@root_option
@language_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "turtle", "update"]),
    default="text",
    show_default=True,
    help="Form; turtle gives change sets, update the SPARQL Update that turns OLD into NEW.",
)
def diff(old: str, new: str, comment: bool, root: Path, lang: str, form: str) -> None:
    """Compare OLD with NEW, each a folder, a dump or a git revision; NEW is the checkout where it is left out.

    Exit status: 0 the same, 1 something changed.
    """
    with opened(old, root) as before, opened(new if new != "." else str(root), root) as after:
        changes = compare(before, after)
        prefixes = load_prefixes(root)
        click.echo(_rendered(changes, form, prefixes, lang), nl=False)
    if comment:
        _comment(markdown(changes, prefixes, lang))
    click.echo(_COUNTS[lang].format(len(changes)), err=True)
    sys.exit(1 if changes else 0)


def _comment(text: str) -> None:
    """Comment on the pull request; that of a fork may not be commented on, which fails no run."""
    target = pull_request_of(os.environ)
    try:
        click.echo(target.comment(text), err=True)
    except RemoteRefused as fault:
        click.echo(f"::warning title=abckg diff::{fault}")


def _rendered(changes: list[Change], form: str, prefixes: Prefixes, language: str) -> str:
    if form == "update":
        return sparql_update(changes)
    if form == "turtle":
        return change_sets(changes, prefixes)
    return (markdown if form == "markdown" else text)(changes, prefixes, language)
