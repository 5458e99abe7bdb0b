"""The errors a user can cause, and what each edge makes of them.

    AbckgError                    exit 2, HTTP 500
    ├── SourceError               a file that cannot be read or parsed
    │   ├── MissingSource         a file or folder that is not there
    │   └── TurtleSyntaxError     not well-formed Turtle
    ├── QueryError                HTTP 400: a query that cannot be run
    │   ├── QuerySyntaxError      not well-formed SPARQL
    │   │   └── UpdateSyntaxError not a well-formed update
    │   └── QueryRefused          HTTP 403: a query that asks for what is not allowed
    ├── UnknownQuery              HTTP 404: no such query in the catalogue
    ├── ParameterError            HTTP 400: a query parameter is missing or unknown
    ├── NotAcceptable             HTTP 406: no media type fits
    ├── UnsupportedMediaType      HTTP 415: a request body of another type
    ├── StoreError                HTTP 503: the store does not answer
    │   ├── StoreBusy             HTTP 503: more queries than it takes at a time
    │   ├── QueryTimedOut         HTTP 504: the answer took longer than it may
    │   └── StoreFull             HTTP 507: the disk has no room for a write
    ├── SearchUnavailable         HTTP 501: the SQLite of this Python has no full-text search
    ├── WriteError                HTTP 409: a write that cannot be applied to what is there
    │   ├── ShapesViolated        HTTP 409: its result would violate the shapes or a rule
    │   ├── MalformedGraph        HTTP 400: its body is not well-formed RDF
    │   ├── PreconditionFailed    HTTP 412: the graph is not as If-Match or If-None-Match want it
    │   └── WriteRefused          HTTP 403: writes are off, or not of this graph
    ├── NotAuthorized             HTTP 401: no token, or a wrong one
    ├── UnknownGraph              HTTP 404: no graph of that name
    ├── ReasoningError            the rules could not be compiled or run
    │   └── AxiomRefused          an axiom is malformed, in the wrong place, or of a kind that is not compiled
    ├── ValidationFailed          the shapes could not be run
    │   └── EngineFailed          the fast engine crashed or ran out of time
    ├── InconsistentData          something is of two disjoint classes
    ├── RemoteRefused             another server does not do what it is asked for
    └── UsageError                an argument that makes no sense

Errors hold data in attributes; ``str()`` makes one sentence saying what, where and what to do; ``told`` one in the
language of the user, where there is one.
This module imports nothing of the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "AbckgError",
    "AxiomRefused",
    "EngineFailed",
    "InconsistentData",
    "MalformedGraph",
    "MissingSource",
    "NotAcceptable",
    "NotAuthorized",
    "ParameterError",
    "PreconditionFailed",
    "QueryError",
    "QueryRefused",
    "QuerySyntaxError",
    "QueryTimedOut",
    "ReasoningError",
    "RemoteRefused",
    "SearchUnavailable",
    "ShapesViolated",
    "SourceError",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "TurtleSyntaxError",
    "UnknownGraph",
    "UnknownQuery",
    "UnsupportedMediaType",
    "UpdateSyntaxError",
    "UsageError",
    "ValidationFailed",
    "Violation",
    "WriteError",
    "WriteRefused",
]


class AbckgError(Exception):
    """Root of every error that is reported without a traceback; caught at the two edges."""

    status = 500
    exit_code = 2

    def told(self, language: str) -> str:
        """Return the sentence in ``en`` or ``ja``; in English where there is none in the language."""
        return str(self)


class SourceError(AbckgError):
    """A source file cannot be used; the command line prints it and stops."""

    def __init__(
        self,
        path: Path,
        reason: str,
        line: int | None = None,
        column: int | None = None,
        *,
        japanese: str = "",
        end: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.japanese = japanese or reason
        self.line = line
        self.column = column
        self.end_line = end[0] if end else None
        self.end_column = end[1] if end else None

    def __str__(self) -> str:
        return self.told("en")

    def told(self, language: str) -> str:
        """Return place and reason."""
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{place}: error: {self.japanese if language == 'ja' else self.reason}"


class MissingSource(SourceError):
    """A file or folder that was asked for is not there."""


class TurtleSyntaxError(SourceError):
    """A file is not well-formed Turtle; line and column start at 1."""


class QueryError(AbckgError):
    """A query cannot be run; the caller's fault."""

    status = 400


class QuerySyntaxError(QueryError):
    """A query is not well-formed SPARQL; line and column start at 1 where the parser gives them."""

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column

    def __str__(self) -> str:
        where = f" at line {self.line}, column {self.column}" if self.line is not None else ""
        return f"The query is not valid SPARQL 1.1{where}: {self.reason}"


class UpdateSyntaxError(QuerySyntaxError):
    """An update is not well-formed SPARQL; line and column as for a query."""

    def __str__(self) -> str:
        where = f" at line {self.line}, column {self.column}" if self.line is not None else ""
        return f"The update is not valid SPARQL 1.1{where}: {self.reason}"


class QueryRefused(QueryError):
    """A query asks for something that this service does not do, such as SERVICE or an update."""

    status = 403


class UnknownQuery(AbckgError):
    """No query of that name is in the catalogue."""

    status = 404


class ParameterError(AbckgError):
    """A parameter of a catalogue query is missing, unknown or malformed."""

    status = 400


class NotAcceptable(AbckgError):
    """None of the media types that can be served fits the Accept header."""

    status = 406


class UnsupportedMediaType(AbckgError):
    """The body of a request has a media type that is not understood."""

    status = 415


class StoreError(AbckgError):
    """The store cannot be opened or does not answer."""

    status = 503


class StoreBusy(StoreError):
    """There are more queries than the store takes at a time; the same query may be sent again later."""


class QueryTimedOut(StoreError):
    """A query took longer than it may and was ended."""

    status = 504


class StoreFull(StoreError):
    """The disk has no room for what is to be written; nothing was changed."""

    status = 507


class SearchUnavailable(AbckgError):
    """Text cannot be searched; everything else works."""

    status = 501

    def __str__(self) -> str:
        return "Search needs SQLite with FTS5, which the sqlite3 module of this Python was built without."


class WriteError(AbckgError):
    """A write cannot be applied to what is there; nothing was changed."""

    status = 409


@dataclass(frozen=True)
class Violation:
    """What a shape forbids: the node, the property and the value at fault, in N-Triples, and what to do by language."""

    focus: str
    path: str | None
    value: str | None
    shape: str
    messages: Mapping[str, str]


class ShapesViolated(WriteError):
    """The result of a write would violate the shapes, or a rule over the whole graph; nothing was changed.

    Attributes:
        violations: What is wrong, the first so many.
        total: How many there are.
        report: The SHACL report of all of them, as Turtle.
    """

    def __init__(self, violations: tuple[Violation, ...], total: int, report: str) -> None:
        super().__init__(total)
        self.violations = violations
        self.total = total
        self.report = report

    def __str__(self) -> str:
        count = "one violation" if self.total == 1 else f"{self.total} violations"
        return f"The write was not applied: its result has {count} of the shapes or the rules."


class MalformedGraph(WriteError):
    """The body of a write is not well-formed RDF; line and column start at 1 where the parser gives them."""

    status = 400

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column

    def __str__(self) -> str:
        where = f" at line {self.line}, column {self.column}" if self.line is not None else ""
        return f"The body is not well-formed{where}: {self.reason}"


class PreconditionFailed(WriteError):
    """The graph is not as the client wants it to be before the write; read it again."""

    status = 412


class WriteRefused(WriteError):
    """Writes are off, or the graph is one that nobody writes."""

    status = 403


class NotAuthorized(AbckgError):
    """A write without the token, or with a wrong one."""

    status = 401


class UnknownGraph(AbckgError):
    """The store holds no graph of that name."""

    status = 404


class ReasoningError(AbckgError):
    """The ontology could not be compiled to rules, or the rules could not be run."""


class AxiomRefused(ReasoningError):
    """An axiom that is malformed, stands among the facts, or is of a kind that is not compiled to rules.

    Attributes:
        subject: the node that the axiom is about, as N-Triples writes it.
        japanese: the message in Japanese.
    """

    def __init__(self, message: str, subject: object, japanese: str) -> None:
        super().__init__(message)
        self.subject = str(subject)
        self.japanese = japanese


class ValidationFailed(AbckgError):
    """The validator could not run the shapes."""


class EngineFailed(ValidationFailed):
    """The fast engine crashed, ran out of time or refused the shapes; the reference engine can be asked instead."""

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(f"{engine} failed: {reason}")
        self.engine = engine
        self.reason = reason


class InconsistentData(AbckgError):
    """The ontology and the data contradict each other; one sentence a clash."""

    exit_code = 1

    def __init__(self, clashes: list[str]) -> None:
        super().__init__(*clashes)
        self.clashes = clashes

    def __str__(self) -> str:
        return "The data contradict the ontology. " + " ".join(self.clashes)


class RemoteRefused(AbckgError):
    """Another server, such as that of the CI, does not answer or refuses; what was meant for it is lost."""


class UsageError(AbckgError):
    """An argument or setting makes no sense; ``japanese`` says so in Japanese."""

    status = 400

    def __init__(self, message: str, *, japanese: str = "") -> None:
        super().__init__(message)
        self.japanese = japanese

    def told(self, language: str) -> str:
        """Return what makes no sense, and what does."""
        return (self.japanese if language == "ja" else "") or str(self)
