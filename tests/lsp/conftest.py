"""One session of an editor for all tests of the language server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from editor import Editor, begin, finish
from small import GOAL, write_small


@pytest.fixture(scope="session")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    loop = asyncio.new_event_loop()
    root = write_small(tmp_path_factory.mktemp("lsp") / "small")
    editor = begin(root, loop, "ja-JP")
    _wait_until_loaded(editor)
    yield editor
    assert finish(editor) == 0
    loop.close()


def _wait_until_loaded(editor: Editor) -> None:
    uri = editor.open("data/goal/tidy-region.ttl", GOAL.replace("a abc:Goal ;", "a abc:Gaol ;"))
    editor.wait(uri, lambda shown: any(one.code == "undeclared-term" for one in shown))
    editor.replace(uri, GOAL)
    editor.wait(uri, lambda shown: not shown)
    editor.close(uri)
