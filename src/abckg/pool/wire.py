"""The messages between the server and its query processes: one task there, frames of an answer back.

A frame is a length (four bytes), a mark (one byte) and that many bytes. JSON and RDF are all that crosses: what a
query process sends can be wrong but cannot run code here.
Layer: imports ``errors`` and ``store``.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from abckg.errors import AbckgError, QueryRefused, QuerySyntaxError, StoreError
from abckg.store import DatasetSelection

__all__ = ["PAGE", "Frames", "Mark", "Task", "fault_of", "pack", "pack_fault"]

PAGE = ""
_HEADER = struct.Struct(">IB")
_READ = 1 << 16  # more than this takes the allocator longer than it saves


class Mark(IntEnum):
    """What a frame is."""

    HEAD = 0  # the kind of the answer; the first frame
    DATA = 1  # a piece of the answer
    END = 2  # the answer is complete
    LAST = 3  # the answer is complete, and the process takes no other task
    FAULT = 4  # there is no answer; the frame says why


@dataclass(frozen=True)
class Task:
    """A query for a query process.

    Attributes:
        text: The query.
        inference: Whether what was inferred counts.
        dataset: The graphs that the request chose.
        forms: For ``solutions`` and for ``graph`` the name of the format, or ``PAGE`` where rows are to be read;
            a kind that is missing gets no answer, only its kind.
        rows: After how many rows or triples a page has enough; None: all.
        prefixes: What shortens IRIs in the formats that can.
    """

    text: str
    inference: bool = True
    dataset: DatasetSelection | None = None
    forms: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None
    prefixes: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Return the task with its length before it."""
        graphs = [self.dataset.default, self.dataset.named] if self.dataset else None
        fields = [self.text, self.inference, graphs, dict(self.forms), self.rows, dict(self.prefixes)]
        body = json.dumps(fields).encode()
        return struct.pack(">I", len(body)) + body

    @classmethod
    def read(cls, connection: socket.socket) -> Task | None:
        """Return the next task, None where the server has left."""
        length = _exactly(connection, 4)
        body = _exactly(connection, int.from_bytes(length, "big")) if length else b""
        if not body:
            return None
        text, inference, graphs, forms, rows, prefixes = json.loads(body)
        dataset = DatasetSelection(tuple(graphs[0]), tuple(graphs[1])) if graphs else None
        return cls(text, inference, dataset, forms, rows, prefixes)


class Frames:
    """Reads the frames of answers from a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def read(self) -> tuple[Mark, bytes] | None:
        """Return the next frame, None where the process has ended before it was whole."""
        buffer = self._buffer
        while len(buffer) < _HEADER.size or len(buffer) < (end := self._end()):
            try:
                piece = self._connection.recv(_READ)
            except OSError:
                return None
            if not piece:
                return None
            buffer += piece
        _, mark = _HEADER.unpack_from(buffer)
        data = bytes(memoryview(buffer)[_HEADER.size : end])
        del buffer[:end]
        return Mark(mark), data

    def _end(self) -> int:
        return _HEADER.size + int(_HEADER.unpack_from(self._buffer)[0])


def pack(mark: Mark, data: bytes = b"") -> bytes:
    """Return a frame."""
    return _HEADER.pack(len(data), mark) + data


def pack_fault(fault: AbckgError) -> bytes:
    """Return the frame for an error."""
    if isinstance(fault, QuerySyntaxError):
        return pack(Mark.FAULT, json.dumps(["syntax", fault.reason, fault.line, fault.column]).encode())
    kind = "refused" if isinstance(fault, QueryRefused) else "store"
    return pack(Mark.FAULT, json.dumps([kind, str(fault)]).encode())


def fault_of(data: bytes) -> AbckgError:
    """Return the error that a frame tells of."""
    kind, *arguments = json.loads(data)
    if kind == "syntax":
        return QuerySyntaxError(*arguments)
    return QueryRefused(*arguments) if kind == "refused" else StoreError(*arguments)


def _exactly(connection: socket.socket, length: int) -> bytes:
    body = bytearray()
    while len(body) < length:
        piece = connection.recv(min(length - len(body), _READ))
        if not piece:
            return b""
        body += piece
    return bytes(body)
