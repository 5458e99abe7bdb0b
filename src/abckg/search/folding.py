"""Brings texts into the one spelling under which they are searched, in Japanese and in Latin letters.

Width, case, accents, hiragana and katakana, and what stands between words make no difference: ``Ｂｉｏ－ＤＸ`` and
``bio dx`` are the same, and ``ｵｰﾌﾟﾝ・データ`` and ``おーぷんでーた``. A text folds piece by piece: what is a part of
a text is, folded, a part of the folded text.
Layer: imports nothing of the package. Specification: https://www.unicode.org/reports/tr15/ (NFKC)
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

__all__ = ["FOLDING", "JAPANESE", "Folded", "fold", "fold_with_places", "is_japanese"]

FOLDING = f"1/{unicodedata.unidata_version}"
"""What the folding depends on: an index that was made under another one is made again."""

JAPANESE = "々-〇〡-〩〻ぁ-ゖゝ-ゟァ-ヿㇰ-ㇿ㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff"
"""Kana and kanji, as a class of characters in a regular expression."""

_SPACE = re.compile(rf" +(?=[{JAPANESE}]|\Z)|(?:(?<=[{JAPANESE}])|\A) +| +(?= )")
_IS_JAPANESE = re.compile(f"[{JAPANESE}]")
_VOICING = "\u3099\u309a"
_CLUSTER = re.compile(r"(?s).[\u0300-\u036f\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef]*")
_TO_HIRAGANA = {code: chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}


@dataclass(frozen=True)
class Folded:
    """A folded text, and for each of its characters where it begins and ends in the text as it was."""

    text: str
    places: tuple[tuple[int, int], ...]

    def find(self, needle: str) -> list[tuple[int, int]]:
        """Return where the folded ``needle`` stands in the text as it was, the end exclusive."""
        found = (match.start() for match in re.finditer(f"(?={re.escape(needle)})", self.text)) if needle else ()
        return [(self.places[at][0], self.places[at + len(needle) - 1][1]) for at in found] if self.places else []


class _Table(dict[int, str]):
    """Each character with what it folds to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def fold(text: str) -> str:
    """Return ``text`` as it is searched: letters and digits, one space between words that are not Japanese."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text).translate(_table()))


def fold_with_places(text: str) -> Folded:
    """Return what ``fold`` returns with the places; none where they cannot be told."""
    characters: list[str] = []
    places: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        folded = _fold_cluster(cluster[0])
        characters.append(folded)
        places += [cluster.span()] * len(folded)
    raw = "".join(characters)
    for space in reversed(list(_SPACE.finditer(raw))):
        del places[space.start() : space.end()]
    folded = fold(text)
    return Folded(folded, tuple(places) if _SPACE.sub("", raw) == folded else ())


def is_japanese(character: str) -> bool:
    """Return whether a folded character is one of kana or kanji."""
    return _IS_JAPANESE.match(character) is not None


@cache
def _table() -> _Table:
    return _Table()


@lru_cache(maxsize=1 << 14)
def _fold_cluster(cluster: str) -> str:
    return unicodedata.normalize("NFKC", cluster).translate(_table())


def _fold_character(character: str) -> str:
    if unicodedata.category(character) == "Mn":
        return ""
    parts = unicodedata.normalize("NFKD", character)
    kept = "".join(part for part in parts if part in _VOICING or unicodedata.category(part) != "Mn")
    folded = unicodedata.normalize("NFC", kept).casefold().translate(_TO_HIRAGANA)
    return "".join(one if unicodedata.category(one)[0] in "LNM" else " " for one in folded)
