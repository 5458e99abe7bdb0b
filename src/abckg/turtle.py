"""Canonical Turtle: one triple a line, the predicate repeated, the closing dot alone, everything sorted.

Adding a fact to a file is therefore always exactly one added line. Comments at the head of a file
are kept, all others are dropped: what is worth knowing belongs in a triple.
Layer: text and terms only; imports ``errors`` and ``namespaces``.
Specification: https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from abckg.errors import TurtleSyntaxError
from abckg.namespaces import OWL, RDF, SKOS, Prefixes

__all__ = ["format_text", "head_comments", "parse", "serialize"]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triples: TypeAlias = Iterable[ox.Triple]

_HEADERS = {f"{OWL}Ontology", f"{SKOS}ConceptScheme"}
_FIRST_PREDICATES = ("rdf:type", "rdfs:label", "skos:prefLabel", "skos:definition")
_XSD = "http://www.w3.org/2001/XMLSchema#"
_SHORT = {
    f"{_XSD}integer": re.compile(r"[+-]?[0-9]+\Z"),
    f"{_XSD}decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    f"{_XSD}boolean": re.compile(r"(?:true|false)\Z"),
}
_REASONS = (
    (
        "has not been declared",
        "{reason}; declare it with @prefix, spelled as in ontology/prefixes.ttl",
        "接頭辞が宣言されていません（{reason}）。ontology/prefixes.ttl の綴りで @prefix を加えてください",
    ),
    (
        "A dot is expected at the end of statements",
        "“;” or “.” is missing at the end of the line before",
        "前の行の終わりに「;」か「.」がありません",
    ),
    (
        "Line jumps are not allowed in string literals",
        "the closing quotation mark of the text is missing",
        "文字列を閉じる引用符がありません",
    ),
    (
        "is not a valid RDF object",
        "a value is missing or malformed here ({reason})",
        "ここに値がないか、値の形が正しくありません（{reason}）",
    ),
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def parse(text: str, path: Path, *, base: str | None = None) -> list[ox.Triple]:
    """Return the triples of a Turtle document; TurtleSyntaxError with line and column where it is not one.

    A byte order mark is not part of the document.
    """
    try:
        return [
            ox.Triple(quad.subject, quad.predicate, quad.object)
            for quad in ox.parse(text.removeprefix("\ufeff"), format=ox.RdfFormat.TURTLE, base_iri=base)
        ]
    except SyntaxError as fault:
        line = text.split("\n")[fault.lineno - 1] if fault.lineno else ""
        english, japanese = _reason(fault, line)
        end = (fault.end_lineno, fault.end_offset) if fault.end_lineno and fault.end_offset else None
        raise TurtleSyntaxError(path, english, fault.lineno, fault.offset, japanese=japanese, end=end) from fault


def _reason(fault: SyntaxError, line: str) -> tuple[str, str]:
    """Return what is wrong and what to do, in English and in Japanese; else what the parser says."""
    reason = re.sub(r"^Parser error at .*?: ", "", fault.msg)
    wide = re.search(r"[；，．＜＞“”\u3000]", re.sub(r'"[^"]*"', '""', line))
    if wide:
        return (
            f"“{wide[0]}” is a full-width character; write it half-width",
            f"全角の「{wide[0]}」があります。半角に直してください",
        )
    for sign, english, japanese in _REASONS:
        if sign in reason:
            return english.format(reason=reason), japanese.format(reason=reason)
    return reason, f"Turtleとして読めません（{reason}）"


def head_comments(text: str) -> list[str]:
    """Return the comment lines that stand before anything else in a file."""
    comments = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        comments.append(line.rstrip())
    return comments


def format_text(text: str, path: Path, prefixes: Prefixes) -> str:
    """Return a Turtle document in canonical form, with the same triples and the same head comments."""
    return serialize(parse(text, path), prefixes, comments=head_comments(text))


def serialize(triples: Triples, prefixes: Prefixes, *, comments: Iterable[str] = ()) -> str:
    """Return triples as canonical Turtle that declares just the prefixes it uses."""
    return _Writer(triples, prefixes).document(comments)


class _Writer:
    def __init__(self, triples: Triples, prefixes: Prefixes) -> None:
        self._prefixes = prefixes
        self._used: set[str] = set()
        self._about: dict[Term, list[ox.Triple]] = {}
        for triple in dict.fromkeys(triples):
            self._about.setdefault(triple.subject, []).append(triple)
        references = Counter(t.object for ts in self._about.values() for t in ts if isinstance(t.object, ox.BlankNode))
        self._inline = {node for node, count in references.items() if count == 1 and self._ends(node)}
        self._labels: dict[ox.BlankNode, str] = {}

    def _ends(self, node: Term) -> bool:
        seen: set[Term] = set()
        stack = [node]
        while stack:
            for triple in self._about.get(stack.pop(), []):
                if triple.object == node:
                    return False
                if isinstance(triple.object, ox.BlankNode) and triple.object not in seen:
                    seen.add(triple.object)
                    stack.append(triple.object)
        return True

    def document(self, comments: Iterable[str]) -> str:
        subjects = sorted((s for s in self._about if s not in self._inline), key=self._subject_key)
        blocks = [self._block(subject) for subject in subjects]
        head = [f"{line}\n" for line in comments]
        declared = [f"@prefix {label}: <{self._prefixes[label]}> .\n" for label in sorted(self._used)]
        parts = ["".join(head + declared), *blocks]
        return "\n".join(part for part in parts if part)

    def _subject_key(self, subject: Term) -> tuple[bool, bool, str]:
        is_header = any(
            t.predicate.value == f"{RDF}type" and isinstance(t.object, ox.NamedNode) and t.object.value in _HEADERS
            for t in self._about[subject]
        )
        blank = isinstance(subject, ox.BlankNode)
        return (not is_header, blank, subject.value if isinstance(subject, ox.NamedNode) else self._shape(subject))

    def _shape(self, node: Term, depth: int = 6) -> str:
        if not isinstance(node, ox.BlankNode) or depth == 0:
            return "_" if isinstance(node, ox.BlankNode) else str(node)
        inside = sorted(f"{t.predicate} {self._shape(t.object, depth - 1)}" for t in self._about.get(node, []))
        return f"[{';'.join(inside)}]"

    def _block(self, subject: Term) -> str:
        anonymous = isinstance(subject, ox.BlankNode) and self._is_anonymous(subject)
        name = "[]" if anonymous else self._term(subject, 1)
        return f"{name}\n{self._statements(subject, 1)}.\n"

    def _is_anonymous(self, node: ox.BlankNode) -> bool:
        return not any(t.object == node for ts in self._about.values() for t in ts)

    def _statements(self, subject: Term, depth: int) -> str:
        lines = sorted(
            (self._predicate_key(t.predicate), self._object_key(t.object), t) for t in self._about.get(subject, [])
        )
        indent = "  " * depth
        return "".join(f"{indent}{self._verb(t.predicate)} {self._term(t.object, depth)} ;\n" for _, _, t in lines)

    def _predicate_key(self, predicate: ox.NamedNode) -> tuple[int, str]:
        curie = self._prefixes.curie(predicate.value)
        rank = _FIRST_PREDICATES.index(curie) if curie in _FIRST_PREDICATES else len(_FIRST_PREDICATES)
        return rank, curie

    def _object_key(self, term: Term) -> tuple[int, str, str]:
        if isinstance(term, ox.Literal):
            return 1, term.language or "", str(term)
        return (2, "", self._shape(term)) if isinstance(term, ox.BlankNode) else (0, "", str(term))

    def _verb(self, predicate: ox.NamedNode) -> str:
        return "a" if predicate.value == f"{RDF}type" else self._term(predicate, 0)

    def _term(self, term: Term, depth: int) -> str:
        if isinstance(term, ox.NamedNode):
            return self._iri(term.value)
        if isinstance(term, ox.Literal):
            return self._literal(term)
        if isinstance(term, ox.BlankNode):
            return self._blank(term, depth)
        return str(term)

    def _iri(self, iri: str) -> str:
        parts = self._prefixes.split(iri)
        if parts is None:
            return str(ox.NamedNode(iri))
        self._used.add(parts[0])
        return f"{parts[0]}:{parts[1]}"

    def _literal(self, literal: ox.Literal) -> str:
        datatype = literal.datatype.value
        if datatype in _SHORT and _SHORT[datatype].match(literal.value):
            return literal.value
        quoted = f'"{literal.value.translate(_ESCAPES)}"'
        if literal.language:
            return f"{quoted}@{literal.language}"
        return quoted if datatype == f"{_XSD}string" else f"{quoted}^^{self._iri(datatype)}"

    def _blank(self, node: ox.BlankNode, depth: int) -> str:
        if node not in self._inline:
            return f"_:{self._labels.setdefault(node, f'b{len(self._labels)}')}"
        items = self._list(node)
        if items is not None:
            return f"( {' '.join(self._term(item, depth) for item in items)} )" if items else "()"
        if node not in self._about:
            return "[]"
        return f"[\n{self._statements(node, depth + 1)}{'  ' * depth}]"

    def _list(self, node: Term) -> list[Term] | None:
        """Return the members of the well-formed RDF list that starts at an inline node, else None."""
        items: list[Term] = []
        while node != ox.NamedNode(f"{RDF}nil"):
            cell = {t.predicate.value: t.object for t in self._about.get(node, [])}
            if node not in self._inline or set(cell) != {f"{RDF}first", f"{RDF}rest"} or len(self._about[node]) != 2:
                return None
            items.append(cell[f"{RDF}first"])
            node = cell[f"{RDF}rest"]
        return items
