"""The extents of triples against Oxigraph's triples: on every Turtle file at hand, the text of each is the term."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.places.positions import Spans
from abckg.places.spans import Extent, comments, rows
from abckg.turtle import parse

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ABCKG_SHARED") or ROOT.parent / "shared")
W3C = sorted((SHARED / "conformance").rglob("*.ttl"))
OURS = [
    *(path for top in ("ontology", "shapes", "tests/shapes") for path in sorted((ROOT / top).rglob("*.ttl"))),
    *sorted((ROOT / "data").rglob("*.ttl"))[::8],
]
BASE = "http://example.org/base"
PREFIX = re.compile(r"^[ \t]*@?prefix[^<]*<[^>]*>[ \t]*\.?", re.IGNORECASE | re.MULTILINE)
HEAD = "@prefix e: <http://e/> .\n"
STAR = [
    "e:s e:p <<e:a e:p e:o ~ e:r>> .",
    'e:s e:p <<e:a e:p "o">> , <<e:a e:p "o" ~>> .',
    "<<e:a e:p e:o>> e:q 1 . <<e:a e:p e:o>> .",
    'e:s e:p <<(e:a e:p "o")>> , <<( e:a e:p <<( e:b e:p 1 )>> )>> .',
    'e:s e:p "x" {| e:q "y" ; e:r [ e:x 2 ] |} , e:o2 .',
    'e:s e:p "x" ~ e:r {| e:q "y" |} ~ {| e:q 2 |} ~ ; e:q 3 .',
    '[ e:p "x" ~ ] e:p ( "x" <<e:s e:p "o">> ) {| e:z 1 |} .',
    '<< <<e:a e:p e:o>> e:p <<e:a e:p "o" ~ _:x>> >> e:q 1 .',
    'VERSION "1.2" e:s e:p "x"@en--ltr .',
]
LAYOUT = [
    'e:a e:p [ e:q "1" ; e:r ( 2 [ e:x "3" ] () ) ] , ( 4 ) , [] .',
    '("a" "b"@en "c"^^e:t 1.5 e:d true) e:p ( ( ( "a" ) ) ) .',
    "() e:p 1 ;;; e:q 2 ; . [] e:p e:a.b , e:%20\\,..f . _:a.b e:p _:c-d .",
    "PREFIX : <http://x/>\n:a :b : . BASE <http://y/> <a> a <b#c> . @base <http://z/> . <a> :b '''x'y''\\''''@ja .",
]


def texts(triple: ox.Triple, extent: Extent, text: str) -> str:
    return text[extent.start : extent.end] if not isinstance(triple.object, ox.BlankNode) else "<x:blank>"


def reread(text: str, triples: list[ox.Triple]) -> list[ox.Triple]:
    """Return the triples of a document made of just the extents of verbs and objects, in order."""
    directives = "\n".join(PREFIX.findall(text))
    found = zip(triples, rows(text), strict=True)
    lines = [
        f"<x:s> {'<x:p>' if r.subject is r.verb else text[r.verb.start : r.verb.end]} {texts(t, r.object, text)} ."
        for t, r in found
        if r.kind not in ("rest", "reifies")
    ]
    return parse("\n".join([directives, *lines]), Path("x.ttl"), base=BASE)


@pytest.mark.parametrize("paths", [W3C, OURS], ids=["w3c", "ours"])
def test_text_of_every_extent_is_the_term_of_its_triple(paths: list[Path]) -> None:
    if not paths:
        pytest.skip("needs ../shared or ABCKG_SHARED")
    for path in paths:
        text = path.read_bytes().decode("utf-8").removeprefix("\ufeff")
        triples = parse(text, path, base=BASE)
        assert len(Spans(text, triples).written) == len(triples), path
        kept = [t for t, r in zip(triples, rows(text), strict=True) if r.kind not in ("rest", "reifies")]
        for triple, again in zip(kept, reread(text, triples), strict=True):
            if not isinstance(triple.object, ox.BlankNode):
                assert triple.object == again.object, path
            if again.predicate.value != "x:p":
                assert triple.predicate == again.predicate, path
    assert len(paths) >= 120


@pytest.mark.parametrize("text", STAR + LAYOUT)
def test_extents_fit_the_triples_in_any_syntax_that_the_parser_takes(text: str) -> None:
    triples = parse(HEAD + text, Path("x.ttl"))

    assert len(Spans(HEAD + text, triples).written) == len(triples)


def test_comments_are_told_from_what_looks_like_them() -> None:
    text = '<http://x/#a> e:p \'# no\' , """\n# no""" ; # yes\r\n e:p e:\\#no . # end'

    assert [text[c.start : c.end] for c in comments(text)] == ["# yes", "# end"]
