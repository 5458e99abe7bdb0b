"""``abckg new``: a record to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from abckg.cli.options import language_option, root_option
from abckg.errors import UsageError
from abckg.scaffold import scaffold

__all__ = ["new"]

_NEXT = {
    "en": "Replace every TODO in it, then run: abckg fmt {path} and abckg validate --since HEAD",
    "ja": "TODO をすべて書き換えてから、abckg fmt {path} --lang ja と "
    "abckg validate --since HEAD --lang ja を実行してください。",
}


@click.command(epilog="Example: abckg new hub smart-health --lang ja")
@click.argument("kind", metavar="TYPE")
@click.argument("slug")
@click.option("--class", "class_name", metavar="CLASS", help="Class of the record, such as abc:University.")
@language_option
@root_option
def new(kind: str, slug: str, class_name: str | None, lang: str, root: Path) -> None:
    """Write data/TYPE/SLUG.ttl with all that a record of this type must have, to be filled in.

    TYPE is a folder of data/, such as hub. Comments say what to write; a file that is there stays as it is.
    """
    made = scaffold(root, kind, slug, class_name=class_name, language=lang)
    path = root / made.path
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(made.text)
    except FileExistsError:
        raise UsageError(
            f"{path} is there already; choose another name, or edit it",
            japanese=f"{path} はすでにあります。別の名前にするか、そのファイルを編集してください",
        ) from None
    click.echo(path)
    click.echo(_NEXT[lang].format(path=path), err=True)
