"""``abckg rules``: what ``abckg validate`` may report."""

from __future__ import annotations

from pathlib import Path

import click

from abckg.cli.options import language_option, root_option
from abckg.errors import UsageError
from abckg.rulebook import rule_page
from abckg.rulebook import rules as rules_of
from abckg.sources import read

__all__ = ["rules"]

_COLOURS = {"-": "red", "+": "green"}


@click.command(epilog="Example: abckg rules Record-prefLabel")
@click.argument("name", required=False)
@root_option
@language_option
def rules(name: str | None, root: Path, lang: str) -> None:
    """Say what a rule asks, with examples, by the name that ends a finding; without NAME, all rules as Markdown."""
    sources = read(root)
    if name is None:
        click.echo(rule_page(sources), nl=False)
        return
    rule = next((rule for rule in rules_of(sources) if rule.name == name), None)
    if rule is None:
        raise UsageError(
            f"no rule is called {name}; abckg rules lists them",
            japanese=f"{name} という規則はありません。abckg rules で一覧を示します",
        )
    click.echo(f"{rule.severity.word}: {rule.demand.get(lang) or next(iter(rule.demand.values()))}")
    if rule.place:
        click.echo(rule.place)
    for example in rule.examples:
        click.echo("")
        for line in example.text:
            click.secho(line, fg=_COLOURS.get(line[:1]))
