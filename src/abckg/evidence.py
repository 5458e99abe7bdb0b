"""Holds every passage against the text of its document: the file, the span, the names and the figures.

The graph keeps no sentence of a document, only where it stands. Whoever has the texts can check that the
document is the one that was read, that the span is unchanged, and that the names and figures which a fact
carries are printed in the span or close to it. Layer: imports ``report`` and ``sources``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import MissingSource
from abckg.locator import Locator
from abckg.namespaces import ABC, ID, RDF, RDFS, RULES, SKOS
from abckg.reports.report import Finding, Place, Report
from abckg.sources import Sources

__all__ = ["CONTEXT", "COPIED", "LONGEST_PASSAGE", "MESSAGES", "verify"]

CONTEXT = 200
"""How many characters around a passage may hold the names and figures of its fact."""
LONGEST_PASSAGE = 400
"""The most characters that a passage may span."""
COPIED = 40
"""How many characters in a row of a document make a prose text a copy; names and titles are shorter or labels."""

MESSAGES = {
    "document-file": {
        "en": "{path} is not there; put the text of the document there",
        "ja": "{path} がありません。文書のテキストを置いてください",
    },
    "document-text": {
        "en": "{path} is not the text that was read: its SHA-256 is not abc:sha256",
        "ja": "{path} は元にしたテキストと異なります（SHA-256が abc:sha256 と一致しません）",
    },
    "passage-document": {
        "en": "the document {document} has no text to check",
        "ja": "文書 {document} のテキストがありません",
    },
    "passage-span": {
        "en": "{start} to {end} is not a span of a document of {length} characters; "
        "abckg evidence --locate prints the right one",
        "ja": "{start}～{end} は{length}字の文書の範囲ではありません。"
        "正しい範囲は abckg evidence --locate で得られます",
    },
    "passage-hash": {
        "en": "the SHA-256 is not that of the span; correct the offsets or the hash, which "
        "abckg evidence --locate prints",
        "ja": "ハッシュ値が範囲の文字列と一致しません。位置かハッシュ値を直してください"
        "（どちらも abckg evidence --locate で得られます）",
    },
    "passage-length": {
        "en": "{length} characters are too wide a passage; narrow it to {limit}",
        "ja": "引用箇所が{length}字あります。{limit}字以内に狭めてください",
    },
    "figure-in-passage": {
        "en": "“{printed}” is not printed in or near the passages of this fact; correct the passage or the spelling",
        "ja": "「{printed}」が引用箇所の前後に見当たりません。引用箇所か表記を直してください",
    },
    "name-in-passage": {
        "en": "none of {names} is printed within {context} characters of its passages; "
        "move the passage, or add the printed form as skos:altLabel",
        "ja": "{names}が引用箇所の前後{context}字に見当たりません。"
        "引用箇所を直すか、印刷された表記を skos:altLabel に加えてください",
    },
    "copied-text": {
        "en": "“{copied}…” stands so in a document; say it in your own words",
        "ja": "「{copied}…」は文書の文言のままです。言い換えてください",
    },
}
_LABELS = tuple(f"{SKOS}{name}" for name in ("prefLabel", "altLabel", "hiddenLabel"))
_PRINTED = tuple(f"{ABC}{name}" for name in ("nameAsPrinted", "headingAsPrinted", "valueAsWritten", "dateAsWritten"))
_PROSE = (
    f"{SKOS}definition",
    f"{SKOS}editorialNote",
    *(f"{ABC}{name}" for name in ("statementText", "characteristic")),
)
_NAMED_CLASSES = ("Actor", "Collaboration", "Place", "PolicyInstrument", "Technology", "Concept", "Document")
_MEMBER = "http://www.w3.org/ns/org#member"


@dataclass(frozen=True)
class _Passage:
    iri: str
    document: str
    start: int
    end: int
    sha256: str


def verify(sources: Sources, folder: Path, language: str = "en", *, only: Collection[str] | None = None) -> Report:
    """Check every passage against the texts in ``folder``.

    The kinds of error are tried in order: the document's file, the span, the hash of the span, the length
    of the passage, the figures and dates, the names, and last whether prose was copied. The report holds all
    findings of the first kind that has any.

    Args:
        sources: the dataset.
        folder: where the files named by ``abc:sourceFileName`` stand.
        language: ``en`` or ``ja``, the language of the messages.
        only: the IRIs to check, all where it is None.

    Returns:
        A report; it conforms when no kind of error was found.

    Raises:
        MissingSource: the folder is not there.
    """
    if not folder.is_dir():
        raise MissingSource(folder, "no such folder; give the folder that holds the texts of the documents")
    verifier = _Verifier(sources, folder, language, only)
    names: list[str] = []
    for name, kind in verifier.kinds.items():
        names.append(name)
        findings = tuple(sorted(kind()))
        if findings:
            return Report(findings, tuple(names))
    return Report((), tuple(names))


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def _quoted(names: Iterable[str], language: str) -> str:
    return "".join(f"「{name}」" for name in names) if language == "ja" else ", ".join(f"“{name}”" for name in names)


class _Verifier:
    def __init__(self, sources: Sources, folder: Path, language: str, only: Collection[str] | None) -> None:
        self._language = language
        self._only = only
        self._sources = sources
        self._locator = Locator(sources.files)
        self._folder = folder
        self._values = sources.values
        self._texts: dict[str, str] = {}
        self._plain_around: dict[str, str] = {}

    @property
    def kinds(self) -> dict[str, Callable[[], Iterator[Finding]]]:
        return {
            "document-file": self._document_files,
            "passage-span": self._spans,
            "passage-hash": self._hashes,
            "passage-length": self._lengths,
            "figure-in-passage": self._figures,
            "name-in-passage": self._names,
            "copied-text": self._copies,
        }

    def _one(self, subject: str, name: str) -> str:
        return next(iter(self._values[subject].get(ABC + name, [])), "")

    def _finding(self, rule: str, focus: str, **values: object) -> Finding:
        message = MESSAGES[rule][self._language].format(**values)
        place, *related = [*self._locator.subject(ox.NamedNode(focus)), Place(Path())]
        return Finding(
            place.path,
            place.line,
            place.column,
            rule,
            message,
            focus=focus,
            check="evidence",
            end_line=place.end_line,
            end_column=place.end_column,
            help=f"{RULES}#{rule}",
            related=tuple(related[:-1]),
        )

    def _document_files(self) -> Iterator[Finding]:
        for iri in self._of_class("Document"):
            name, expected = self._one(iri, "sourceFileName"), self._one(iri, "sha256")
            if not name:
                continue
            path = self._folder / name
            if not path.is_file():
                yield self._finding("document-file", iri, path=path)
                continue
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != expected:
                yield self._finding("document-text", iri, path=path)
            self._texts[iri] = content.decode("utf-8")

    @cached_property
    def _passages(self) -> list[_Passage]:
        return [
            _Passage(
                iri,
                self._one(iri, "passageOf"),
                int(self._one(iri, "startOffset") or -1),
                int(self._one(iri, "endOffset") or -1),
                self._one(iri, "sha256"),
            )
            for iri in self._of_class("Passage")
            if self._is_wanted(iri)
        ]

    def _is_wanted(self, iri: str) -> bool:
        return self._only is None or iri in self._only

    def _of_class(self, name: str) -> list[str]:
        return sorted(iri for iri, values in self._values.items() if ABC + name in values.get(f"{RDF}type", []))

    def _spans(self) -> Iterator[Finding]:
        for passage in self._passages:
            text = self._texts.get(passage.document)
            if text is None:
                yield self._finding("passage-document", passage.iri, document=passage.document)
            elif not 0 <= passage.start < passage.end <= len(text):
                yield self._finding("passage-span", passage.iri, start=passage.start, end=passage.end, length=len(text))

    def _hashes(self) -> Iterator[Finding]:
        for passage in self._passages:
            span = self._texts[passage.document][passage.start : passage.end]
            if hashlib.sha256(span.encode("utf-8")).hexdigest() != passage.sha256:
                yield self._finding("passage-hash", passage.iri)

    def _lengths(self) -> Iterator[Finding]:
        for passage in self._passages:
            if passage.end - passage.start > LONGEST_PASSAGE:
                yield self._finding(
                    "passage-length", passage.iri, length=passage.end - passage.start, limit=LONGEST_PASSAGE
                )

    def _figures(self) -> Iterator[Finding]:
        for node in self._evidenced():
            for printed in (value for name in _PRINTED for value in self._values[node].get(name, [])):
                if not self._printed_near(node, [printed]):
                    yield self._finding("figure-in-passage", node, printed=printed)

    def _names(self) -> Iterator[Finding]:
        for node in self._evidenced():
            names = self._names_of(node)
            if names and not self._printed_near(node, names):
                shown = _quoted(names[:4], self._language)
                yield self._finding("name-in-passage", node, names=shown, context=CONTEXT)

    def _copies(self) -> Iterator[Finding]:
        texts = [_plain(text) for text in self._texts.values()]
        runs = {text[i : i + COPIED] for text in texts for i in range(len(text) - COPIED + 1)}
        for node, values in sorted((node, values) for node, values in self._values.items() if self._is_wanted(node)):
            for prose in (_plain(text) for name in _PROSE for text in values.get(name, [])):
                copied = next(
                    (prose[i : i + COPIED] for i in range(len(prose) - COPIED + 1) if prose[i : i + COPIED] in runs), ""
                )
                if copied:
                    yield self._finding("copied-text", node, copied=copied)

    def _evidenced(self) -> list[str]:
        return sorted(
            iri for iri, values in self._values.items() if values.get(f"{ABC}evidencedBy") and self._is_wanted(iri)
        )

    def _names_of(self, node: str) -> list[str]:
        values = self._values[node]
        if f"{ID}status/curated-interpretation" in values.get(f"{ABC}assertionStatus", []):
            return []
        if values.get(_MEMBER):
            related = [*values[_MEMBER], *values.get(f"{ABC}actsThroughPost", [])]
            return [name for iri in related for name in self._labels(iri)] + values.get(f"{ABC}nameAsPrinted", [])
        if values.get(f"{RDF}object"):
            return self._labels(values[f"{RDF}object"][0]) + self._labels(values[f"{RDF}subject"][0])
        return self._labels(node) if self._is_named(node) else []

    def _labels(self, iri: str) -> list[str]:
        return [label for name in _LABELS for label in self._values[iri].get(name, [])]

    def _is_named(self, node: str) -> bool:
        return any(kind in self._named_classes for kind in self._values[node].get(f"{RDF}type", []))

    @cached_property
    def _named_classes(self) -> set[str]:
        found = {ABC + name for name in _NAMED_CLASSES}
        while True:
            more = {
                iri
                for iri, values in self._values.items()
                if iri not in found and found.intersection(values.get(f"{RDFS}subClassOf", []))
            }
            if not more:
                return found
            found |= more

    def _printed_near(self, node: str, wanted: list[str]) -> bool:
        return any(
            _plain(name) in self._around(passage)
            for passage in self._values[node][f"{ABC}evidencedBy"]
            for name in wanted
        )

    def _around(self, iri: str) -> str:
        if iri not in self._plain_around:
            start, end = int(self._one(iri, "startOffset") or 0), int(self._one(iri, "endOffset") or 0)
            text = self._texts.get(self._one(iri, "passageOf"), "")
            self._plain_around[iri] = _plain(text[max(0, start - CONTEXT) : end + CONTEXT])
        return self._plain_around[iri]
