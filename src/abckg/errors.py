"""The errors a user can cause, and what each edge makes of them.

    AbckgError                    exit 2, HTTP 500
    ├── SourceError               a file that cannot be read or parsed
    │   ├── MissingSource         a file or folder that is not there
    │   └── TurtleSyntaxError     not well-formed Turtle
    ├── QueryError                HTTP 400: a query that cannot be run
    │   ├── QuerySyntaxError      not well-formed SPARQL
    │   └── QueryRefused          HTTP 403: a query that asks for what is not allowed
    ├── UnknownQuery              HTTP 404: no such query in the catalogue
    ├── ParameterError            HTTP 400: a query parameter is missing or unknown
    ├── NotAcceptable             HTTP 406: no media type fits
    ├── UnsupportedMediaType      HTTP 415: a request body of another type
    ├── StoreError                HTTP 503: the store does not answer
    │   ├── StoreBusy             HTTP 503: more queries than it takes at a time
    │   └── QueryTimedOut         HTTP 504: the answer took longer than it may
    ├── SearchUnavailable         HTTP 501: the SQLite of this Python has no full-text search
    ├── ReasoningError            the rules could not be compiled or run
    ├── ValidationFailed          the shapes could not be run
    ├── InconsistentData          something is of two disjoint classes
    └── UsageError                an argument that makes no sense

Errors hold data in attributes; ``str()`` makes one sentence saying what, where and what to do.
This module imports nothing of the package.
"""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "AbckgError",
    "InconsistentData",
    "MissingSource",
    "NotAcceptable",
    "ParameterError",
    "QueryError",
    "QueryRefused",
    "QuerySyntaxError",
    "QueryTimedOut",
    "ReasoningError",
    "SearchUnavailable",
    "SourceError",
    "StoreBusy",
    "StoreError",
    "TurtleSyntaxError",
    "UnknownQuery",
    "UnsupportedMediaType",
    "UsageError",
    "ValidationFailed",
]


class AbckgError(Exception):
    """Root of every error that is reported without a traceback; caught at the two edges."""

    status = 500
    exit_code = 2


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
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{place}: error: {self.reason}"


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


class SearchUnavailable(AbckgError):
    """Text cannot be searched; everything else works."""

    status = 501

    def __str__(self) -> str:
        return "Search needs SQLite with FTS5, which the sqlite3 module of this Python was built without."


class ReasoningError(AbckgError):
    """The ontology could not be compiled to rules, or the rules could not be run."""


class ValidationFailed(AbckgError):
    """The validator could not run the shapes."""


class InconsistentData(AbckgError):
    """The ontology and the data contradict each other; one sentence a clash."""

    exit_code = 1

    def __init__(self, clashes: list[str]) -> None:
        super().__init__(*clashes)
        self.clashes = clashes

    def __str__(self) -> str:
        return "The data contradict the ontology. " + " ".join(self.clashes)


class UsageError(AbckgError):
    """An argument or setting makes no sense."""

    status = 400
