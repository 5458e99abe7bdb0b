"""``abckg query``: one query on the embedded graph or a remote endpoint."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import click
import pyoxigraph as ox

from abckg.cli.options import root_option
from abckg.cli.stores import embedded_store
from abckg.errors import UsageError
from abckg.formats import GRAPH_FORMATS, SOLUTION_FORMATS, ResultFormat, formats_for, named
from abckg.namespaces import Prefixes, load_prefixes
from abckg.queries import load_catalogue
from abckg.sources import read_text
from abckg.store import Answer, RemoteStore, Store, Term

__all__ = ["columns", "query"]

_TABLES = ("table", "markdown")


@click.command(epilog="Example: abckg query 'SELECT ?hub WHERE { ?hub a abc:Hub } LIMIT 5'")
@click.argument("text", required=False)
@click.option("--file", type=click.Path(path_type=Path), help="Read the query from a file.")
@click.option("--name", help="Run a query of the catalogue.")
@click.option("-p", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter of the catalogue query.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*_TABLES, *(form.name for form in (*SOLUTION_FORMATS, *GRAPH_FORMATS))]),
    default="table",
    show_default=True,
    help="Form of the answer.",
)
@click.option("--endpoint", help="Ask this SPARQL endpoint instead of the embedded graph.")
@click.option("--list", "listed", is_flag=True, help="List the queries of the catalogue with their questions.")
@click.option("--no-inference", is_flag=True, help="Leave out what was inferred.")
@root_option
def query(
    text: str | None,
    file: Path | None,
    name: str | None,
    parameters: tuple[str, ...],
    form: str,
    endpoint: str | None,
    listed: bool,
    no_inference: bool,
    root: Path,
) -> None:
    """Run a SPARQL query given as TEXT, a file, or a name of the catalogue.

    Prefixes of the graph need not be declared.
    """
    prefixes = load_prefixes(root)
    if listed:
        rows = [[slug, query.title("en"), query.title("ja")] for slug, query in load_catalogue(root).items()]
        click.echo(columns(["name", "question", "問い"], rows))
        return
    sparql = _sparql(text, file, name, parameters, root)
    store: Store = RemoteStore(endpoint) if endpoint else embedded_store(root)
    answer = store.query(_with_prefixes(sparql, prefixes), inference=not no_inference)
    if form in _TABLES:
        _echo_table(answer, prefixes, markdown=form == "markdown")
    else:
        sys.stdout.buffer.write(answer.serialize(_format(form, answer), prefixes))


def _format(name: str, answer: Answer) -> ResultFormat:
    form = named(name, formats_for(answer.kind))
    if form is None:
        fitting = ", ".join(form.name for form in formats_for(answer.kind))
        raise UsageError(f"an answer of kind {answer.kind} cannot be written as {name}; it can as {fitting}")
    return form


def _sparql(text: str | None, file: Path | None, name: str | None, parameters: tuple[str, ...], root: Path) -> str:
    if sum(given is not None for given in (text, file, name)) != 1:
        raise UsageError("give just one of: the query as TEXT, --file or --name")
    if parameters and name is None:
        raise UsageError("-p sets a parameter of a catalogue query; give --name too")
    if name is not None:
        return load_catalogue(root)[name].bind(_values(parameters))
    return text if text is not None else read_text(file or Path())


def _values(parameters: tuple[str, ...]) -> dict[str, str]:
    pairs = [parameter.partition("=") for parameter in parameters]
    for key, equals, _value in pairs:
        if not equals:
            raise UsageError(f"-p {key}: write NAME=VALUE")
    return {key: value for key, _, value in pairs}


def _with_prefixes(sparql: str, prefixes: Prefixes) -> str:
    """Declare the prefixes of the graph on the query's first line, so that places in the query stay right."""
    declared = " ".join(f"PREFIX {label}: <{iri}>" for label, iri in prefixes.items() if f"{label}:" in sparql)
    return f"{declared}\n{sparql}" if declared and "PREFIX" not in sparql.upper() else sparql


def _echo_table(answer: Answer, prefixes: Prefixes, *, markdown: bool) -> None:
    if answer.kind == "boolean":
        click.echo("yes" if answer.boolean else "no")
        return
    if answer.kind == "graph":
        header = ["subject", "predicate", "object"]
        rows = [
            [_text(t.subject, prefixes), _text(t.predicate, prefixes), _text(t.object, prefixes)]
            for t in answer.triples()
        ]
    else:
        header = list(answer.variables)
        rows = [[_text(term, prefixes) for term in row] for row in answer.rows()]
    click.echo(_markdown(header, rows) if markdown else columns(header, rows))
    click.echo(f"{len(rows)} rows", err=True)


def _text(term: Term | None, prefixes: Prefixes) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        return prefixes.curie(term.value)
    return term.value if isinstance(term, ox.Literal | ox.BlankNode) else str(term)


def _markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def columns(header: list[str], rows: list[list[str]]) -> str:
    """Return a table for the terminal."""
    widths = [max(_width(line[i]) for line in [header, *rows]) for i in range(len(header))]
    lines = [header, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
