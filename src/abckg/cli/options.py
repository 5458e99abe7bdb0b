"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from abckg.roots import find_root

__all__ = ["LANGUAGE", "language_option", "root_option"]

LANGUAGE = "abckg.language"
"""Where the context keeps the language, for the message of an error."""

Function = TypeVar("Function", bound=Callable[..., Any])


def _root(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    return find_root(value, Path.cwd())


def _language(context: click.Context, _parameter: click.Parameter, value: str) -> str:
    context.meta[LANGUAGE] = value
    return value


def root_option(function: Function) -> Function:
    """Add ``--root``, the dataset to work on."""
    return click.option(
        "--root",
        type=click.Path(path_type=Path),
        callback=_root,
        help="Folder of the dataset [default: the checkout stood in, else the graph shipped with abckg].",
    )(function)


def language_option(function: Function) -> Function:
    """Add ``--lang``, the language of messages."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "ja"]),
        default="en",
        show_default=True,
        callback=_language,
        is_eager=True,
        help="Language of the messages.",
    )(function)
