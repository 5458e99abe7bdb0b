"""The language server: documents come in, findings go out, questions are answered; over standard input and output.

A change is parsed at once; a moment after the last one the file is checked against the dataset in memory, in a
thread of its own. When a dataset is opened and a file is saved, the whole of ``abckg validate`` runs beside.
Layer: part of ``lsp``; needs pygls, the extra ``lsp``.
Specification: https://microsoft.github.io/language-server-protocol/
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox
from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from abckg import turtle
from abckg.errors import AbckgError, SourceError
from abckg.locator import Locator
from abckg.lsp.answers import actions, completions, diagnostic, format_edits, symbols
from abckg.lsp.full import FullRun, moved
from abckg.lsp.live import LIVE_CHECKS, LiveDataset
from abckg.lsp.names import Names
from abckg.lsp.text import LineMap, name_at, statement_at
from abckg.lsp.turns import Turns
from abckg.reports.report import Finding, distinct
from abckg.roots import find_root
from abckg.sources import kind_of, read_text
from abckg.validate.gate import syntax_finding

__all__ = ["TurtleServer", "create_server"]

Result = TypeVar("Result")

_PAUSE = 0.05
"""Seconds without a change after which a file is checked."""

_FILES = types.FileSystemWatcher(glob_pattern="**/*.{ttl,rq}")
_FORMAT = {"en": "Canonical form (abckg fmt)", "ja": "正規形に整える（abckg fmt）"}
_LIVE_FILES = ("data", "vocab")


class TurtleServer(LanguageServer):
    """The server with the dataset it serves.

    Args:
        root: the dataset; found from the folder that the editor opened where it is None.
        language: ``en`` or ``ja``; that of the editor where it is None.
    """

    def __init__(self, root: Path | None = None, language: str | None = None) -> None:
        super().__init__("abckg", version("abckg"), text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
        self._asked_root = root
        self._asked_language = language
        self.language = language or "en"
        self.root: Path | None = None
        self.trouble = ""
        self.live: LiveDataset | None = None
        self.names: Names | None = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="abckg-check")
        self._full: FullRun | None = None
        self._whole: dict[Path, tuple[str, tuple[Finding, ...]]] = {}
        self._checked: dict[str, list[Finding]] = {}
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._turns = Turns()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, params: types.InitializeParams) -> None:
        """Take note of what the editor says of itself: its language and the folder it opened."""
        if self._asked_language is None and (params.locale or "").lower().startswith("ja"):
            self.language = "ja"
        folders = params.workspace_folders or []
        address = folders[0].uri if folders else params.root_uri
        start = Path(to_fs_path(address) or ".") if address else Path.cwd()
        try:
            self.root = find_root(self._asked_root, start).resolve()
        except AbckgError as error:
            self.trouble = str(error)

    async def watch(self) -> None:
        """Ask the editor to tell of files that change outside it, if it can."""
        workspace = self.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([_FILES])
            wish = types.Registration("abckg-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await self.client_register_capability_async(types.RegistrationParams([wish]))

    async def load(self) -> None:
        """Read the dataset, check what is open, and run everything once."""
        if self.root is None:
            self._tell(self.trouble)
            return
        await self.watch()
        try:
            self.live = await self._work(LiveDataset, self.root, self.language)
            self.names = await self._work(Names, self.live.sources, self.language)
        except AbckgError as error:
            self._tell(str(error))
            return
        self._full = FullRun(self.root, self.language)
        for uri in list(self.workspace.text_documents):
            await self.check(uri)
        await self.check_everything()

    async def _work(self, function: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._worker, function, *arguments)

    def _tell(self, message: str) -> None:
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"abckg: {message}"))

    def lines(self, text: str) -> LineMap:
        """Return the lines of a text in the columns that the editor counts."""
        return LineMap(text, str(getattr(self.workspace.position_encoding, "value", None) or "utf-16"))

    def path_of(self, uri: str) -> Path | None:
        """Return the path of a document relative to the root, None where it is outside."""
        name = to_fs_path(uri)
        if name is None or self.root is None or not Path(name).resolve().is_relative_to(self.root):
            return None
        return Path(name).resolve().relative_to(self.root)

    def text_of(self, uri: str) -> str:
        """Return the text of a document as the editor has it, else as it stands on disk."""
        return self.workspace.get_text_document(uri).source

    def spawn(self, task: asyncio.Task[None]) -> None:
        """Keep a task from being collected before it ends."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def changed(self, uri: str, *, pause: float = _PAUSE) -> None:
        """Check a document when nothing has changed for a moment; a syntax error is shown at once."""
        path = self.path_of(uri)
        if path is None or path.suffix != ".ttl":
            return
        try:
            turtle.parse(self.text_of(uri), path)
        except SourceError as error:
            self._checked[uri] = [syntax_finding(error, self.language)]
            self.publish(uri)
        before = self._waiting.pop(uri, None)
        if before is not None:
            before.cancel()
        self._waiting[uri] = asyncio.ensure_future(self._check_later(uri, pause))

    async def _check_later(self, uri: str, pause: float) -> None:
        await asyncio.sleep(pause)
        self._waiting.pop(uri, None)
        await self.check(uri)

    async def check(self, uri: str) -> None:
        """Check a document against the dataset in memory and show what was found."""
        await self._turns.take(uri, lambda: self._check(uri))

    async def _check(self, uri: str) -> None:
        path = self.path_of(uri)
        if path is None or self.live is None or path.suffix != ".ttl" or kind_of(path) is None:
            return
        text = self.text_of(uri)
        try:
            found = await self._work(self.live.check, path, text)
        except AbckgError as error:
            self._tell(str(error))
            return
        if text == self.text_of(uri):
            self._checked[uri] = found
            self.publish(uri)

    async def check_everything(self) -> None:
        """Run ``abckg validate`` over the files on disk and show what it finds, file by file."""
        if self._full is None or self.live is None or self.root is None:
            return
        try:
            found = await self._full.run()
        except AbckgError as error:
            self._tell(str(error))
            return
        if found is None:
            return
        paths = {*self._whole, *(finding.path for finding in found)} - {Path()}
        self._whole = {path: (self._on_disk(path), tuple(f for f in found if f.path == path)) for path in paths}
        for path in paths:
            self.publish(from_fs_path(str(self.root / path)) or "")
        self.names = await self._work(Names, self.live.sources, self.language)

    def _on_disk(self, path: Path) -> str:
        try:
            return read_text(path, self.root or Path())
        except SourceError:
            return ""

    def publish(self, uri: str) -> None:
        """Show the findings of a document: those of the last check, and of the last full run what that left out."""
        path = self.path_of(uri)
        if path is None:
            return
        is_open = uri in self.workspace.text_documents
        before, whole = self._whole.get(path, ("", ()))
        text = self.text_of(uri) if is_open else before
        found = list(whole)
        if is_open and uri in self._checked:
            found = self._checked[uri]
            if not any(finding.check == "syntax" for finding in found):
                rest = tuple(f for f in whole if f.check not in self._live_checks(path))
                found = [*found, *moved(rest, before, text)]
        lines = self.lines(text)
        document = self.workspace.text_documents.get(uri)
        shown = [diagnostic(finding, lines) for finding in distinct(sorted(set(found)))]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, shown, document.version if document else None)
        )

    def _live_checks(self, path: Path) -> frozenset[str]:
        kind = kind_of(path)
        if kind in _LIVE_FILES:
            return LIVE_CHECKS
        return LIVE_CHECKS - {"shapes"} if kind == "ontology" else LIVE_CHECKS - {"shapes", "graph"}

    def closed(self, uri: str) -> None:
        """Forget the text of a closed document: what stands on disk counts again."""
        self._checked.pop(uri, None)
        path = self.path_of(uri)
        if path is not None and self.live is not None and path in self.live.files:
            self._worker.submit(self._reread, path)
        self.publish(uri)

    def _reread(self, path: Path) -> None:
        try:
            if self.live is not None and self.root is not None:
                self.live.update(path, read_text(path, self.root))
        except SourceError:
            return

    async def files_changed(self, uris: list[str]) -> None:
        """Read files again that changed outside the editor, and run everything."""
        for uri in uris:
            path = self.path_of(uri)
            if path is not None and uri not in self.workspace.text_documents and path.suffix == ".ttl":
                await self._work(self._reread, path)
        await self.check_everything()

    def complete(self, uri: str, position: types.Position) -> types.CompletionList:
        """Return the names that fit at a position."""
        nothing = types.CompletionList(is_incomplete=True, items=[])
        if self.live is None or self.names is None:
            return nothing
        text = self.text_of(uri)
        lines = self.lines(text)
        cursor = statement_at(text, lines.offset(position.line, position.character), self.live.prefixes)
        found, _ = self.names.fitting(cursor)
        items = completions(found, cursor, text, lines, self.live.prefixes, snippets=self._knows_snippets())
        return types.CompletionList(is_incomplete=True, items=items)

    def _knows_snippets(self) -> bool:
        text = self.client_capabilities.text_document
        item = text.completion.completion_item if text and text.completion else None
        return bool(item and item.snippet_support)

    def hover(self, uri: str, position: types.Position) -> types.Hover | None:
        """Return what is known of the name at a position."""
        if self.live is None or self.names is None:
            return None
        text = self.text_of(uri)
        lines = self.lines(text)
        name = name_at(text, lines.offset(position.line, position.character), self.live.prefixes)
        said = self.names.describe(name.iri) if name else ""
        if name is None or not said:
            return None
        place = types.Range(types.Position(*lines.position(name.start)), types.Position(*lines.position(name.end)))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, said), place)

    def define(self, uri: str, position: types.Position) -> list[types.Location]:
        """Return where the thing is described that is named at a position; the file that says its type first."""
        if self.live is None or self.root is None:
            return []
        text = self.text_of(uri)
        name = name_at(text, self.lines(text).offset(position.line, position.character), self.live.prefixes)
        if name is None:
            return []
        node = ox.NamedNode(name.iri)
        files = [f for f in self.live.files.values() if any(t.subject == node for t in f.triples)]
        files.sort(key=lambda f: (f.kind == "alignment", f.path))
        return [location for file in files for location in self._locations(Locator([file]), node, file.text)]

    def _locations(self, locator: Locator, node: ox.NamedNode, text: str) -> list[types.Location]:
        lines = self.lines(text)
        found = []
        for place in locator.subject(node):
            start = lines.of_finding(place.line or 1, place.column or 1)
            end = lines.of_finding(place.end_line or place.line or 1, place.end_column or place.column or 1)
            span = types.Range(types.Position(*lines.position(start)), types.Position(*lines.position(end)))
            found.append(types.Location(from_fs_path(str((self.root or Path()) / place.path)) or "", span))
        return found

    def outline(self, uri: str) -> list[types.DocumentSymbol]:
        """Return what a document describes, as of its last well-formed text."""
        path = self.path_of(uri)
        file = self.live.files.get(path) if self.live and path else None
        if file is None or self.live is None or file.text != self.text_of(uri):
            return []
        return symbols(file, self.lines(file.text), self.live.prefixes)

    def canonical(self, uri: str) -> list[types.TextEdit]:
        """Return the edits that put a document into canonical form."""
        path, text = self.path_of(uri), self.text_of(uri)
        if path is None or self.live is None or path.suffix != ".ttl":
            return []
        return format_edits(path, text, self.lines(text), self.live.prefixes)

    def fixes(self, uri: str, found: Sequence[types.Diagnostic]) -> list[types.CodeAction]:
        """Return what can be done about diagnostics of a document."""
        return actions(uri, found, self.canonical(uri), _FORMAT[self.language])

    def end(self) -> None:
        """Stop what runs beside."""
        if self._full is not None:
            self._full.stop()
        self._worker.shutdown(wait=False, cancel_futures=True)


def create_server(root: Path | None = None, language: str | None = None) -> TurtleServer:
    """Return a server with its features; ``start_io`` runs it."""
    logging.getLogger("pygls").setLevel(logging.ERROR)
    server = TurtleServer(root, language)
    _documents(server)
    _questions(server)
    return server


def _documents(server: TurtleServer) -> None:
    @server.feature(types.INITIALIZE)
    def _initialize(ls: TurtleServer, params: types.InitializeParams) -> None:
        ls.begin(params)

    @server.feature(types.INITIALIZED)
    async def _initialized(ls: TurtleServer, _params: types.InitializedParams) -> None:
        ls.spawn(asyncio.ensure_future(ls.load()))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def _opened(ls: TurtleServer, params: types.DidOpenTextDocumentParams) -> None:
        ls.changed(params.text_document.uri, pause=0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def _changed(ls: TurtleServer, params: types.DidChangeTextDocumentParams) -> None:
        ls.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def _saved(ls: TurtleServer, _params: types.DidSaveTextDocumentParams) -> None:
        ls.spawn(asyncio.ensure_future(ls.check_everything()))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def _closed(ls: TurtleServer, params: types.DidCloseTextDocumentParams) -> None:
        ls.closed(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def _watched(ls: TurtleServer, params: types.DidChangeWatchedFilesParams) -> None:
        ls.spawn(asyncio.ensure_future(ls.files_changed([change.uri for change in params.changes])))

    @server.feature(types.SHUTDOWN)
    def _shutdown(ls: TurtleServer, _params: None) -> None:
        ls.end()


def _questions(server: TurtleServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[":"]))
    def _complete(ls: TurtleServer, params: types.CompletionParams) -> types.CompletionList:
        return ls.complete(params.text_document.uri, params.position)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _hover(ls: TurtleServer, params: types.HoverParams) -> types.Hover | None:
        return ls.hover(params.text_document.uri, params.position)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def _define(ls: TurtleServer, params: types.DefinitionParams) -> list[types.Location]:
        return ls.define(params.text_document.uri, params.position)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def _outline(ls: TurtleServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        return ls.outline(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def _format(ls: TurtleServer, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        return ls.canonical(params.text_document.uri)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]),
    )
    def _fix(ls: TurtleServer, params: types.CodeActionParams) -> list[types.CodeAction]:
        return ls.fixes(params.text_document.uri, params.context.diagnostics)
