"""A store whose queries run in processes of their own, which are ended when they take too long or too much.

An answer in a format comes as the query process wrote it; a short one whole, so that an error is still an error, a
long one in pieces. An answer whose rows are read comes whole and is read here.
Layer: imports ``errors``, ``formats``, ``pool``, ``safety``, ``shapes``, ``store`` and ``wire``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import AbckgError, NotAcceptable, StoreError
from abckg.formats import ResultFormat, formats_for, named
from abckg.pool.lease import Lease, Limits
from abckg.pool.pool import Pool
from abckg.pool.processes import WORKER
from abckg.pool.shapes import shape_of
from abckg.pool.wire import PAGE, Mark, Task
from abckg.safety import kind_of
from abckg.store import (
    Answer,
    AnswerKind,
    Choose,
    DatasetSelection,
    Document,
    Question,
    count_of,
    store_version,
)

__all__ = ["PooledStore"]

_HELD = 1 << 18
_ROWS_LIMIT = 64 << 20
_KINDS: tuple[AnswerKind, ...] = ("solutions", "graph")
_BROKEN = "!! The answer ends here and is not complete: "


class PooledStore:
    """A store directory, asked through a pool of query processes; ``close`` it at the end."""

    def __init__(self, pool: Pool, version: str) -> None:
        self._pool = pool
        self.version = version

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None, program: str = WORKER) -> PooledStore:
        """Start the processes, by ``program``; StoreError where there is no store at ``path``."""
        version = store_version(path)
        return cls(Pool(path, limits or Limits(), program), version)

    @property
    def pool(self) -> Pool:
        """The processes."""
        return self._pool

    def query(self, text: str, *, inference: bool = True, dataset: DatasetSelection | None = None) -> Answer:
        """See ``Store.query``; an answer of more than 64 MiB is an error."""
        answer = self.run(Question(text, inference, dataset), lambda _: None)
        if isinstance(answer, Document):
            raise StoreError("An answer came in a format that nobody asked for.")
        return answer

    def run(self, question: Question, choose: Choose) -> Answer | Document:
        """See ``Store.run``."""
        forms = _chosen(choose, kind_of(question.text))
        prefixes = question.prefixes if "graph" in forms else {}
        task = Task(question.text, question.inference, question.dataset, forms, question.rows, prefixes)
        lease = self._begin(question, task)
        try:
            head = json.loads(lease.frame()[1])
            kind: AnswerKind = head["kind"]
            if head["form"] is None:
                choose(kind)  # raises what it raised before
                raise StoreError("The answer is of a kind that its query does not ask for.")
            form = named(head["form"], formats_for(kind)) if forms.get(_key(kind)) else None
            return _document(lease, self._pool, kind, form) if form else _answer(lease, head)
        except BaseException:
            lease.close()
            raise

    def count(self) -> int:
        """See ``Store.count``."""
        return count_of(self)

    def numbers(self) -> Mapping[str, int]:
        """See ``Pool.numbers``."""
        return self._pool.numbers()

    def close(self) -> None:
        """End all queries and all processes."""
        self._pool.close()

    def _begin(self, question: Question, task: Task) -> Lease:
        shape = shape_of(question.text)
        while True:
            lease = self._pool.lease(shape, question.timeout, question.is_wanted, question.waited)
            if lease.send(task):
                return lease
            lease.close()  # it had ended while it was idle: the query has not begun, another process can take it


class _Chunks:
    """The pieces of an answer, from the query process to the server; left early, the query is ended."""

    def __init__(self, lease: Lease, pool: Pool, first: bytes, form: ResultFormat) -> None:
        self._is_open = False
        pool.open_stream()
        self._is_open = True
        self._lease, self._pool, self._first, self._form = lease, pool, first, form
        self._fault: AbckgError | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._fault is not None:
            raise self._fault
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            mark, data = self._lease.frame()
        except AbckgError as fault:
            # Not every server breaks the connection when an application fails: no parser may take this for the end.
            self._fault = fault
            return "\n{}{}{}\n".format('"' if self._form.name == "csv" else "", _BROKEN, fault).encode()
        if mark is not Mark.DATA:
            self.close()
            raise StopIteration
        return data

    def close(self) -> None:
        """End the query where it is still under way."""
        if self._is_open:
            self._is_open = False
            self._lease.close()
            self._pool.close_stream()

    def __del__(self) -> None:
        self.close()


def _chosen(choose: Choose, told: AnswerKind | None) -> dict[str, str]:
    """Return the format of the kind ``told``, or of each kind; a kind that can be had in none is left out."""
    forms: dict[str, str] = {}
    for kind in (told,) if told else _KINDS:
        try:
            form = choose(kind)
        except NotAcceptable:
            continue
        forms[_key(kind)] = form.name if form else PAGE
    return forms


def _key(kind: AnswerKind) -> str:
    return "graph" if kind == "graph" else "solutions"


def _document(lease: Lease, pool: Pool, kind: AnswerKind, form: ResultFormat) -> Document:
    held: list[bytes] = []
    size = 0
    while size < _HELD:
        mark, data = lease.frame()
        if mark is not Mark.DATA:
            return Document(kind, form, (b"".join(held),))
        held.append(data)
        size += len(data)
    return Document(kind, form, _Chunks(lease, pool, b"".join(held), form))


def _answer(lease: Lease, head: dict[str, str]) -> Answer:
    pieces: list[bytes] = []
    size = 0
    while True:
        mark, data = lease.frame()
        if mark is not Mark.DATA:
            break
        pieces.append(data)
        size += len(data)
        if size > _ROWS_LIMIT:
            raise StoreError("The answer is too long for a page; ask for it in a format, or set a LIMIT.")
    body = b"".join(pieces)
    try:
        if head["kind"] == "graph":
            return Answer.of([quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES)])
        form = ox.QueryResultsFormat.TSV if head["form"] == "tsv" else ox.QueryResultsFormat.JSON
        return Answer.of(ox.parse_query_results(body, format=form))
    except (SyntaxError, ValueError) as fault:
        raise StoreError(f"The answer of the query process cannot be read: {fault}") from fault
