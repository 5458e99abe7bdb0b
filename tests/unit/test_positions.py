"""From a triple to the place where it is written, in any layout."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.locator import Locator
from abckg.namespaces import SH, Prefixes
from abckg.places.positions import Span, Spans, spelling
from abckg.reports.report import Place
from abckg.sources import SourceFile
from abckg.turtle import parse

HEAD = "@prefix e: <http://e/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
FILE = Path("data/goal/x.ttl")


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"http://e/{name}")


def spans(text: str) -> Spans:
    return Spans(text, parse(text, FILE))


def source(text: str, path: Path = FILE) -> SourceFile:
    return SourceFile(path, "data", HEAD + text, tuple(parse(HEAD + text, path)))


def marked(text: str) -> tuple[Locator, SourceFile, list[Place]]:
    """Return a locator over a text without its marks ‹ and ›, and the places that stood between them, in order."""
    places: list[Place] = []
    line, column, starts = 2, 1, list[tuple[int, int]]()
    for character in text:
        if character == "‹":
            starts.append((line, column))
        elif character == "›":
            places.append(Place(FILE, *starts.pop(), line, column))
        else:
            line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    file = source(text.replace("‹", "").replace("›", ""))
    return Locator([file]), file, places


VALUES = {
    "same-line": ("e:s e:p ‹1› ; e:q 2 .", "1"),
    "other-lines": ("e:s\ne:p\n  ‹1›\n.", "1"),
    "second-of-list": ("e:s e:p 1 , ‹2› , 3 .", "2"),
    "full-iris": ("<http://e/s> <http://e/p> ‹<http://e/o>› .", "e:o"),
    "other-prefix": ("PREFIX z: <http://e/>\nz:s z:p ‹z:o› .", "e:o"),
    "base": ("@base <http://e/> . <s> <p> ‹<o>› .", "e:o"),
    "crlf": ('e:s e:q 1 ;\r\n  e:p ‹"x"@ja› .\r\n', '"x"@ja'),
    "wide-characters": ('e:s e:q "𠮷野家" ; e:p ‹"x"› .', '"x"'),
    "long-string": ('e:s e:q """a\n. e:s e:p "x" .\n""" ; e:p ‹"""\n"x"\\n"""› .', '"\\n\\"x\\"\\n"'),
    "escapes": ('e:s e:p ‹"\\u65e5\\"#"@ja-JP› .', '"日\\"#"@ja-jp'),
    "datatype": ('e:s e:p ‹"01"^^<http://e/t>› .', '"01"^^e:t'),
    "comments": ("e:s # e:p 1 .\n e:p # 1\n ‹1› .", "1"),
    "numbers": ("e:s e:p 1.5,-.5e3,‹1.0› , 1 .", "1.0"),
    "local-escapes": ("e:s e:p e:a.b , ‹e:c\\,d› .", "<http://e/c,d>"),
    "repeated-semicolons": ("e:s e:q 1 ;; ; e:p ‹true› ; .", "true"),
}


@pytest.mark.parametrize("name", VALUES)
def test_value_is_found_where_it_is_written(name: str) -> None:
    text, value = VALUES[name]
    locator, _, places = marked(text)
    term = parse(f"{HEAD}e:s e:p {value} .", FILE)[0].object

    assert list(locator.places(iri("s"), iri("p"), term)) == places


def test_a_byte_order_mark_is_no_column() -> None:
    text = "\ufeff<http://e/s> <http://e/p> 1 ."

    assert spans(text).objects(parse(text, FILE)[0]) == [Span(1, 27, 1, 28)]


def test_missing_value_is_the_subject_whatever_else_the_property_has() -> None:
    locator, _, places = marked("e:t e:p 1 .\n‹e:s› a e:T ; e:p 2 .")

    found = locator.places(iri("s"), iri("p"), component=f"{SH}MinCountConstraintComponent")
    assert (list(found), list(locator.places(iri("s"), iri("none")))) == (places, places)


def test_without_a_value_the_last_is_at_fault_and_the_others_are_related() -> None:
    locator, _, places = marked("e:s e:p ‹1› , ‹2› ; e:q 3 ; e:p ‹4› .")

    assert list(locator.places(iri("s"), iri("p"))) == places[::-1]


def test_of_texts_in_one_language_twice_the_last_is_at_fault() -> None:
    locator, _, places = marked('e:s e:p ‹"a"@ja› , ‹"b"@JA› , "c"@en .')

    found = locator.places(iri("s"), iri("p"), component=f"{SH}UniqueLangConstraintComponent")
    assert list(found) == places[::-1]


def test_property_that_is_not_allowed_is_at_fault_itself() -> None:
    locator, _, places = marked("e:s\n ‹e:p›\n 1 .")

    one = parse("<x:x> <x:x> 1 .", FILE)[0].object
    closed = locator.places(iri("s"), iri("p"), one, component=f"{SH}ClosedConstraintComponent")
    assert (list(closed), list(locator.places(iri("s"), iri("p"), iri("p")))) == (places, places)


def test_value_in_brackets_and_the_brackets_themselves_are_found() -> None:
    locator, file, places = marked("e:s e:p ‹[ e:q ‹1› ;\n e:r [] ]› , [ e:q 2 ] .")
    inner = next(t for t in file.triples if t.predicate == iri("q"))

    assert list(locator.places(inner.subject, iri("q"), inner.object)) == places[:1]
    assert list(locator.places(inner.subject, iri("none"))) == places[1:]


def test_subject_written_as_brackets_is_found() -> None:
    locator, file, places = marked("‹[ e:q 1 ]› e:p 2 .")

    assert list(locator.places(file.triples[0].subject)) == places


def test_member_of_a_list_and_the_list_are_found() -> None:
    locator, file, places = marked('e:s e:p ‹( 1 "x"@en [ e:q ‹2› ] ( ‹e:o› ) )› .')
    values = {str(t.object): t for t in file.triples}
    member = next(t for t in file.triples if t.object == iri("o"))
    head = next(t.object for t in file.triples if t.predicate == iri("p"))

    assert locator.triple(values['"2"^^<http://www.w3.org/2001/XMLSchema#integer>']) == places[:1]
    assert locator.triple(member) == places[1:2]
    assert list(locator.places(iri("s"), iri("p"), head)) == places[2:]


PATHS = {
    "inverse": ("[ sh:inversePath e:p ]", "e:o e:p ‹e:s› .", "o"),
    "sequence": ("( e:p e:q )", "e:s e:p e:m , e:n . e:n e:q ‹e:o› . e:x e:q e:o .", "o"),
    "inverse-of-sequence": ("[ sh:inversePath ( e:q e:p ) ]", "e:o e:q ‹e:m› . e:m e:p e:s .", "o"),
    "alternative": ("[ sh:alternativePath ( e:p e:q ) ]", "e:s e:r e:o ; e:q ‹e:o› .", "o"),
    "one-or-more": ("[ sh:oneOrMorePath e:p ]", "e:s e:p e:m . e:m e:p ‹e:o› . e:o e:p e:s .", "o"),
    "zero-or-more": ("( e:p [ sh:zeroOrMorePath e:q ] )", "e:s e:p ‹e:o› .", "o"),
    "zero-or-one": ("( [ sh:zeroOrOnePath e:p ] e:q )", "e:s e:p e:m . e:m e:q ‹e:o› . e:n e:q e:o .", "o"),
    "members": (
        "( e:p [ sh:zeroOrMorePath e:rest ] e:first )",
        "e:s e:p e:m . e:m e:rest e:n . e:n e:first ‹e:o› .",
        "o",
    ),
}


@pytest.mark.parametrize("name", PATHS)
def test_value_at_the_end_of_a_path_is_found_where_the_way_ends(name: str) -> None:
    path, text, value = PATHS[name]
    _, file, places = marked(text)
    shapes = source(f"e:S sh:path {path} .", Path("shapes/x.ttl"))

    found = Locator([shapes, file]).places(iri("s"), None, iri(value), shape=iri("S"))

    assert list(found) == places


def test_same_triple_in_two_files_is_found_in_both_the_record_first() -> None:
    record = "https://w3id.org/abc-kg/id/goal/x"
    own, other = source(f"<{record}> e:p 1 ."), source(f"\n<{record}> e:p 1 .", Path("data/goal/a.ttl"))

    found = Locator([other, own]).places(ox.NamedNode(record), iri("p"), own.triples[0].object)
    assert [(place.path, place.line) for place in found] == [(FILE, 2), (other.path, 3)]


def test_node_that_is_no_subject_is_found_where_it_is_a_value() -> None:
    locator, _, places = marked("e:s e:p ‹e:o› .")

    assert list(locator.places(iri("o"))) == places
    assert locator.places(iri("nowhere")) == ()


def test_what_the_two_readers_do_not_agree_on_has_no_place() -> None:
    text = "<http://e/s> <http://e/p> 1 , <http://e/o> ."
    one, other = parse(text, FILE)

    assert Spans(text, (other, one)).objects(one) == []
    assert Spans(text, (one,)).objects(one) == []


def test_brackets_may_nest_as_deep_as_the_file_has_them() -> None:
    text = f"<http://e/s> <http://e/p> {'( ' * 5000}1{' )' * 5000} ."

    assert len(spans(text).written) == 10001


def test_terms_are_spelled_as_in_the_files() -> None:
    prefixes = Prefixes({"e": "http://e/"})

    assert spelling(iri("a"), prefixes) == "e:a"
    assert spelling(ox.Literal("x", language="ja"), prefixes) == '"x"@ja'
    assert spelling(ox.Literal("<x>"), prefixes) == '"<x>"'
    assert spelling(ox.Literal(2), prefixes) == "2"
    assert spelling(ox.Literal("x", datatype=iri("t")), prefixes) == '"x"^^e:t'
