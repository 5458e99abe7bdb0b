"""The catalogue of questions: ``data/queries/<slug>.rq``, each a SPARQL query under a header that says what it asks.

A header line begins with ``#+`` and the header as a whole is YAML:

    #+ summary: Which hubs stand in a prefecture?
    #+ summary_ja: 都道府県に所在する拠点は。
    #+ tags: [hub, place]
    #+ parameters:
    #+   - {name: prefecture, type: iri, default: "place:jp-34", description: ..., description_ja: ...}
    #+ expect: nonempty
    #+ questions: [q-017]

A parameter is a variable of the query. Wherever the text has ``VALUES ?prefecture { ... }`` the value takes the place
of the one written there; where it has none, such a line is put at the beginning of the outermost group.
Layer: imports ``errors``, ``namespaces`` and ``sources``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeAlias, cast

import pyoxigraph as ox
import yaml

from abckg.errors import ParameterError, SourceError, UnknownQuery
from abckg.namespaces import BASE, Prefixes, load_prefixes
from abckg.sources import read_text

__all__ = [
    "HEADER_KEYS",
    "QUERY_FOLDER",
    "Catalogue",
    "Expectation",
    "Parameter",
    "Query",
    "load_catalogue",
    "query_files",
    "read_header",
    "read_queries",
    "read_query",
]

QUERY_FOLDER = Path("data/queries")
HEADER_KEYS = frozenset(
    {
        "summary",
        "summary_ja",
        "description",
        "description_ja",
        "tags",
        "parameters",
        "expect",
        "question",
        "questions",
    }
)

ParameterType: TypeAlias = Literal["iri", "string", "integer"]
Expectation: TypeAlias = str | int | tuple[str, ...]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it
_NOT_YAML = "見出しがYAMLとして読めません（{}）"
_HEADER = re.compile(r"#\+ ?(.*)")
_CURIE = re.compile(r"[A-Za-z][\w-]*:[\w./-]*\Z")
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
# What can stand between the words of a query: a brace in one of these is not a brace of the query.
_TOKEN = re.compile(
    r"""(?P<text>\"{3}(?:[^"\\]|\\.|\"{1,2}(?!\"))*\"{3}|'{3}(?:[^'\\]|\\.|'{1,2}(?!'))*'{3}"""
    r"""|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')|(?P<iri><[^<>"{}|^`\\\s]*>)|(?P<comment>\#[^\r\n]*)"""
    r"""|(?P<variable>[?$]\w+)|(?P<word>[\w.-]*:[\w:.%-]*|\w+)|(?P<brace>[{}])""",
    re.DOTALL,
)


@dataclass(frozen=True)
class Parameter:
    """A value that the reader of a query may choose; ``default`` is None where one must be given."""

    name: str
    type: ParameterType
    default: str | None
    description: str
    description_ja: str

    def term(self, value: str, prefixes: Prefixes) -> ox.NamedNode | ox.Literal:
        """Return ``value`` as an RDF term of the parameter's type; ParameterError where it is none."""
        if self.type == "string":
            return ox.Literal(value)
        if self.type == "integer":
            if not _INTEGER.match(value.strip()):
                raise ParameterError(f"{self.name}: {value!r} is not a whole number")
            return ox.Literal(value.strip(), datatype=ox.NamedNode(f"{_XSD}integer"))
        return self._iri(value.strip().removeprefix("<").removesuffix(">"), prefixes)

    def _iri(self, value: str, prefixes: Prefixes) -> ox.NamedNode:
        label = value.partition(":")[0]
        if _CURIE.match(value) and label in prefixes:
            value = prefixes.expand(value)
        try:
            return ox.NamedNode(value)
        except ValueError:
            raise ParameterError(
                f"{self.name}: {value!r} is not an IRI; give a full one or a name such as place:jp-34"
            ) from None


@dataclass(frozen=True)
class Query:
    """One question of the catalogue with its SPARQL text."""

    slug: str
    summary: str
    summary_ja: str
    description: str
    description_ja: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    expect: Expectation
    questions: tuple[str, ...]
    text: str
    prefixes: Prefixes

    @property
    def iri(self) -> str:
        """The IRI that names the query."""
        return f"{BASE}query/{self.slug}"

    def title(self, language: str) -> str:
        """Return the question in ``ja`` or ``en``."""
        return (self.summary_ja if language == "ja" else self.summary) or self.summary

    def bind(self, values: Mapping[str, str] | None = None) -> str:
        """Return the SPARQL text with ``values`` (or the defaults) in place of the parameters.

        Raises:
            ParameterError: A parameter is unknown, missing or not of its type.
        """
        given = {name: value for name, value in (values or {}).items() if value.strip()}
        unknown = sorted(set(given) - {parameter.name for parameter in self.parameters})
        if unknown:
            known = ", ".join(parameter.name for parameter in self.parameters) or "none"
            raise ParameterError(f"{self.slug} has no parameter {', '.join(unknown)}; its parameters: {known}")
        text = self.text
        for parameter in self.parameters:
            value = given.get(parameter.name, parameter.default)
            if value is not None:
                text = _bind(text, parameter.name, parameter.term(value, self.prefixes), self.prefixes)
            elif not _values_blocks(text, parameter.name):
                raise ParameterError(f"{self.slug} needs a value of {parameter.name}: {parameter.description}")
        return text


class Catalogue(Mapping[str, Query]):
    """The queries by slug, in alphabetical order."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._queries = {query.slug: query for query in sorted(queries, key=lambda query: query.slug)}

    def __getitem__(self, slug: str) -> Query:
        try:
            return self._queries[slug]
        except KeyError:
            raise UnknownQuery(f"No query is called {slug!r}; see the catalogue for those there are.") from None

    def __contains__(self, slug: object) -> bool:
        return slug in self._queries

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)

    def by_tag(self) -> dict[str, tuple[Query, ...]]:
        """Return the queries under their first tag, the tags in alphabetical order."""
        groups: dict[str, list[Query]] = {}
        for query in self.values():
            groups.setdefault(query.tags[0] if query.tags else "", []).append(query)
        return {tag: tuple(groups[tag]) for tag in sorted(groups)}

    def examples(self, number: int) -> tuple[Query, ...]:
        """Return queries to begin with: those tagged ``featured``, then one of each tag in turn."""
        chosen = [query for query in self.values() if "featured" in query.tags]
        rows = [list(group) for group in self.by_tag().values()]
        for turn in range(max(map(len, rows), default=0)):
            chosen += [row[turn] for row in rows if turn < len(row) and row[turn] not in chosen]
        return tuple(chosen[:number])


def query_files(root: Path) -> list[Path]:
    """Return the files of the queries of the dataset at ``root``, below it."""
    return sorted(path.relative_to(root) for path in (root / QUERY_FOLDER).glob("*.rq"))


def load_catalogue(root: Path, files: Iterable[Path] | None = None) -> Catalogue:
    """Read the queries of the dataset at ``root``, or those in ``files``; SourceError where a header is malformed."""
    prefixes = load_prefixes(root)
    paths = [root / path for path in (query_files(root) if files is None else files)]
    return Catalogue([read_query(path, prefixes) for path in paths])


def read_queries(root: Path, files: Iterable[Path] | None = None) -> tuple[list[Query], list[SourceError]]:
    """Read the queries of the dataset at ``root``, or those in ``files``; return them and what is wrong with others."""
    prefixes = load_prefixes(root)
    queries: list[Query] = []
    errors: list[SourceError] = []
    for path in query_files(root) if files is None else files:
        try:
            queries.append(read_query(root / path, prefixes))
        except SourceError as error:
            errors.append(error)
    return queries, errors


def read_query(path: Path, prefixes: Prefixes) -> Query:
    """Read one query file; SourceError with the line where the header is malformed."""
    source = read_text(path)
    header = read_header(path, source)
    text = "".join(line for line in source.splitlines(keepends=True) if not _HEADER.match(line)).lstrip("\n")

    def string(key: str) -> str:
        return str(header.get(key) or "")

    if not string("summary"):
        raise SourceError(
            path,
            "the header needs a summary: the question in one sentence",
            1,
            japanese="見出しに summary（問いの一文）が要ります",
        )
    return Query(
        slug=path.stem,
        summary=string("summary"),
        summary_ja=string("summary_ja"),
        description=string("description"),
        description_ja=string("description_ja"),
        tags=tuple(map(str, _list(header.get("tags")))),
        parameters=tuple(_parameter(path, entry) for entry in _list(header.get("parameters"))),
        expect=_expectation(header.get("expect")),
        questions=tuple(map(str, _list(header.get("questions")) + _list(header.get("question")))),
        text=text,
        prefixes=prefixes,
    )


def read_header(path: Path, source: str) -> dict[str, object]:
    """Return the header of a query or check as a mapping; SourceError with the line where it is malformed."""
    lines = [match[1] for line in source.splitlines() if (match := _HEADER.match(line))]
    try:
        header = yaml.load("\n".join(lines), _LOADER) or {}  # noqa: S506 - a safe one
    except yaml.MarkedYAMLError as fault:
        # At its end the parser may name the line after the last.
        line = min(fault.problem_mark.line + 1, len(lines)) if fault.problem_mark else None
        reason = f"the header is not YAML: {fault.problem}"
        raise SourceError(path, reason, line, japanese=_NOT_YAML.format(fault.problem)) from fault
    except yaml.YAMLError as fault:
        raise SourceError(path, f"the header is not YAML: {fault}", 1, japanese=_NOT_YAML.format(fault)) from fault
    if not isinstance(header, dict):
        raise SourceError(
            path,
            "the header is not a list of `key: value` lines",
            1,
            japanese="見出しが「項目: 値」の行になっていません",
        )
    return {str(key): value for key, value in header.items()}


def _parameter(path: Path, entry: object) -> Parameter:
    if not isinstance(entry, dict) or not re.fullmatch(r"\w+", str(entry.get("name", ""))):
        raise SourceError(
            path,
            "a parameter needs a name that is a variable of the query",
            1,
            japanese="parameters には問いの変数の名前（name）が要ります",
        )
    kind = str(entry.get("type", "string"))
    if kind not in ("iri", "string", "integer"):
        raise SourceError(
            path,
            f"the type of parameter {entry['name']} is iri, string or integer, not {kind}",
            1,
            japanese=f"parameters の {entry['name']} の type は iri、string、integer のいずれかです（{kind} は不可）",
        )
    default = entry.get("default")
    return Parameter(
        name=str(entry["name"]),
        type=cast(ParameterType, kind),
        default=None if default is None else str(default),
        description=str(entry.get("description") or ""),
        description_ja=str(entry.get("description_ja") or entry.get("description") or ""),
    )


def _expectation(value: object) -> Expectation:
    if isinstance(value, list):
        return tuple(map(str, value))
    return value if isinstance(value, int) else str(value or "nonempty")


def _list(value: object) -> list[object]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _bind(text: str, name: str, term: ox.NamedNode | ox.Literal, prefixes: Prefixes) -> str:
    blocks = _values_blocks(text, name)
    if blocks and prefixes.curie(str(term)[1:-1]) == text[slice(*blocks[0])].strip():
        return text
    for begin, end in reversed(blocks):
        text = f"{text[:begin]} {term} {text[end:]}"
    if blocks:
        return text
    start = _outermost_group(text)
    return f"{text[:start]}\n  VALUES ?{name} {{ {term} }}{text[start:]}"


def _values_blocks(text: str, name: str) -> list[tuple[int, int]]:
    """Return where the values of each ``VALUES ?name { ... }`` begin and end, without the braces."""
    tokens = [token for token in _TOKEN.finditer(text) if token.lastgroup != "comment"]
    blocks: list[tuple[int, int]] = []
    for index, token in enumerate(tokens[:-2]):
        if (
            token[0].upper() == "VALUES"
            and tokens[index + 1][0] in (f"?{name}", f"${name}")
            and tokens[index + 2][0] == "{"
        ):
            end = next(after for after in tokens[index + 3 :] if after[0] == "}")
            blocks.append((tokens[index + 2].end(), end.start()))
    return blocks


def _outermost_group(text: str) -> int:
    """Return the place after the brace that opens the WHERE group."""
    tokens = [token for token in _TOKEN.finditer(text) if token.lastgroup in ("word", "brace")]
    for before, token in pairwise(tokens):
        if token[0] == "{" and before[0].upper() == "WHERE":
            return token.end()
    return next((token.end() for token in tokens if token[0] == "{"), len(text))
