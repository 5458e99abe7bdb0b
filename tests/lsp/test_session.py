"""A whole session of an editor with the language server: what is shown is what ``abckg validate`` says."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from lsprotocol import types

from abckg.cli import cli
from abckg.lsp.server import create_server
from editor import Editor, begin, finish
from small import GOAL, put

GOAL_FILE = "data/goal/tidy-region.ttl"
FAULTY = GOAL.replace('  skos:prefLabel "整った地域"@ja ;', "  abc:hasComponentGoal goal:nowhere ;")
MISSPELT = GOAL.replace("abc:Goal ;", "abc:Gaol ;")
BASE = "https://w3id.org/abc-kg/"


@pytest.fixture
def goal(editor: Editor) -> Iterator[str]:
    uri = editor.open(GOAL_FILE, GOAL)
    yield uri
    put(editor.root, GOAL_FILE, GOAL)
    editor.replace(uri, GOAL)
    editor.wait(uri, lambda shown: not shown)
    editor.close(uri)


def spot(text: str, part: str, *, end: bool = False) -> types.Position:
    before = text[: text.index(part) + (len(part) if end else 0)]
    line = before.rpartition("\n")[2]
    return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)


def rules(shown: list[types.Diagnostic]) -> set[object]:
    return {one.code for one in shown}


def shown_with(editor: Editor, uri: str, rule: str) -> types.Diagnostic:
    """Return the diagnostic of a rule as soon as there is one."""
    shown = editor.wait(uri, lambda found: rule in rules(found))
    return next(one for one in shown if one.code == rule)


def of_validate(editor: Editor) -> set[tuple[object, ...]]:
    run = CliRunner().invoke(cli, ["validate", "--root", str(editor.root), "--format", "json", "--lang", "ja"])
    found = json.loads(run.stdout)["findings"]
    return {(f["rule"], f["line"], f["message"]) for f in found if f["path"] == GOAL_FILE}


def test_an_open_file_shows_what_validate_finds_in_it(editor: Editor, goal: str) -> None:
    put(editor.root, GOAL_FILE, FAULTY)
    expected = of_validate(editor)
    editor.replace(goal, FAULTY)
    editor.save(goal)

    editor.wait(goal, lambda shown: {(d.code, d.range.start.line + 1, d.message) for d in shown} == expected)

    assert {"dangling-reference", "Record-prefLabel", "fact-without-evidence"} <= {rule for rule, *_ in expected}


def test_a_change_is_checked_without_saving(editor: Editor, goal: str) -> None:
    here = types.Range(spot(GOAL, "Goal ;"), spot(GOAL, "Goal ;", end=True))
    editor.change(goal, types.TextDocumentContentChangePartial(here, "Gaol ;"))

    shown = shown_with(editor, goal, "undeclared-term")

    assert (shown.range.start.line, shown.range.start.character, shown.range.end.character) == (6, 4, 12)
    assert (shown.source, shown.severity, "abc:Goal ではありませんか" in shown.message) == (
        "abckg",
        types.DiagnosticSeverity.Error,
        True,
    )


def test_a_finding_of_the_whole_run_is_as_long_as_validate_says(editor: Editor, goal: str) -> None:
    text = GOAL.replace("  a abc:Goal ;", "  a abc:Goal ;\n  a abc:Programme ;")
    put(editor.root, GOAL_FILE, text)
    editor.replace(goal, text)
    editor.save(goal)

    shown = shown_with(editor, goal, "disjoint-classes")

    assert shown.range == types.Range(spot(text, "abc:Goal"), spot(text, "abc:Goal", end=True))
    put(editor.root, GOAL_FILE, GOAL)
    editor.save(goal)


def test_a_syntax_error_is_all_that_is_shown_until_it_is_gone(editor: Editor, goal: str) -> None:
    editor.replace(goal, GOAL.replace("a abc:Goal ;", "a abc:Goal"))

    (shown,) = editor.wait(goal, lambda shown: rules(shown) == {"turtle-syntax"})

    assert shown.range.start.line == 7


@pytest.mark.parametrize(("newline", "mark"), [("\n", ""), ("\r\n", ""), ("\n", "\ufeff")], ids=["lf", "crlf", "bom"])
def test_columns_are_those_of_the_editor(editor: Editor, goal: str, newline: str, mark: str) -> None:
    line = '  skos:altLabel "𠮷野😀"@ja ; abc:hasComponentGoal goal:nowhere ;\n'
    text = mark + GOAL.replace("  dcterms:", line + "  dcterms:").replace("\n", newline)
    editor.replace(goal, text)

    place = types.Range(spot(text, "goal:nowhere"), spot(text, "goal:nowhere", end=True))
    editor.wait(goal, lambda found: [one.range for one in found if one.code == "dangling-reference"] == [place])


def completions(editor: Editor, uri: str, text: str, part: str) -> list[types.CompletionItem]:
    editor.replace(uri, text)
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), spot(text, part, end=True))
    found = editor.run(editor.text_document_completion_async(params))
    assert isinstance(found, types.CompletionList)
    return list(found.items)


def test_properties_of_the_class_come_first_with_what_to_fill_in(editor: Editor, goal: str) -> None:
    text = GOAL.replace("  dcterms:source", "  skos:pre\n  dcterms:source")

    first, *_ = completions(editor, goal, text, "\n  skos:pre\n"[:-1])

    assert isinstance(first.text_edit, types.TextEdit)
    assert (first.label, first.text_edit.new_text) == ("skos:prefLabel", 'skos:prefLabel "$1"@ja ;$0')
    assert first.insert_text_format == types.InsertTextFormat.Snippet


def test_classes_are_found_by_their_japanese_label(editor: Editor, goal: str) -> None:
    text = GOAL.replace("a abc:Goal ;", "a 目標 ;")

    labels = {item.label: item.detail for item in completions(editor, goal, text, "a 目標")}

    assert labels["abc:Goal"] is not None
    assert "目標" in labels["abc:Goal"]


def test_values_are_those_of_the_range_and_bring_their_prefix(editor: Editor, goal: str) -> None:
    text = GOAL.replace("  dcterms:source", "  abc:assertionStatus \n  dcterms:source")

    by_name = {item.label: item for item in completions(editor, goal, text, "abc:assertionStatus ")}

    assert {name.partition(":")[0] for name in by_name} == {"status"}
    item = by_name["status:curated-interpretation"]
    assert item.additional_text_edits
    assert item.additional_text_edits[0].new_text == f"\n@prefix status: <{BASE}id/status/> ."


def test_hover_says_what_a_term_means_in_the_language_of_the_editor(editor: Editor, goal: str) -> None:
    params = types.HoverParams(types.TextDocumentIdentifier(goal), spot(GOAL, "bc:Goal"))

    found = editor.run(editor.text_document_hover_async(params))

    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert found.contents.value.startswith("**目標")
    assert "`abc:Goal`" in found.contents.value
    assert "出典" in found.contents.value


@pytest.mark.parametrize(("part", "file"), [("abc:Goal", "ontology/"), ("goal:tidy-region\n", GOAL_FILE)])
def test_definition_leads_to_the_file_that_describes_a_name(editor: Editor, goal: str, part: str, file: str) -> None:
    params = types.DefinitionParams(types.TextDocumentIdentifier(goal), spot(GOAL, part))

    found = editor.run(editor.text_document_definition_async(params))

    assert isinstance(found, list)
    path = editor.root / found[0].uri.partition(editor.root.as_uri() + "/")[2]
    line = path.read_text(encoding="utf-8").split("\n")[found[0].range.start.line]
    assert path.relative_to(editor.root).as_posix().startswith(file)
    assert line == part.strip()


def test_outline_names_what_a_file_describes(editor: Editor, goal: str) -> None:
    params = types.DocumentSymbolParams(types.TextDocumentIdentifier(goal))

    found = editor.run(editor.text_document_document_symbol_async(params))

    assert found is not None
    assert [(one.name, one.range.start.line, one.range.end.line) for one in found] == [("goal:tidy-region", 5, 10)]  # type: ignore[union-attr]


def test_formatting_is_that_of_fmt(editor: Editor, goal: str) -> None:
    text = GOAL.replace("  a abc:Goal ;", "      a abc:Goal;").replace("\n", "\r\n")
    editor.replace(goal, text)
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    params = types.DocumentFormattingParams(types.TextDocumentIdentifier(goal), options)

    (edit,) = editor.run(editor.text_document_formatting_async(params)) or []

    assert edit.new_text == GOAL
    assert edit.range == types.Range(types.Position(0, 0), types.Position(text.count("\n"), 0))


def test_the_name_that_was_meant_and_the_canonical_form_are_offered(editor: Editor, goal: str) -> None:
    editor.replace(goal, MISSPELT.replace("  a ", "     a "))
    shown = editor.wait(goal, lambda found: {"undeclared-term", "canonical-format"} <= rules(found))
    context = types.CodeActionContext(shown)
    params = types.CodeActionParams(types.TextDocumentIdentifier(goal), shown[0].range, context)

    found = editor.run(editor.text_document_code_action_async(params)) or []

    edits = {
        one.title: one.edit.changes[goal]
        for one in found
        if isinstance(one, types.CodeAction) and one.edit and one.edit.changes
    }
    assert edits["abc:Goal"][0].new_text == "abc:Goal"
    assert edits["正規形に整える（abckg fmt）"][0].new_text == MISSPELT


def test_a_fault_in_a_file_that_changes_outside_the_editor_is_shown_there(editor: Editor) -> None:
    other = "data/programme/alpha.ttl"
    text = (editor.root / other).read_text(encoding="utf-8")
    event = types.FileEvent(editor.uri(other), types.FileChangeType.Changed)
    for content, is_faulty in ((text.replace("事業Alpha", "TODO"), True), (text, False)):
        put(editor.root, other, content)
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

        shown = editor.wait(editor.uri(other), lambda shown, wanted=is_faulty: bool(shown) is wanted)  # type: ignore[misc]

        assert rules(shown) == ({"placeholder-text"} if is_faulty else set())
    assert editor.registered == [types.WORKSPACE_DID_CHANGE_WATCHED_FILES]


def test_folder_without_a_dataset_is_told(tmp_path: Path) -> None:
    server = create_server()

    server.begin(types.InitializeParams(types.ClientCapabilities(), root_uri=tmp_path.as_uri()))

    assert (server.root, "no dataset here" in server.trouble) == (None, True)
    server.end()


def test_malformed_messages_do_not_end_the_server(editor: Editor) -> None:
    loop = asyncio.new_event_loop()
    other = begin(editor.root, loop)
    assert other._server is not None
    assert other._server.stdin is not None
    for body in (b"{not json", b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover", "params": 3}', b"[]"):
        other._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    uri = other.open(GOAL_FILE, GOAL.replace("a abc:Goal ;", "a abc:Goal"))

    assert rules(other.wait(uri, lambda shown: bool(shown))) == {"turtle-syntax"}
    assert finish(other) == 0
    loop.close()


def test_without_pygls_one_line_says_what_to_install() -> None:
    program = "import sys; sys.modules['pygls'] = None; from abckg.cli import main; sys.argv = ['abckg', 'lsp']; main()"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert (run.returncode, "pip install 'abckg[lsp]'" in run.stderr, run.stderr.count("\n")) == (2, True, 1)
