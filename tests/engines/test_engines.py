"""The choice between the engines: what goes where, and what happens when the fast one fails."""

from __future__ import annotations

import marshal
import os
import signal
import sys
import threading
import time
from pathlib import Path
from unittest.mock import Mock

import pyoxigraph as ox
import pytest

from abckg.errors import EngineFailed
from abckg.shacl.engines import ReferenceEngine, run_shapes
from abckg.shacl.fast import FastEngine
from abckg.shacl.files import run_files
from abckg.shacl.limits import divide, unsupported
from abckg.shacl.process import fork
from abckg.shacl.results import triples_of
from engines.w3c import bag

PREFIXES = """
@prefix : <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
SHAPES = """
:Hub a sh:NodeShape ; sh:targetClass :Hub ; sh:property :Hub-name .
:Hub-name a sh:PropertyShape ; sh:path :name ; sh:minCount 1 ; sh:message "Give a name."@en, "名称を記す。"@ja .
"""
QUERY = """
:Base a sh:NodeShape ; sh:targetClass :Hub ; sh:node [ sh:sparql [ sh:message "late" ; sh:select
  "SELECT $this WHERE { $this <http://example.org/year> ?year . FILTER (?year > 2020) }" ] ] .
"""
DATA = """
:a a :Hub ; :name "a" ; :year 2021 .
:b a :Hub .
[] a :Hub .
"""
KILLED = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")


def triples(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


@pytest.fixture(autouse=True)
def any_size_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abckg.shacl.engines.SMALL", 0)


def test_plain_shapes_go_to_the_fast_engine_and_give_the_same_with_messages() -> None:
    outcome = run_shapes(data := triples(DATA), shapes := triples(SHAPES))

    assert [engine.split()[0] for engine in outcome.engines] == ["shacl"]
    assert bag(outcome.results) == bag(ReferenceEngine().run(data, shapes))
    assert {tuple(sorted(r.messages)) for r in outcome.results} == {("en", "ja")}


def test_shapes_with_a_query_go_to_the_reference_and_the_others_do_not() -> None:
    outcome = run_shapes(data := triples(DATA), shapes := triples(SHAPES + QUERY))

    assert [engine.split()[0] for engine in outcome.engines] == ["shacl", "pyshacl"]
    assert {(limit.shape, limit.reason) for limit in outcome.limits} >= {("<http://example.org/Base>", "sh:sparql")}
    assert bag(outcome.results) == bag(ReferenceEngine().run(data, shapes))


def test_divided_shapes_differ_in_their_targets_alone() -> None:
    shapes = triples(SHAPES + QUERY)

    division = divide(shapes)

    assert set(division.fast) | set(division.reference) == set(shapes)
    assert {str(t.subject) for t in set(shapes) - set(division.fast)} == {"<http://example.org/Base>"}


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        ("sh:pattern '^(?!x)'", "sh:pattern beyond XPath"),
        ("sh:minCuont 1", "sh:minCuont"),
        ("sh:maxInclusive '2020'^^<http://www.w3.org/2001/XMLSchema#gYear>", "order of a datatype"),
    ],
)
def test_what_the_fast_engine_is_wrong_on_is_kept_from_it(constraint: str, reason: str) -> None:
    shapes = triples(f":S a sh:NodeShape ; sh:targetClass :Hub ; sh:or ( [ sh:class :X ] [ {constraint} ] ) .")

    assert [limit.reason for limit in unsupported(shapes)] == [reason]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (KILLED, "it ended with SIGSEGV"),
        ((sys.executable, "-c", "import sys; sys.exit('thread panicked')"), "thread panicked"),
        ((sys.executable, "-c", "print('[[')"), "it wrote what is no result"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "it took longer than 1 seconds"),
        ((sys.executable, "-c", 'print(\'[["x", null, null, "y", "c", "s", []]]\')'), "not N-Triples"),
    ],
    ids=["killed", "panic", "no JSON", "too slow", "no term"],
)
def test_reference_takes_over_when_the_fast_engine_fails(command: tuple[str, ...], said: str) -> None:
    outcome = run_shapes(triples(DATA), triples(SHAPES), fast=FastEngine(command, timeout=1))

    assert outcome.failure is not None
    assert said in str(outcome.failure)
    assert [engine.split()[0] for engine in outcome.engines] == ["pyshacl"]
    assert len(outcome.results) == 2


def test_small_data_does_not_start_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abckg.shacl.engines.SMALL", 1000)

    outcome = run_shapes(triples(DATA), triples(SHAPES), fast=FastEngine(KILLED))

    assert outcome.failure is None


def test_blank_nodes_of_data_and_shapes_keep_their_labels() -> None:
    data = triples("_:a1 a :Hub ; :part _:a2 . _:a2 :name 'x' .")
    shapes = triples("_:s1 a sh:NodeShape ; sh:targetClass :Hub ; sh:property _:s2 . _:s2 sh:path ( :part :name ) ;"
                     " sh:maxCount 0 . _:s1 sh:property [ sh:path :part ; sh:nodeKind sh:IRI ] .")  # fmt: skip

    assert bag(FastEngine().run(data, shapes)) == bag(ReferenceEngine().run(data, shapes))


def test_a_file_is_read_as_it_is_and_focus_nodes_are_chosen(tmp_path: Path) -> None:
    ox.serialize(triples(DATA), str(tmp_path / "data.nt"), format=ox.RdfFormat.N_TRIPLES)

    results = FastEngine().run(tmp_path / "data.nt", triples(SHAPES), focus=[ox.NamedNode("http://example.org/b")])

    assert [str(result.focus) for result in results] == ["<http://example.org/b>"]


def test_an_engine_that_is_not_installed_says_so() -> None:
    missing = FastEngine((sys.executable, "-c", "import no_such_engine"))

    with pytest.raises(EngineFailed, match="no_such_engine"):
        missing.run(triples(DATA), triples(SHAPES))


@pytest.mark.parametrize(
    "value",
    [
        ox.Literal('a"b\\c\td\ne\rf\x07\x7f'),
        ox.Literal("地域の𠮷野家 \u200b\ufeff"),
        ox.Literal("", language="ja-Hrkt"),
        ox.Literal("{x} %20 _:b <http://example.org/> ."),
        ox.Literal("x", datatype=ox.NamedNode("http://example.org/unknown")),
        ox.Literal("007", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
        ox.NamedNode("http://example.org/地域?q=%E5%9C%B0#x'(1)"),
        ox.NamedNode("urn:abckg:node:x"),
    ],
    ids=str,
)
def test_values_come_back_as_they_were(value: ox.NamedNode | ox.Literal) -> None:
    data = [
        *triples(DATA),
        ox.Triple(ox.NamedNode("http://example.org/a"), ox.NamedNode("http://example.org/p"), value),
    ]
    shapes = triples(
        ":S a sh:NodeShape ; sh:targetClass :Hub ; sh:property [ sh:path :p ; sh:nodeKind sh:BlankNode ] ."
    )

    (result,) = FastEngine().run(data, shapes)

    assert result.value == value
    assert bag([result]) == bag(ReferenceEngine().run(data, shapes))


def written(folder: Path, shapes: str) -> tuple[Path, Path]:
    files = folder / "data.nt", folder / "shapes.nt"
    for file, text in zip(files, (DATA, shapes), strict=True):
        ox.serialize(triples(text), str(file), format=ox.RdfFormat.N_TRIPLES)
    return files


@pytest.mark.parametrize("shapes", [SHAPES, SHAPES + QUERY], ids=["trusted", "not trusted"])
def test_files_give_what_their_triples_give(tmp_path: Path, shapes: str) -> None:
    files = written(tmp_path, shapes)

    outcome = run_files(*files)

    expected = run_shapes(list(triples_of(files[0])), list(triples_of(files[1])))
    assert outcome.engines == expected.engines
    assert [r for r in outcome.results if isinstance(r.focus, ox.NamedNode)] == [
        r for r in expected.results if isinstance(r.focus, ox.NamedNode)
    ]
    assert len(outcome.results) == len(expected.results) >= 2


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork even where an earlier test has left a thread."""
    monkeypatch.setattr("abckg.shacl.process._has_one_thread", lambda: True)


@pytest.mark.usefixtures("forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_engine_that_was_started_first_is_the_one_that_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, shapes = written(tmp_path, SHAPES)
    ox.serialize(triples(":b a :Hub ."), str(data), format=ox.RdfFormat.N_TRIPLES)
    begun = Mock(wraps=fork)
    monkeypatch.setattr("abckg.shacl.files.fork", begun)
    monkeypatch.setattr("abckg.shacl.fast.fork", Mock(side_effect=AssertionError("a second process")))

    outcome = run_files(data, shapes)

    assert begun.call_count == 1
    assert [str(result.focus) for result in outcome.results] == ["<http://example.org/b>"]


@pytest.mark.parametrize(
    ("crash", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "it ended with SIGKILL"),
        ("import os; os._exit(3)", "it ended with status 3"),
        ("raise BaseException('thread panicked')", "thread panicked"),
    ],
    ids=["killed", "left", "panic"],
)
@pytest.mark.usefixtures("forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_reference_takes_over_when_the_forked_engine_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash: str, said: str
) -> None:
    monkeypatch.setattr("abckg.shacl.child.rows", lambda *_: exec(crash))  # noqa: S102

    from_files, from_triples = run_files(*written(tmp_path, SHAPES)), run_shapes(triples(DATA), triples(SHAPES))

    for outcome in (from_files, from_triples):
        assert said in str(outcome.failure)
        assert [engine.name for engine in outcome.ran] == ["pyshacl"]
        assert len(outcome.results) == 2


@pytest.mark.usefixtures("forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_reference_takes_over_when_the_forked_engine_crashes_while_it_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = marshal.dumps([("<http://example.org/a>",) * 7] * 9)

    def cut(pipe: int, _: bytes) -> None:
        os.write(pipe, b"+" + whole[: len(whole) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("abckg.shacl.process._send", cut)

    outcome = run_shapes(triples(DATA), triples(SHAPES))

    assert "it ended with SIGKILL" in str(outcome.failure)
    assert len(outcome.results) == 2


@pytest.mark.usefixtures("forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_engine_leaves_no_process_behind(tmp_path: Path) -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    before = children.read_text()

    run_files(*written(tmp_path, SHAPES))
    run_shapes(triples(DATA), triples(SHAPES))

    assert children.read_text() == before


@pytest.mark.usefixtures("forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_engine_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abckg.shacl.child.rows", lambda *_: time.sleep(60))
    began = time.monotonic()

    outcome = run_shapes(triples(DATA), triples(SHAPES), fast=FastEngine(timeout=0.2))

    assert "longer than 0.2 seconds" in str(outcome.failure)
    assert time.monotonic() - began < 30


def test_process_with_another_thread_is_not_forked() -> None:
    wait = threading.Event()
    thread = threading.Thread(target=wait.wait)
    thread.start()

    try:
        assert fork(b"", b"") is None
        assert len(FastEngine().run(triples(DATA), triples(SHAPES))) == 2
    finally:
        wait.set()
        thread.join()


def test_engine_is_ended_when_a_file_is_malformed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, shapes = written(tmp_path, SHAPES)
    stop = Mock()
    monkeypatch.setattr("abckg.shacl.files.fork", lambda *_: Mock(stop=stop))
    shapes.write_text("<", encoding="utf-8")

    with pytest.raises(SyntaxError):
        run_files(data, shapes)

    assert stop.call_count == 1


def test_without_the_package_of_the_fast_engine_the_reference_works_and_only_large_data_hear_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "shacl", None)
    given = triples(DATA), triples(SHAPES)

    quiet = run_shapes(*given)
    asked = run_shapes(*given, engine="fast")
    monkeypatch.setattr("abckg.shacl.engines.LARGE", 3)
    large = run_shapes(*given)

    assert quiet.failure is None
    assert "no such package is installed" in str(asked.failure)
    assert "no such package is installed" in str(large.failure)
    assert bag(quiet.results) == bag(asked.results) == bag(large.results) != {}
    assert FastEngine().version == "shacl"
