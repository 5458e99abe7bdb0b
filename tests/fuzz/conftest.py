"""One server for all that is thrown at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fuzz.client import Client


@pytest.fixture(scope="module")
def client(server: str) -> Iterator[Client]:
    found = Client(server)
    yield found
    found.close()
