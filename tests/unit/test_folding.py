"""Texts in the one spelling under which they are searched."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abckg.search.folding import fold, fold_with_places

LETTERS = "ab A1　 -・（）。ＡＢｱｶﾞｰアガーあが々漢字國①㈱éōÄßİ&"
TEXTS = st.text(alphabet=LETTERS, max_size=20) | st.text(max_size=20)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ｂｉｏ－ＤＸ", "bio dx"),
        ("ｵｰﾌﾟﾝ・ｲﾉﾍﾞｰｼｮﾝ", "おーぷんいのべーしょん"),
        ("ヴァイオ", "ゔぁいお"),
        ("１９９５年", "1995年"),
        ("Kōchi", "KOCHI"),
        ("㈱ＰＨＣ", "(株)phc"),
        ("拠点（COINS）の", "拠点 coins の"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_of_one_text_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("国", "國"), ("ab c", "abc"), ("ハ", "パ")])
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=LETTERS, max_size=20), st.data())
def test_part_of_a_text_is_part_of_the_folded_text(text: str, data: st.DataObject) -> None:
    composed = unicodedata.normalize("NFC", text)
    begin = data.draw(st.integers(0, len(composed)))
    part = composed[begin : data.draw(st.integers(begin, len(composed)))]

    # A half-width voicing mark belongs to the letter before it.
    if not part.startswith(("ﾞ", "ﾟ")) and composed[begin + len(part) :][:1] not in ("ﾞ", "ﾟ"):
        assert fold(part) in fold(composed)


@given(TEXTS)
def test_places_are_those_of_the_folded_characters(text: str) -> None:
    folded = fold_with_places(text)

    assert folded.text == fold(text)
    assert len(folded.places) in (0, len(folded.text))
    for character, (begin, end) in zip(folded.text, folded.places, strict=False):
        assert character == " " or character in fold(text[begin:end])


def test_found_place_is_that_of_the_text_as_it_was() -> None:
    text = "第２期 ｵｰﾌﾟﾝ・イノベーション拠点"

    ((begin, end),) = fold_with_places(text).find(fold("オープンイノベ"))

    assert text[begin:end] == "ｵｰﾌﾟﾝ・イノベ"
