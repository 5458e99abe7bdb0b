"""An editor for tests: the client that comes with pygls, talking to ``abckg lsp`` as editors do."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

Result = TypeVar("Result")
PATIENCE = 90
"""Seconds to wait for what must come; a loaded machine is slow to start a process."""


class Editor(LanguageClient):
    """A client that keeps the diagnostics it is sent."""

    def __init__(self, root: Path, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__("tests", "1")
        self.root = root
        self.loop = loop
        self.shown: dict[str, list[types.Diagnostic]] = {}
        self.news = asyncio.Event()
        self.messages: list[str] = []
        self.registered: list[str] = []
        self.versions: dict[str, int] = {}

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(asyncio.wait_for(work, PATIENCE))

    def uri(self, path: str) -> str:
        return (self.root / path).resolve().as_uri()

    def open(self, path: str, text: str) -> str:
        uri = self.uri(path)
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, "turtle", 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, *changes: types.TextDocumentContentChangeEvent) -> None:
        self.versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri)
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, list(changes)))

    def replace(self, uri: str, text: str) -> None:
        self.change(uri, types.TextDocumentContentChangeWholeDocument(text))

    def save(self, uri: str) -> None:
        self.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def close(self, uri: str) -> None:
        self.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def wait(self, uri: str, wanted: Callable[[list[types.Diagnostic]], bool]) -> list[types.Diagnostic]:
        """Return the diagnostics of a document as soon as they are as wanted."""

        async def until() -> list[types.Diagnostic]:
            while not (uri in self.shown and wanted(self.shown[uri])):
                self.news.clear()
                await self.news.wait()
            return self.shown[uri]

        try:
            return self.run(until())
        except TimeoutError:
            raise AssertionError(f"{self.shown.get(uri)} {self.messages}") from None


def begin(root: Path, loop: asyncio.AbstractEventLoop, locale: str = "en") -> Editor:
    editor = Editor(root, loop)

    @editor.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
    def _shown(params: types.PublishDiagnosticsParams) -> None:
        editor.shown[params.uri] = list(params.diagnostics)
        editor.news.set()

    @editor.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]
    def _told(params: types.ShowMessageParams) -> None:
        editor.messages.append(params.message)

    @editor.feature(types.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
    def _registered(params: types.RegistrationParams) -> None:
        editor.registered += [one.method for one in params.registrations]

    async def start() -> None:
        await editor.start_io(sys.executable, "-m", "abckg", "lsp")
        folder = types.WorkspaceFolder(root.as_uri(), root.name)
        item = types.ClientCompletionItemOptions(snippet_support=True)
        text = types.TextDocumentClientCapabilities(completion=types.CompletionClientCapabilities(completion_item=item))
        watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        workspace = types.WorkspaceClientCapabilities(did_change_watched_files=watching)
        capabilities = types.ClientCapabilities(text_document=text, workspace=workspace)
        params = types.InitializeParams(capabilities=capabilities, locale=locale, workspace_folders=[folder])
        await editor.initialize_async(params)
        editor.initialized(types.InitializedParams())

    editor.run(start())
    return editor


def finish(editor: Editor) -> int:
    """End a session as the protocol says and return the exit status of the server."""

    async def stop() -> int:
        await editor.shutdown_async(None)
        editor.exit(None)
        process = editor._server
        assert process is not None
        await process.wait()
        await editor.stop()  # type: ignore[no-untyped-call]
        return process.returncode if process.returncode is not None else -1

    return editor.run(stop())
