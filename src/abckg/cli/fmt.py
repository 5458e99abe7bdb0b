"""``abckg fmt``: canonical Turtle."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from abckg import turtle
from abckg.cli.options import language_option, root_option
from abckg.errors import MissingSource
from abckg.namespaces import load_prefixes
from abckg.sources import read_text, turtle_files

__all__ = ["fmt"]

_TO_DO = {
    "en": "{} files are not canonical; run: abckg fmt",
    "ja": "正規形でないファイルが {} 件あります。abckg fmt を実行してください",
}


@click.command(epilog="Example: abckg fmt data/hub/coins.ttl")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@root_option
@language_option
@click.option("--check", is_flag=True, help="Change nothing; exit 1 where a file is not canonical.")
def fmt(paths: tuple[Path, ...], root: Path, lang: str, check: bool) -> None:
    """Rewrite Turtle files in canonical form, all of the dataset or those named."""
    prefixes = load_prefixes(root)
    changed = 0
    for path in _files(paths, root):
        text = read_text(path)
        canonical = turtle.format_text(text, path, prefixes)
        if canonical != text:
            changed += 1
            click.echo(path)
            if not check:
                path.write_text(canonical, encoding="utf-8", newline="\n")
    if check and changed:
        click.echo(_TO_DO[lang].format(changed), err=True)
        sys.exit(1)


def _files(paths: tuple[Path, ...], root: Path) -> list[Path]:
    if not paths:
        return [root / path for path in turtle_files(root)]
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise MissingSource(path, "no such file or folder", japanese="このファイルやフォルダはありません")
        files += sorted(path.rglob("*.ttl")) if path.is_dir() else [path]
    return files
