"""Every setting of the program, in one table: its name, what it is by default, what it does.

Layer: imports ``errors`` only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from abckg.errors import UsageError

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """What an installation may choose; each is also read from ``ABCKG_<NAME>`` in the environment."""

    host: str = field(default="127.0.0.1", metadata={"help": "Address to listen on; 0.0.0.0 for every network."})
    port: int = field(default=8000, metadata={"help": "Port to listen on."})
    root: str = field(default="", metadata={"help": "Checkout to serve; empty: the graph shipped with the package."})
    store: str = field(default="", metadata={"help": "Store directory or SPARQL address; empty: built in memory."})
    workers: int = field(default=4, metadata={"help": "Processes that answer queries."})
    timeout: float = field(default=30.0, metadata={"help": "Seconds that one query may take."})
    memory: int = field(default=1024, metadata={"help": "MiB that one query may take."})
    queue: int = field(default=32, metadata={"help": "Queries that may run or wait in one process; more get 503."})
    long_queries: int = field(default=4, metadata={"help": "Queries that may be long at a time; one more is ended."})
    in_memory: int = field(default=-1, metadata={"help": "MiB of a store on disk that is held in memory; -1: auto."})
    allocator: str = field(default="mimalloc", metadata={"help": "Allocator of query processes: mimalloc or system."})
    lanes: int = field(default=-1, metadata={"help": "Processes for short queries; -1: one a processor; 0: none."})
    prefix: str = field(default="", metadata={"help": "Path under which a proxy shows the server, such as /abc."})
    origin: str = field(default="", metadata={"help": "Public scheme and host, such as https://example.org."})
    max_query_length: int = field(default=100_000, metadata={"help": "Bytes that a query or request body may have."})
    max_address_length: int = field(default=16_000, metadata={"help": "Bytes that an address may have after the `?`."})
    max_nesting: int = field(default=64, metadata={"help": "How deep the brackets of a query may nest."})
    max_operators: int = field(default=1000, metadata={"help": "Patterns and operators that a query may have."})
    cache_bytes: int = field(default=64_000_000, metadata={"help": "Bytes of answers that a process keeps; 0: none."})
    allow_service: str = field(default="", metadata={"help": "Prefixes of endpoints for SERVICE, by spaces."})
    cors_origins: str = field(default="*", metadata={"help": "Origins whose pages may ask, by spaces; *: all."})
    access_log: str = field(default="-", metadata={"help": "File for a JSON line a request; -: stderr; empty: none."})
    query_log: str = field(default="", metadata={"help": "File for the text of each query; -: stderr; empty: none."})
    page_rows: int = field(default=200, metadata={"help": "Rows of an answer or a list that one page shows."})
    token: str = field(default="", repr=False, metadata={"help": "What a write must bear; empty: no writes."})
    token_file: str = field(default="", metadata={"help": "File with the token, in place of ABCKG_TOKEN."})
    max_write_length: int = field(default=10_000_000, metadata={"help": "Bytes that the body of a write may have."})
    write_timeout: float = field(default=120.0, metadata={"help": "Seconds to check and store a write."})
    sources: str = field(default="", metadata={"help": "Folder with the source documents, to show quotations."})

    def __post_init__(self) -> None:
        """Put the path prefix and the origin into their one spelling."""
        stripped = self.prefix.strip("/")
        object.__setattr__(self, "prefix", f"/{stripped}" if stripped else "")
        object.__setattr__(self, "origin", self.origin.rstrip("/"))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Return the settings with those of the environment; UsageError where one is not of its type."""
        changes: dict[str, str | int | float] = {}
        for entry in fields(cls):
            text = environ.get(f"ABCKG_{entry.name.upper()}")
            if text is not None:
                changes[entry.name] = _convert(entry.name, text, type(entry.default))
        return replace(cls(), **changes)  # type: ignore[arg-type]

    @classmethod
    def table(cls) -> tuple[tuple[str, str, str], ...]:
        """Return name, default and help of every setting."""
        return tuple((entry.name, str(entry.default), str(entry.metadata["help"])) for entry in fields(cls))

    @property
    def lanes_wanted(self) -> int:
        """How many processes answer short queries where they arrive."""
        return self.lanes if self.lanes >= 0 else len(os.sched_getaffinity(0))

    @property
    def services(self) -> tuple[str, ...]:
        """The prefixes of the endpoints that SERVICE may ask."""
        return tuple(self.allow_service.split())

    @property
    def sources_folder(self) -> Path | None:
        """The folder with the source documents, where one is given."""
        return Path(self.sources) if self.sources else None


def _convert(name: str, text: str, kind: type) -> str | int | float:
    try:
        return text if kind is str else int(text) if kind is int else float(text)
    except ValueError:
        raise UsageError(f"ABCKG_{name.upper()}: {text!r} is not a number") from None
