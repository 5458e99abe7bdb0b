"""What a lane and the switchboard send each other; the bounds of messages are kept.

To a lane: first its greeting, then a connection at a time, its number with its descriptor, or how many are wanted
back. From a lane: a kind, and what belongs to it. Layer: web; imports nothing of the package.
"""

from __future__ import annotations

import json
import socket
import struct
from enum import Enum
from typing import NamedTuple

__all__ = [
    "LONGEST",
    "Greeting",
    "Kind",
    "Message",
    "Order",
    "ask_back",
    "receive",
    "send",
    "send_connection",
    "taken",
]

LONGEST = 1 << 17
_NUMBER = struct.Struct("<Q")
_ORDER = struct.Struct("<Q?")
_SPACE = 1 << 18


class Kind(Enum):
    """What a lane says of a connection, or of what it did."""

    PASSED = b"P"  # the request in it is for the server behind
    FREED = b"F"  # another lane may have it
    CLOSED = b"C"  # the client has left, or wants it closed
    REST = b"R"  # the rest of an answer that the client is slow to read
    LAST_REST = b"L"  # the same, and the connection is to be closed after it
    MEASURED = b"M"  # requests answered, as JSON


class Message(NamedTuple):
    """A message of a lane; ``number`` is that of a connection, 0 where it is about none."""

    kind: Kind
    number: int
    data: bytes = b""


class Greeting(NamedTuple):
    """The first thing that a lane hears: its place on the board, the edition of its data, where clients connect to."""

    lane: int
    edition: int
    host: str
    port: int

    def encode(self) -> bytes:
        """Return it as a message."""
        return json.dumps(self).encode()

    @classmethod
    def decode(cls, data: bytes) -> Greeting:
        """Return what ``encode`` made a message of."""
        return cls(*json.loads(data))


def send(connection: socket.socket, message: Message) -> None:
    """Send a message to the switchboard."""
    connection.sendall(message.kind.value + _NUMBER.pack(message.number) + message.data)


def receive(connection: socket.socket) -> Message | None:
    """Return the next message of a lane; None where it has ended."""
    data = connection.recv(_SPACE)
    if not data:
        return None
    return Message(Kind(data[:1]), _NUMBER.unpack_from(data, 1)[0], data[1 + _NUMBER.size :])


def send_connection(lane: socket.socket, number: int, client: socket.socket) -> None:
    """Give ``client`` to a lane."""
    socket.send_fds(lane, [_ORDER.pack(number, True)], [client.fileno()])


def ask_back(lane: socket.socket, count: int) -> None:
    """Ask a lane for so many of its connections."""
    lane.send(_ORDER.pack(count, False))


class Order(NamedTuple):
    """What the switchboard wants: a connection to be taken, with its number, or a number of them to be freed.

    ``client`` is missing from an order to take a connection where this process may have no more descriptors.
    """

    number: int
    is_of_a_client: bool
    client: socket.socket | None


def taken(switchboard: socket.socket) -> Order | None:
    """Return the next order of the switchboard; None where it wants this lane to end."""
    try:
        data, descriptors, _, _ = socket.recv_fds(switchboard, _ORDER.size, 1)
    except ConnectionResetError:
        return None
    if not data:
        return None
    number, is_of_a_client = _ORDER.unpack(data)
    return Order(number, is_of_a_client, socket.socket(fileno=descriptors[0]) if descriptors else None)
