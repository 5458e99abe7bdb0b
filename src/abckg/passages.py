"""Finds words in the text of a document and says where they stand, as a passage to paste into a record.

Layer: imports ``errors``, ``namespaces``, ``sources``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

import pyoxigraph as ox

from abckg import turtle
from abckg.errors import UsageError
from abckg.namespaces import ABC, ID, RDF
from abckg.sources import Sources, read_text

__all__ = ["find_words", "passage"]

_AROUND = 15
_SHOWN = 5
_SAID = {
    "en": {
        "none": "“{}” does not stand in the document; copy the words as they are printed",
        "several": "“{}” stands {} times in the document; give more of the words around one of them:",
        "record": "{}: a record is <type>/<slug>, such as hub/coins",
        "document": "{}: no document of that name has a text; there are {}",
    },
    "ja": {
        "none": "「{}」は文書にありません。印刷されたとおりの語句を指定してください",
        "several": "「{}」は文書に{}か所あります。前後を含めて、次のいずれか一つに決まる語句を指定してください：",
        "record": "{}：記録は hub/coins のように <種類>/<名前> の形で指定してください",
        "document": "{}：そのような文書はありません。次のいずれかです：{}",
    },
}
_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


def find_words(text: str, words: str, language: str = "en") -> tuple[int, int]:
    """Return where words stand in a text, white space aside, as offsets in code points.

    Where they do not stand so, full-width and half-width signs are taken for the same.

    Raises:
        UsageError: the words are not there, or stand there more than once.
    """
    pattern = r"\s*".join(re.escape(char) for char in re.sub(r"\s+", "", words))
    found = [match.span() for match in re.finditer(pattern, text)] if pattern else []
    found = found or _alike(text, words)
    if not found:
        raise UsageError(_SAID[language]["none"].format(words))
    if len(found) > 1:
        around = (text[max(0, start - _AROUND) : end + _AROUND] for start, end in found[:_SHOWN])
        lines = "".join(
            f"\n  {start + 1}: {''.join(piece.split())}" for (start, _), piece in zip(found, around, strict=False)
        )
        more = "\n  …" if len(found) > _SHOWN else ""
        raise UsageError(_SAID[language]["several"].format(words, len(found)) + lines + more)
    return found[0]


def _alike(text: str, words: str) -> list[tuple[int, int]]:
    """Return where words stand, whether signs are written full-width or half-width (NFKC)."""
    folded = [(part, at) for at, sign in enumerate(text) for part in _narrow(sign)]
    wanted = re.escape(_narrow(words))
    spans = [match.span() for match in re.finditer(wanted, "".join(part for part, _ in folded))] if wanted else []
    return [(folded[start][1], folded[end - 1][1] + 1) for start, end in spans]


def _narrow(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def passage(sources: Sources, folder: Path, *, record: str, document: str, words: str, language: str = "en") -> str:
    """Return the Turtle of a passage of a record.

    Args:
        sources: the dataset, which names the file of each document.
        folder: where the texts of the documents stand.
        record: the record, as in ``hub/coins``.
        document: the document, as in ``s1``.
        words: the words that state the fact, as printed.
        language: ``en`` or ``ja``, the language of messages.
    """
    record, document = record.replace(":", "/"), document.removeprefix("document:")
    if not re.fullmatch(r"[a-z-]+/[a-z0-9-]+", record):
        raise UsageError(_SAID[language]["record"].format(record))
    owner = f"{ID}document/{document}"
    names = sources.values.get(owner, {}).get(f"{ABC}sourceFileName", [])
    if not names:
        raise UsageError(_SAID[language]["document"].format(document, ", ".join(_documents(sources))))
    text = read_text(folder / names[0])
    start, end = find_words(text, words, language)
    node = ox.NamedNode(f"{ID}{record}/{document}-{start}-{end}")
    values: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        ("passageOf", ox.NamedNode(owner)),
        ("startOffset", ox.Literal(str(start), datatype=ox.NamedNode(_INTEGER))),
        ("endOffset", ox.Literal(str(end), datatype=ox.NamedNode(_INTEGER))),
        ("sha256", ox.Literal(hashlib.sha256(text[start:end].encode("utf-8")).hexdigest())),
        ("sectionPath", ox.Literal(_section(sources, owner, start))),
    ]
    kind = ox.Triple(node, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{ABC}Passage"))
    return turtle.serialize([kind, *(ox.Triple(node, ox.NamedNode(ABC + p), v) for p, v in values)], sources.prefixes)


def _documents(sources: Sources) -> list[str]:
    """Return the names of the documents that have a text, as ``--document`` wants them."""
    stem, named = f"{ID}document/", f"{ABC}sourceFileName"
    return sorted(iri.removeprefix(stem) for iri, values in sources.values.items() if values.get(named))


def _section(sources: Sources, document: str, start: int) -> str:
    """Return the section path of the nearest passage of the document that begins before, or an empty string."""
    before = [
        (int(values[f"{ABC}startOffset"][0]), "".join(values.get(f"{ABC}sectionPath", [])))
        for values in sources.values.values()
        if document in values.get(f"{ABC}passageOf", []) and values.get(f"{ABC}startOffset")
    ]
    return max((place for place in before if place[0] <= start), default=(0, ""))[1]
