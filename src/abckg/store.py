"""The query engine behind one small interface: embedded Oxigraph, or any SPARQL 1.1 server over HTTP.

A result of pyoxigraph must be made, read and dropped in one thread: ``query`` and the use of its ``Answer`` belong to
the same request. Limits of time and memory are put around ``Store.query`` from outside; nothing above this interface
knows which engine answers. Layer: imports ``errors``, ``formats``, ``namespaces``, ``portability``, ``rewriting``,
``safety``, ``statistics`` and ``tokens``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Protocol, TypeAlias, cast
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

from abckg.errors import QueryError, QueryRefused, StoreError
from abckg.formats import ResultFormat
from abckg.namespaces import ASSERTED_GRAPHS, used_prefixes
from abckg.portability import normal_results
from abckg.rewriting.rewriter import Found, Rewriter, enough
from abckg.rewriting.statistics import Statistics, compact_and_count, read_statistics, write_statistics
from abckg.safety import none_elsewhere, parse, syntax_error
from abckg.tokens import from_clauses, without_escapes

if TYPE_CHECKING:
    # What they import takes longer than a query process takes to start.
    from SPARQLWrapper import SPARQLWrapper

    from abckg.dataset import Dataset

__all__ = [
    "Answer",
    "AnswerKind",
    "Choose",
    "DatasetSelection",
    "Document",
    "EmbeddedStore",
    "Question",
    "RemoteStore",
    "Store",
    "Term",
    "count_of",
    "store_version",
    "write_store",
]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
AnswerKind: TypeAlias = Literal["boolean", "solutions", "graph"]
Source: TypeAlias = Found | Sequence[ox.Triple]

_WITH_PREFIXES = {"turtle", "trig", "jsonld", "rdfxml"}


@dataclass(frozen=True)
class DatasetSelection:
    """The graphs that a request chose by ``default-graph-uri`` and ``named-graph-uri``; overrides FROM.

    As in SPARQL 1.1, a graph that the dataset does not have is an empty graph; none is ever fetched.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.default or self.named)


_ASSERTED = DatasetSelection(ASSERTED_GRAPHS, ASSERTED_GRAPHS)


@dataclass(frozen=True)
class Question:
    """A query and what the one who asks wants of it.

    Attributes:
        text: The query.
        inference: Whether what was inferred counts.
        dataset: The graphs that the request chose.
        timeout: Seconds after which nobody waits any more; a store may have a shorter limit of its own.
        rows: How many rows or triples are looked at where rows are read; a store may leave out those after the next.
        prefixes: What shortens IRIs in the formats that can.
        is_wanted: Tells whether somebody still waits; asked from another thread, now and then.
        waited: Seconds that the one who asks has waited already; they count as part of the limits.
    """

    text: str
    inference: bool = True
    dataset: DatasetSelection | None = None
    timeout: float | None = None
    rows: int | None = None
    prefixes: Mapping[str, str] = field(default_factory=dict)
    is_wanted: Callable[[], bool] | None = None
    waited: float = 0.0


@dataclass(frozen=True)
class Document:
    """An answer written down in a format; ``chunks`` can be read once, and are closed if they are left."""

    kind: AnswerKind
    form: ResultFormat
    chunks: Iterable[bytes]


Choose: TypeAlias = Callable[[AnswerKind], ResultFormat | None]


@dataclass(frozen=True)
class Answer:
    """What a query returned; can be read once, in the thread that asked.

    Attributes:
        kind: ``boolean`` for ASK, ``solutions`` for SELECT, ``graph`` for CONSTRUCT and DESCRIBE.
    """

    kind: AnswerKind
    _source: Source = field(repr=False)
    _thread: int = field(default_factory=threading.get_ident, repr=False)

    @classmethod
    def of(cls, source: Source) -> Answer:
        """Wrap what pyoxigraph returned, or a list of triples."""
        if isinstance(source, ox.QueryBoolean):
            return cls("boolean", source)
        if isinstance(source, ox.QuerySolutions):
            return cls("solutions", source)
        return cls("graph", source)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the columns of ``solutions``, without question mark."""
        source = self._read()
        return tuple(term.value for term in source.variables) if isinstance(source, ox.QuerySolutions) else ()

    @property
    def boolean(self) -> bool:
        """The answer of ASK."""
        return bool(self._read())

    def rows(self) -> Iterator[tuple[Term | None, ...]]:
        """Return the solutions, each as long as ``variables``; None where a variable is unbound."""
        source = self._read()
        if not isinstance(source, ox.QuerySolutions):
            return
        try:
            for solution in source:
                yield tuple(solution)
        except (OSError, RuntimeError, ValueError) as fault:
            raise StoreError(f"The store stopped while answering: {fault}") from fault

    def triples(self) -> Iterator[ox.Triple]:
        """Return the triples of CONSTRUCT and DESCRIBE, each once."""
        source = self._read()
        if isinstance(source, (ox.QuerySolutions, ox.QueryBoolean)):
            return
        try:
            yield from dict.fromkeys(source)
        except (OSError, RuntimeError, ValueError) as fault:
            raise StoreError(f"The store stopped while answering: {fault}") from fault

    def serialize(self, form: ResultFormat, prefixes: Mapping[str, str] | None = None) -> bytes:
        """Return the whole answer in ``form``; ``prefixes`` shorten the RDF formats that have them."""
        return self._serialize(None, form, prefixes) or b""

    def write(self, output: IO[bytes], form: ResultFormat, prefixes: Mapping[str, str] | None = None) -> None:
        """Write the whole answer in ``form`` to ``output``, piece by piece as it is found where that can be."""
        self._serialize(output, form, prefixes)

    def _serialize(
        self, output: IO[bytes] | None, form: ResultFormat, prefixes: Mapping[str, str] | None
    ) -> bytes | None:
        source = self._read()
        try:
            if isinstance(source, (ox.QuerySolutions, ox.QueryBoolean)):
                return source.serialize(output, cast(ox.QueryResultsFormat, form.engine))
            triples = list(dict.fromkeys(source))
            used = used_prefixes(triples, prefixes or {}) if form.name in _WITH_PREFIXES else None
            return ox.serialize(triples, output, cast(ox.RdfFormat, form.engine), prefixes=used)
        except (OSError, RuntimeError) as fault:
            raise StoreError(f"The store stopped while answering: {fault}") from fault

    def _read(self) -> Source:
        if threading.get_ident() != self._thread:
            # pyoxigraph would abort the whole process.
            raise StoreError("An answer was read in another thread than the one that asked.")
        return self._source


class Store(Protocol):
    """A graph that answers SPARQL 1.1 queries."""

    @property
    def version(self) -> str:
        """A hash of what is served, the same for the same content; empty where it cannot be known."""

    def query(self, text: str, *, inference: bool = True, dataset: DatasetSelection | None = None) -> Answer:
        """Answer ``text``; without ``inference`` from what is stated only.

        Raises:
            QuerySyntaxError: The text is not SPARQL 1.1; with line and column.
            QueryRefused: The text is an update or has a SERVICE clause.
            StoreError: The store does not answer.
        """

    def run(self, question: Question, choose: Choose) -> Answer | Document:
        """Answer ``question`` in the format that ``choose`` picks for the kind of answer; rows where it picks none.

        Raises:
            StoreBusy: There are too many queries at the moment.
            QueryTimedOut: The answer took too long.
            Exception: What ``query`` and ``choose`` raise.
        """

    def count(self) -> int:
        """Return the number of triples of the default graph."""


class EmbeddedStore:
    """A graph in this process, in memory or read-only on disk."""

    def __init__(
        self, store: ox.Store, version: str, statistics: Callable[[], Statistics | None] = lambda: None
    ) -> None:
        self._store = store
        self._rewriter = Rewriter(statistics)
        self.version, self.federate = version, none_elsewhere

    @classmethod
    def from_dataset(cls, dataset: Dataset) -> EmbeddedStore:
        """Load a dataset into memory."""
        store = ox.Store()
        store.bulk_extend(dataset.quads())
        return cls(store, dataset.version)

    @classmethod
    def open(cls, path: Path) -> EmbeddedStore:
        """Open a store directory that ``write_store`` wrote; StoreError where there is none."""
        try:
            version = store_version(path)
            return cls(ox.Store.read_only(str(path)), version, cache(partial(read_statistics, path, version)))
        except OSError as fault:
            raise StoreError(f"{path}: no store can be opened here; `abckg build` writes one: {fault}") from fault

    def query(self, text: str, *, inference: bool = True, dataset: DatasetSelection | None = None) -> Answer:
        """See ``Store.query``."""
        text = self.federate(text)
        graphs = dataset or (None if inference else _ASSERTED)
        try:
            return Answer.of(self._answered(text, graphs))
        except SyntaxError as fault:
            raise syntax_error(text, fault) from None
        except (OSError, RuntimeError, ValueError) as fault:
            raise StoreError(f"The store could not answer: {fault}") from fault

    def _answered(self, text: str, graphs: DatasetSelection | None) -> Found:
        rewritten = self._rewriter.rewrite(text, is_whole=graphs is None)
        if rewritten.text != text:
            with suppress(SyntaxError):  # the original has its own error, at its own place
                found = enough(self._ask(rewritten.text, graphs), rewritten.rows)
                if found is not None:
                    return found
        return self._ask(text, graphs)

    def _ask(self, text: str, graphs: DatasetSelection | None) -> Found:
        if graphs is None:
            return self._store.query(text)
        return self._store.query(
            text,
            default_graph=[ox.NamedNode(iri) for iri in graphs.default],
            named_graphs=[ox.NamedNode(iri) for iri in graphs.named],
        )

    def run(self, question: Question, choose: Choose) -> Answer | Document:
        """See ``Store.run``."""
        return _run(self, question, choose)

    def count(self) -> int:
        """See ``Store.count``."""
        return count_of(self)


class RemoteStore:
    """A graph on a SPARQL 1.1 server.

    Where the default graph of the server is not the graph to serve, the address names the graphs that make it up:
    ``http://127.0.0.1:8890/sparql?default-graph-uri=...&default-graph-uri=...&named-graph-uri=...``. They are what a
    query without FROM sees. Engines differ in a few places of SPARQL; docs/deployment.md lists them.

    Args:
        endpoint: Address of the server's SPARQL endpoint, with the graphs of the default dataset where needed.
        timeout: Seconds that an answer may take.
    """

    version = ""

    def __init__(self, endpoint: str, timeout: float = 60) -> None:
        parts = urlsplit(endpoint)
        names = parse_qs(parts.query)
        self.endpoint = endpoint if not names else parts._replace(query="").geturl()
        self.dataset = DatasetSelection(
            tuple(names.get("default-graph-uri", ())), tuple(names.get("named-graph-uri", ()))
        )
        self.timeout, self.federate = timeout, none_elsewhere

    def query(self, text: str, *, inference: bool = True, dataset: DatasetSelection | None = None) -> Answer:
        """See ``Store.query``; the text is parsed here, so that errors are the same on every server."""
        from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

        shape = Answer.of(parse(text := self.federate(text)))
        wrapper = SPARQLWrapper(self.endpoint, returnFormat=TURTLE if shape.kind == "graph" else JSON)
        wrapper.setQuery(text)
        wrapper.queryType = {"graph": "CONSTRUCT", "boolean": "ASK", "solutions": "SELECT"}[shape.kind]
        wrapper.setMethod(POST)
        wrapper.setTimeout(round(self.timeout))
        graphs = dataset or (None if inference else _ASSERTED) or self.dataset_of(text)
        for name, iris in (("default-graph-uri", graphs.default), ("named-graph-uri", graphs.named)) if graphs else ():
            for iri in iris:
                wrapper.addParameter(name, iri)
        body = self._send(wrapper)
        try:
            if shape.kind == "graph":
                return Answer.of([quad.triple for quad in ox.parse(body, format=ox.RdfFormat.TURTLE)])
            return Answer.of(ox.parse_query_results(normal_results(body), format=ox.QueryResultsFormat.JSON))
        except (SyntaxError, ValueError) as fault:
            raise StoreError(f"{self.endpoint}: the answer cannot be read: {fault}") from fault

    def run(self, question: Question, choose: Choose) -> Answer | Document:
        """See ``Store.run``."""
        return _run(self, question, choose)

    def count(self) -> int:
        """See ``Store.count``."""
        return count_of(self)

    def dataset_of(self, text: str) -> DatasetSelection | None:
        """Return the dataset to send with ``text``; none where the address names none or the query has its own."""
        return self.dataset if self.dataset and not from_clauses(without_escapes(text)) else None

    def _send(self, wrapper: SPARQLWrapper) -> bytes:
        from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

        try:
            return bytes(wrapper.query().response.read())
        except QueryBadFormed as fault:
            # It is well-formed, or it would not have been sent: the server cannot run it.
            raise QueryError(f"{self.endpoint} cannot run this query: {' '.join(str(fault).split())[:500]}") from fault
        except HTTPError as fault:
            if fault.code == HTTPStatus.FORBIDDEN:
                raise QueryRefused(f"{self.endpoint} refuses this query.") from fault
            raise StoreError(f"{self.endpoint} does not answer: {fault}") from fault
        except (SPARQLWrapperException, URLError, OSError, HTTPException) as fault:
            raise StoreError(f"{self.endpoint} does not answer: {' '.join(str(fault).split())[:500]}") from fault


def write_store(dataset: Dataset, path: Path) -> None:
    """Write a dataset as a store directory, compacted, with its version beside it."""
    store = ox.Store(str(path))
    store.bulk_extend(dataset.quads())
    write_statistics(path, compact_and_count(store), dataset.version)
    store.flush()
    _version_file(path).write_text(f"{dataset.version}\n", encoding="utf-8")


def store_version(path: Path) -> str:
    """Return the version of the store directory ``path``; StoreError where there is none."""
    try:
        return _version_file(path).read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise StoreError(f"{path}: no store can be opened here; `abckg build` writes one: {fault}") from fault


def _run(store: Store, question: Question, choose: Choose) -> Answer | Document:
    answer = store.query(question.text, inference=question.inference, dataset=question.dataset)
    form = choose(answer.kind)
    return answer if form is None else Document(answer.kind, form, (answer.serialize(form, question.prefixes),))


def count_of(store: Store) -> int:
    """Return the number of triples of the default graph, by a query."""
    for row in store.query("SELECT (COUNT(*) AS ?triples) WHERE { ?s ?p ?o }").rows():
        if isinstance(row[0], ox.Literal):
            return int(row[0].value)
    raise StoreError("The store counts no triples.")


def _version_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.version")
