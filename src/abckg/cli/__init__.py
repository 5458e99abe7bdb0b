"""The command line: each command parses its options, calls one function of the core and renders the result.

Results go to stdout, progress to stderr. Exit status: 0 done or conforms, 1 findings, 2 could not run.
"""

from __future__ import annotations

import logging
import warnings
from importlib import import_module
from typing import IO, Any

import click

from abckg.cli.options import LANGUAGE
from abckg.errors import AbckgError

__all__ = ["cli", "main"]

_COMMANDS = (
    "build",
    "diff",
    "evidence",
    "explain",
    "fmt",
    "lsp",
    "new",
    "query",
    "rules",
    "search",
    "serve",
    "validate",
)


class _Failure(click.ClickException):
    """A user's mistake: one line on stderr, with the exit status of its error, never a traceback."""

    def __init__(self, error: AbckgError, language: str) -> None:
        super().__init__(error.told(language))
        setattr(self, "exit_code", error.exit_code)  # noqa: B010 - click declares it for the class

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(
            self.message if ": error: " in self.message else f"abckg: error: {self.message}", err=True, file=file
        )


class _Commands(click.Group):
    """Commands, each imported when it is asked for: what serves pages need not be read to check a file."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"abckg.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AbckgError as error:
            raise _Failure(error, ctx.meta.get(LANGUAGE, "en")) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="abckg", prog_name="abckg")
def cli() -> None:
    """Serve, query, check and build the ABC Knowledge Graph."""


def main() -> None:
    """Run the command line."""
    # An ill-typed literal is a finding, with its place; rdflib would add a traceback for each.
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"rdflib\.term")
    cli()
