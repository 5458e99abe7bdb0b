"""Cuts folded texts into the pieces under which they are indexed, and writes the expressions that find them.

Names are to be found by any part of them. A piece begins at every character: two characters long where it begins with
kana or kanji, three otherwise, and each name stands between a mark of its beginning and one of its end. So any part of
a name is a sequence of pieces, the last of which may be cut short; "is this name", "begins with" and "contains" are the
same kind of question. Descriptions are longer: there Latin words are pieces as a whole, found by their
beginnings. Codes are found by their beginning, classes as a whole. Marks keep the pieces of the four apart: none has to
be looked through for another. Pieces are made here and not by SQLite, whose own trigrams find no part of two characters
(3.40) and whose Unicode is older.
Layer: imports ``errors`` and ``folding``. Specification: https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from abckg.errors import UsageError
from abckg.search.folding import JAPANESE, fold, is_japanese

__all__ = [
    "MAX_LENGTH",
    "TOKENIZER",
    "Wanted",
    "piece_of_class",
    "piece_of_code",
    "pieces_of_description",
    "pieces_of_name",
    "wanted",
]

MAX_LENGTH = 200
TOKENIZER = "ascii"  # takes every character outside ASCII for a letter: pieces stay whole

_MAX_TERMS = 16
_SPACE, _BEGIN, _END = "\ue000", "\ue001", "\ue002"
_OF_CODE, _OF_DESCRIPTION, _OF_CLASS = "\ue003", "\ue004", "\ue005"
_PIECE = re.compile(f"(?=([{JAPANESE}].?|[^{JAPANESE}].?.?))")
_WORD_PIECE = re.compile(f"(?=([{JAPANESE}]{{1,2}}))[{JAPANESE}]|[^ {JAPANESE}]+")
_NAMES, _FIRST_NAMES = "{name alias}", "{name}"
_QUOTED = re.compile('["“”＂]([^"“”＂]*)["“”＂]')
_WORD = re.compile('[^\\s"“”＂]+')


@dataclass(frozen=True)
class Wanted:
    """What somebody searches for, folded.

    Attributes:
        whole: The text as one.
        parts: What must all be there: words, cut where Latin and Japanese letters meet, and phrases.
    """

    whole: str
    parts: tuple[str, ...]

    def is_name(self) -> str:
        """Return the expression for names that are the whole."""
        return _in_names(f"{_BEGIN}{self.whole}{_END}")

    def begins_name(self) -> str:
        """Return the expression for names that begin with the whole."""
        return _in_names(f"{_BEGIN}{self.whole}")

    def begins_word(self) -> str:
        """Return the expression for names with a Latin word, not the first one, that begins with the whole."""
        return _in_names(f" {self.whole}")

    def in_first_name(self) -> str:
        """Return the expression for names, other names left out, that contain the whole."""
        return f"{_FIRST_NAMES} : {_in_names(self.whole)}"

    def in_name(self) -> str:
        """Return the expression for names that contain the whole."""
        return f"{_NAMES} : {_in_names(self.whole)}"

    def is_code(self) -> str:
        """Return the expression for codes that are the whole."""
        return _phrase([piece_of_code(self.whole)])

    def begins_code(self) -> str:
        """Return the expression for codes that begin with the whole."""
        return _phrase([piece_of_code(self.whole)], is_begun=True)

    def parts_in_names(self) -> str:
        """Return the expression for things whose names together contain all parts."""
        return " AND ".join(f"{_NAMES} : {_in_names(part)}" for part in self.parts)

    def parts_anywhere(self) -> str:
        """Return the expression for things whose names, codes and descriptions together contain all parts."""
        return " AND ".join(
            f"({_in_names(part)} OR {_phrase([piece_of_code(part)], is_begun=True)} OR {_in_descriptions(part)})"
            for part in self.parts
        )


def wanted(text: str) -> Wanted:
    """Read what somebody typed: words that must all be there, in any order, and phrases in quotation marks.

    Raises:
        UsageError: The text is too long, or holds no letter and no digit.
    """
    if len(text) > MAX_LENGTH:
        raise UsageError(f"The text to search for is longer than {MAX_LENGTH} characters.")
    phrases = [fold(match[1]) for match in _QUOTED.finditer(text)]
    words = [fold(match[0]) for match in _WORD.finditer(_QUOTED.sub(" ", text))]
    parts = [*filter(None, phrases), *(part for word in words if word for part in _scripts(word))]
    if not parts:
        raise UsageError("There is nothing to search for: give at least one letter or digit.")
    if len(parts) > _MAX_TERMS:
        raise UsageError(f"There are more than {_MAX_TERMS} words to search for.")
    return Wanted(fold(text), tuple(dict.fromkeys(parts)))


def pieces_of_name(folded: str) -> str:
    """Return the pieces of a folded name in a row, by spaces, as they are given to the index."""
    return " ".join(_cut(f"{_BEGIN}{folded}{_END}"))


def pieces_of_description(folded: str) -> str:
    """Return the pieces of a folded description in a row."""
    return " ".join(_words(folded))


def piece_of_code(folded: str) -> str:
    """Return the piece of a folded code."""
    return f"{_OF_CODE}{folded.replace(' ', _SPACE)}"


def piece_of_class(number: int) -> str:
    """Return the piece that stands for a class."""
    return f"{_OF_CLASS}{number}"


def _in_names(folded: str) -> str:
    """Return the expression for names that contain ``folded``, which may begin or end with a mark."""
    if folded.endswith(_END):
        return _phrase(_cut(folded))
    text = folded.replace(" ", _SPACE)
    found = [text[at : at + width] for at, width in enumerate(map(_width, text)) if at + width <= len(text)]
    # The pieces after these would be too short: either these hold them already, or the first is the beginning of one.
    covered = len(found) - 1 + len(found[-1]) if found else 0
    return _phrase(found) if covered == len(text) else _phrase([*found, text[len(found) :]], is_begun=True)


def _in_descriptions(folded: str) -> str:
    found = _words(folded)
    if is_japanese(folded[-1]) and len(folded) > 1 and is_japanese(folded[-2]):
        return _phrase(found[:-1])
    return _phrase([*found[:-1], found[-1].removesuffix(_OF_DESCRIPTION)], is_begun=True)


def _phrase(pieces: list[str], *, is_begun: bool = False) -> str:
    """Return the expression for ``pieces`` in a row; the last one is only the beginning of a piece where so said."""
    return f'"{" ".join(pieces)}"{" *" if is_begun else ""}'


def _cut(marked: str) -> list[str]:
    found: list[str] = _PIECE.findall(marked.replace(" ", _SPACE))
    return found[:-1]


def _words(folded: str) -> list[str]:
    return [f"{match[1] or match[0]}{_OF_DESCRIPTION}" for match in _WORD_PIECE.finditer(folded)]


def _width(character: str) -> int:
    return 2 if is_japanese(character) else 3


def _scripts(word: str) -> list[str]:
    """Cut a word such as COINS拠点 where the script changes, unless a part would be a single character."""
    cuts = [at for at, (one, other) in enumerate(pairwise(word), 1) if is_japanese(one) != is_japanese(other)]
    parts = [word[begin:end].strip() for begin, end in pairwise([0, *cuts, len(word)])]
    return parts if min(map(len, parts)) > 1 else [word]
