"""The canonical writer: one triple a line, and never a triple lost."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest

from abckg.errors import TurtleSyntaxError
from abckg.namespaces import Prefixes
from abckg.places.spans import comments
from abckg.turtle import format_text, parse, serialize
from abckg.turtlecomments import read_comments
from positions.layout import Layout
from positions.seeds import read_record

HERE = Path("example.ttl")
ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ABCKG_SHARED") or ROOT.parent / "shared")
W3C = sorted((SHARED / "conformance").rglob("*.ttl"))
OURS = [
    path for top in ("ontology", "shapes", "tests/shapes", "data/hub") for path in sorted((ROOT / top).rglob("*.ttl"))
]
PREFIXES = Prefixes({"ex": "http://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"})


def form(text: str) -> str:
    return format_text(text, HERE, PREFIXES)


def same_graph(one: str, other: str) -> bool:
    graphs = []
    for text in (one, other):
        triples = parse(text, HERE, base="http://example.org/base/")
        dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        graphs.append(dataset)
    return graphs[0] == graphs[1]


def test_each_object_stands_on_a_line_of_its_own_with_the_predicate_repeated() -> None:
    assert form('<http://example.org/a> <http://example.org/p> "b", "a" .') == (
        '@prefix ex: <http://example.org/> .\n\nex:a\n  ex:p "a" ;\n  ex:p "b" ;\n.\n'
    )


def test_adding_a_fact_adds_one_line() -> None:
    before = form("@prefix ex: <http://example.org/> . ex:a ex:p ex:b , ex:d .").splitlines()
    after = form("@prefix ex: <http://example.org/> . ex:a ex:p ex:b , ex:c , ex:d .").splitlines()

    assert len(after) == len(before) + 1
    assert [line for line in after if line not in before] == ["  ex:p ex:c ;"]


def test_a_record_comes_before_its_parts() -> None:
    text = form(
        "<http://example.org/r/part> a <http://example.org/P> . <http://example.org/r> a <http://example.org/R> ."
    )

    assert text.index("\nex:r\n") < text.index("<http://example.org/r/part>\n")


@pytest.mark.parametrize(
    "text",
    [
        '@prefix ex: <http://example.org/> . ex:a ex:p ( 1 2.5 true "x"@ja ) .',
        "@prefix ex: <http://example.org/> . ex:a ex:p [ ex:q [ ex:r () ] ; ex:s ex:t ] .",
        "@prefix ex: <http://example.org/> . _:x ex:p _:y . _:y ex:p _:x .",
        "@prefix ex: <http://example.org/> . ex:a ex:p _:x . ex:b ex:p _:x . _:x ex:q 1 .",
        '@prefix ex: <http://example.org/> . [] ex:p "tab\\t quote\\" back\\\\ line\\n" .',
        '@prefix ex: <http://example.org/> . ex:a ex:p "01"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        "@prefix ex: <http://example.org/> . ex:a ex:p <http://example.org/%E7%9F%A5?q=a#b> .",
        "@prefix ex: <http://example.org/> . _:x ex:p [ ex:q [ ex:r _:x ] ] . ex:a ex:p _:x .",
        "@prefix ex: <http://example.org/> . ( 1 ( 2 ) ) ex:p ex:a .",
        '@prefix ex: <http://example.org/> . ex:a ex:p "x"@ar--rtl .',
        "@prefix ex: <http://example.org/> . ex:a ex:p <<( _:x ex:q <<( ex:b ex:q _:x )>> )>> . _:x ex:r 1 .",
        "@prefix ex: <http://example.org/> . ex:a ex:p ex:b {| ex:q [ ex:r 1 ] |} .",
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . [] rdf:first 1 , 2 ; rdf:rest [ rdf:first 3 ] .",
    ],
    ids=[
        *("list", "nested", "cycle", "shared-blank-node", "escapes", "leading-zero", "odd-iri"),
        *("brackets-in-a-cycle", "list-as-subject", "direction", "triple-term", "reifier", "no-list"),
    ],
)
def test_formatting_keeps_every_triple_and_is_stable(text: str) -> None:
    once = form(text)

    assert same_graph(text, once)
    assert form(once) == once


COMMENTS = """\
# first
# second

# of the prefixes
@prefix ex: <http://example.org/> . # and of this one
# of b
ex:b # of its values
  ex:p 2 , # of two
    1 ;
  # of the brackets
  ex:q [ # of what is inside
    ex:r "# none" , <http://example.org/#none> ; # of none
    # at the end of the brackets
  ] # behind the brackets
  # at the end of b
. # behind b
ex:a ex:p ( # of the list
  1 # of a member
  [ ex:q 3 ] ) . # last of a
# foot
"""


def test_each_comment_goes_with_what_it_is_about() -> None:
    once = form(COMMENTS)

    assert sorted(words(once)) == sorted(words(COMMENTS))
    assert form(once) == once
    assert once.endswith("# foot\n")
    for line, following in (
        ("# of b", "ex:b"),
        ("  # of two", "  ex:p 2 ;"),
        ("    # of what is inside", '    ex:r "# none" ;'),
    ):
        assert f"\n{line}\n{following}\n" in once


def words(text: str) -> list[str]:
    return [text[c.start : c.end].strip() for c in comments(text)]


def test_only_the_prefixes_that_are_used_are_declared() -> None:
    assert "xsd" not in form("<http://example.org/a> <http://example.org/p> 1 .")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("@prefix ex: <http://example.org/> .\nex:a ex:p ;;\n ex:q .", 2, 11), ("\nnope:a nope:p 1 .", 2, 1)],
    ids=["no-object", "unknown-prefix"],
)
def test_malformed_turtle_names_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(TurtleSyntaxError) as caught:
        form(text)

    assert (caught.value.line, caught.value.column) == (line, column)


def test_unknown_prefix_says_where_prefixes_are_declared() -> None:
    with pytest.raises(TurtleSyntaxError, match=r"ontology/prefixes\.ttl"):
        form("nope:a nope:b nope:c .")


def test_prefix_of_the_list_is_declared_where_it_is_missing() -> None:
    text = "# Licence\n@prefix ex: <http://example.org/> .\nex:a ex:p xsd:x .\n"

    formatted = form(text)

    assert formatted.startswith("# Licence\n@prefix ex: <http://example.org/> .\n@prefix xsd:")
    assert formatted == form(formatted) == form(text.replace("@prefix ex: <http://example.org/> .\n", ""))


def test_fault_behind_a_missing_prefix_is_not_told_at_another_line() -> None:
    with pytest.raises(TurtleSyntaxError, match="ex: is not declared") as caught:
        form("\nex:a ex:b ex:c\nex:d")

    assert (caught.value.line, caught.value.column) == (2, 1)


@pytest.mark.parametrize("paths", [W3C, OURS], ids=["w3c", "ours"])
def test_formatting_keeps_every_triple_and_every_comment_of_every_file_at_hand(paths: list[Path]) -> None:
    if not paths:
        pytest.skip("needs ../shared or ABCKG_SHARED")
    for path in paths:
        text = path.read_bytes().decode("utf-8").removeprefix("\ufeff").replace("<>", "<x:this>")
        triples = parse(text, path, base="http://example.org/base/")
        once = serialize(triples, PREFIXES, comments=read_comments(text, triples))
        assert same_graph(text, once), path
        assert sorted(words(once)) == sorted(words(text)), path
        assert form(once) == once, path


@pytest.mark.parametrize("seed", range(40))
def test_formatting_keeps_every_triple_and_every_comment_of_a_random_layout(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same layouts each time
    triples = parse((ROOT / "data/award/kobe-future-medicine.ttl").read_text(encoding="utf-8"), HERE)
    text, _ = Layout(random).write(read_record(tuple(triples)))
    once = form(text)

    assert same_graph(text, once)
    assert sorted(words(once)) == sorted(words(text.removeprefix("\ufeff")))
    assert form(once) == once


@pytest.mark.parametrize(
    "text",
    ["<x:a> <x:p> (" + " 1" * 10_000 + " ) .", "<x:a> <x:p> " + "[ <x:p> " * 3000 + "1" + "]" * 3000 + " ."],
    ids=["long-list", "deep-brackets"],
)
def test_long_lists_and_deep_brackets_are_formatted_too(text: str) -> None:
    once = form(text)

    assert len(parse(once, HERE)) == len(parse(text, HERE))
    assert form(once) == once
