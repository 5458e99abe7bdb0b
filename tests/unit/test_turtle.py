"""The canonical writer: one triple a line, and never a triple lost."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.errors import TurtleSyntaxError
from abckg.namespaces import Prefixes
from abckg.turtle import format_text, parse

HERE = Path("example.ttl")
PREFIXES = Prefixes({"ex": "http://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"})


def form(text: str) -> str:
    return format_text(text, HERE, PREFIXES)


def same_graph(one: str, other: str) -> bool:
    graphs = []
    for text in (one, other):
        dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in parse(text, HERE))
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
    ],
    ids=["list", "nested", "cycle", "shared-blank-node", "escapes", "leading-zero", "odd-iri"],
)
def test_formatting_keeps_every_triple_and_is_stable(text: str) -> None:
    once = form(text)

    assert same_graph(text, once)
    assert form(once) == once


def test_head_comments_are_kept_and_others_dropped() -> None:
    text = form("# first\n# second\n@prefix ex: <http://example.org/> .\n# third\nex:a ex:p ex:b .")

    assert text.startswith("# first\n# second\n@prefix")
    assert "third" not in text


def test_only_the_prefixes_that_are_used_are_declared() -> None:
    assert "xsd" not in form("<http://example.org/a> <http://example.org/p> 1 .")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("@prefix ex: <http://example.org/> .\nex:a ex:p ;;\n ex:q .", 2, 11), ("\nex:a ex:p 1 .", 2, 1)],
    ids=["no-object", "unknown-prefix"],
)
def test_malformed_turtle_names_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(TurtleSyntaxError) as caught:
        form(text)

    assert (caught.value.line, caught.value.column) == (line, column)


def test_unknown_prefix_says_where_prefixes_are_declared() -> None:
    with pytest.raises(TurtleSyntaxError, match=r"ontology/prefixes\.ttl"):
        form("nope:a nope:b nope:c .")
