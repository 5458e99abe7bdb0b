"""``abckg lsp``: a language server for editors."""

from __future__ import annotations

from pathlib import Path

import click

from abckg.errors import UsageError

__all__ = ["lsp"]


@click.command(epilog="Example: abckg lsp --lang ja")
@click.option(
    "--root", type=click.Path(path_type=Path), help="Folder of the dataset [default: the one the editor opened]."
)
@click.option("--lang", type=click.Choice(["en", "ja"]), help="Language of the messages [default: the editor's].")
def lsp(root: Path | None, lang: str | None) -> None:
    """Serve an editor over standard input and output (Language Server Protocol).

    Needs the extra lsp: pip install 'abckg[lsp]'. docs/editors.md says how to set up an editor.
    """
    try:
        from abckg.lsp.server import create_server
    except ImportError as error:
        raise UsageError("the language server needs pygls; run: pip install 'abckg[lsp]'") from error
    server = create_server(root, lang)
    try:
        server.start_io()
    finally:
        server.end()
