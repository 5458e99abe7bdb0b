"""While a file is checked, however many changes of it wait for one more check."""

from __future__ import annotations

import asyncio

import pytest

from abckg.lsp.turns import Turns


def test_what_is_wanted_meanwhile_is_done_once_more() -> None:
    done: list[str] = []

    async def session() -> None:
        turns, free = Turns(), asyncio.Event()

        async def work() -> None:
            done.append("begun")
            await free.wait()
            done.append("ended")

        first = asyncio.ensure_future(turns.take("a", work))
        await asyncio.sleep(0)
        for _ in range(5):
            await turns.take("a", work)
        free.set()
        await first

    asyncio.run(session())

    assert done == ["begun", "ended"] * 2


def test_work_that_fails_keeps_nobody_waiting() -> None:
    async def session() -> None:
        turns = Turns()

        async def work() -> None:
            raise ValueError("fault")

        for _ in range(2):
            with pytest.raises(ValueError, match="fault"):
                await turns.take("a", work)

    asyncio.run(session())
