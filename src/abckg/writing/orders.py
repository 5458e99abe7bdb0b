"""The messages between the server and its writer: what is to be written there, what came of it back.

A message is its length (four bytes), JSON of that length, and the bytes that the JSON counts under ``parts``.
Layer: imports ``errors``, ``store`` and ``transaction``.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from abckg.errors import (
    AbckgError,
    MalformedGraph,
    QueryError,
    QueryRefused,
    QuerySyntaxError,
    ShapesViolated,
    StoreError,
    StoreFull,
    UpdateSyntaxError,
    Violation,
    WriteError,
    WriteRefused,
)
from abckg.store import DatasetSelection
from abckg.writing.transaction import Body, GraphWrite, Update

__all__ = ["Message", "fault_in", "message_of_fault", "message_of_write", "receive", "send", "write_in"]

_LENGTH = 4
_SIMPLE: Sequence[type[AbckgError]] = (WriteRefused, WriteError, QueryRefused, QueryError, StoreFull, StoreError)


@dataclass(frozen=True)
class Message:
    """Fields, and bytes beside them."""

    fields: Mapping[str, Any]
    parts: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Return the message as it is sent."""
        head = json.dumps({**self.fields, "parts": [len(part) for part in self.parts]}).encode()
        return b"".join((len(head).to_bytes(_LENGTH, "big"), head, *self.parts))


def send(connection: socket.socket, message: Message) -> None:
    """Send a message; an OSError where nobody is there."""
    connection.sendall(message.encode())


def receive(connection: socket.socket) -> Message | None:
    """Return the next message; None where the other side has ended."""
    try:
        length = _exactly(connection, _LENGTH)
        fields = json.loads(_exactly(connection, int.from_bytes(length, "big")))
        parts = tuple(_exactly(connection, size) for size in fields.pop("parts"))
    except EOFError:
        return None
    return Message(fields, parts)


def message_of_write(write: Update | GraphWrite) -> Message:
    """Return the order to prepare a write."""
    if isinstance(write, Update):
        using = [write.using.default, write.using.named]
        return Message({"do": "update", "base": write.base, "using": using, **_limits(write)}, (write.text.encode(),))
    bodies = [[body.media_type, body.base] for body in write.bodies]
    fields = {"do": "graph", "graph": write.graph, "bodies": bodies}
    flags = {"replaces": write.replaces, "removes": write.removes}
    return Message({**fields, **flags}, tuple(body.content for body in write.bodies))


def write_in(message: Message) -> Update | GraphWrite:
    """Return the write that an order asks for."""
    fields = message.fields
    if fields["do"] == "update":
        using = DatasetSelection(tuple(fields["using"][0]), tuple(fields["using"][1]))
        return Update(message.parts[0].decode(), fields["base"], using, fields["nesting"], fields["operators"])
    bodies = zip(fields["bodies"], message.parts, strict=True)
    read = tuple(Body(media_type, base, content) for (media_type, base), content in bodies)
    return GraphWrite(fields["graph"], read, fields["replaces"], fields["removes"])


def message_of_fault(fault: AbckgError) -> Message:
    """Return the message that tells of an error."""
    if isinstance(fault, ShapesViolated):
        listed = [asdict(violation) for violation in fault.violations]
        return Message({"fault": "shapes", "violations": listed, "total": fault.total}, (fault.report.encode(),))
    if isinstance(fault, UpdateSyntaxError | QuerySyntaxError | MalformedGraph):
        kind = "body" if isinstance(fault, MalformedGraph) else "syntax"
        return Message({"fault": kind, "reason": fault.reason, "line": fault.line, "column": fault.column})
    kind = next((name.__name__ for name in _SIMPLE if isinstance(fault, name)), StoreError.__name__)
    return Message({"fault": kind, "reason": str(fault)})


def fault_in(message: Message) -> AbckgError | None:
    """Return the error that a message tells of, None where it tells of none."""
    fields = message.fields
    kind = fields.get("fault")
    if kind is None:
        return None
    if kind == "shapes":
        violations = tuple(Violation(**entry) for entry in fields["violations"])
        return ShapesViolated(violations, fields["total"], message.parts[0].decode())
    if kind in ("body", "syntax"):
        found = MalformedGraph if kind == "body" else UpdateSyntaxError
        return found(fields["reason"], fields["line"], fields["column"])
    return next(name for name in _SIMPLE if name.__name__ == kind)(fields["reason"])


def _limits(write: Update) -> dict[str, int]:
    return {"nesting": write.nesting, "operators": write.operators}


def _exactly(connection: socket.socket, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        try:
            piece = connection.recv(min(length - len(found), 1 << 18))
        except OSError as fault:
            raise EOFError from fault
        if not piece:
            raise EOFError
        found += piece
    return bytes(found)
