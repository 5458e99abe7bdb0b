"""Canonical Turtle: one triple a line, the predicate repeated, the closing dot alone, everything sorted.

Adding a fact to a file is therefore always exactly one added line. A comment goes with the triple or the subject that
it is about. Layer: text and terms only; imports ``errors``, ``namespaces``, ``turtlecomments`` and
``turtlefaults``.
Specification: https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from abckg.errors import TurtleSyntaxError
from abckg.namespaces import OWL, RDF, SKOS, Prefixes
from abckg.places.positions import is_short
from abckg.turtlecomments import Comments, read_comments
from abckg.turtlefaults import begin, in_words, undeclared

__all__ = ["canonical", "format_text", "parse", "serialize"]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triples: TypeAlias = Iterable[ox.Triple]

_HEADERS = {f"{OWL}Ontology", f"{SKOS}ConceptScheme"}
_FIRST_PREDICATES = ("rdf:type", "rdfs:label", "skos:prefLabel", "skos:definition")
_DEEPEST = 50
"""How deep brackets are nested; deeper nodes are written by themselves, with a label."""
_XSD = "http://www.w3.org/2001/XMLSchema#"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def parse(text: str, path: Path, *, base: str | None = None) -> list[ox.Triple]:
    """Return the triples of a Turtle document; TurtleSyntaxError with line and column where it is not one.

    A byte order mark is not part of the document.
    """
    try:
        return [
            quad.triple for quad in ox.parse(text.removeprefix("\ufeff"), format=ox.RdfFormat.TURTLE, base_iri=base)
        ]
    except SyntaxError as fault:
        line = text.split("\n")[fault.lineno - 1] if fault.lineno else ""
        column = begin(fault.msg, line, fault.offset or 1)
        english, japanese = in_words(fault.msg, line, column)
        end = (fault.end_lineno, fault.end_offset) if fault.end_lineno and fault.end_offset else None
        raise TurtleSyntaxError(path, english, fault.lineno, column, japanese=japanese, end=end) from fault


def format_text(text: str, path: Path, prefixes: Prefixes) -> str:
    """Return a Turtle document in canonical form, with the same triples and the same comments.

    Prefixes of the list that it uses and does not declare are declared.
    """
    try:
        return canonical(text, parse(text, path), prefixes)
    except TurtleSyntaxError as error:
        declared = _declared(text, prefixes, error)
        if declared is None:
            raise
        try:
            return format_text(declared, path, prefixes)
        except TurtleSyntaxError:
            raise error from None  # its place is that of the text as it is


def _declared(text: str, prefixes: Prefixes, error: TurtleSyntaxError) -> str | None:
    """Return a document with a line more that declares what an error finds undeclared; None where nothing does."""
    label = undeclared(getattr(error.__cause__, "msg", ""))
    if label is None or label not in prefixes:
        return None
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip("\ufeff \t\r")[:1] not in ("", "#")), 0)
    return "\n".join([*lines[:first], f"@prefix {label}: <{prefixes[label]}> .", *lines[first:]])


def canonical(text: str, triples: Sequence[ox.Triple], prefixes: Prefixes) -> str:
    """Return a document whose triples were read from ``text`` in canonical form, with the comments of the text."""
    return serialize(triples, prefixes, comments=read_comments(text, triples) if "#" in text else None)


def serialize(triples: Triples, prefixes: Prefixes, *, comments: Comments | None = None) -> str:
    """Return triples as canonical Turtle that declares just the prefixes it uses."""
    return _Writer(triples, prefixes, comments or Comments()).document()


def _inline(holders: Mapping[object, ox.Triple]) -> set[object]:
    """Return the blank nodes to be written in their place.

    They are those that are the object of one triple, unless they hang together in a circle or are nested so deep
    that other programs could not read them; the members of a list do not count as nested in one another.

    Args:
        holders: blank nodes that are the object of just one triple, with that triple.
    """
    depths: dict[object, int] = {}
    for node in holders:
        chain: dict[object, None] = {}
        above: object = node
        while above in holders and above not in depths and above not in chain:
            chain[above] = None
            above = holders[above].subject
        circle = list(chain)[list(chain).index(above) :] if above in chain else []
        depths.update(dict.fromkeys(circle, 0))
        depth = depths.get(above, 1)
        for child in reversed(chain):
            if child not in depths:
                depth += holders[child].predicate.value != f"{RDF}rest"
                depths[child] = depth
    return {node for node, depth in depths.items() if depth % _DEEPEST}


class _Writer:
    def __init__(self, triples: Triples, prefixes: Prefixes, comments: Comments) -> None:
        self._prefixes = prefixes
        self._comments = comments
        self._of_subject, self._of_triple = dict(comments.subjects), dict(comments.triples)
        self._used: set[str] = set()
        self._about: dict[Term, list[ox.Triple]] = {}
        for triple in dict.fromkeys(triples):
            self._about.setdefault(triple.subject, []).append(triple)
        objects: list[tuple[object, ox.Triple]] = [(t.object, t) for about in self._about.values() for t in about]
        counts: Counter[object] = Counter(node for node, _ in objects if isinstance(node, ox.BlankNode))
        quoted = {node for term, _ in objects if isinstance(term, ox.Triple) for node in _nodes(term)}
        self._named = counts.keys() | quoted
        self._inline = _inline({n: t for n, t in objects if counts.get(n) == 1 and n not in quoted})
        self._labels: dict[ox.BlankNode, str] = {}

    def document(self) -> str:
        subjects = sorted((s for s in self._about if s not in self._inline), key=self._subject_key)
        blocks = [self._block(subject) for subject in subjects]
        head = [f"{line}\n" for line in self._comments.head]
        declared = [f"@prefix {label}: <{self._prefixes[label]}> .\n" for label in sorted(self._used)]
        foot = [*self._comments.foot, *chain(*self._of_subject.values(), *self._of_triple.values())]
        parts = ["".join(head + declared), *blocks, "".join(f"{line}\n" for line in foot)]
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
        is_anonymous = isinstance(subject, ox.BlankNode) and subject not in self._named
        name = "[]" if is_anonymous else self._term(subject, 1)
        above = "".join(f"{line}\n" for line in self._of_subject.pop(subject, ()))
        return f"{above}{name}\n{self._statements(subject, 1)}.\n"

    def _statements(self, subject: Term, depth: int) -> str:
        about: dict[ox.NamedNode, list[ox.Triple]] = {}
        for triple in self._about.get(subject, ()):
            about.setdefault(triple.predicate, []).append(triple)
        indent = "  " * depth
        lines: list[str] = []
        for predicate in sorted(about, key=self._predicate_key):
            same = about[predicate]
            if len(same) > 1:
                same.sort(key=lambda triple: self._object_key(triple.object))
            lines += [self._line(triple, depth, indent) for triple in same]
        return "".join(lines)

    def _line(self, triple: ox.Triple, depth: int, indent: str) -> str:
        above = "".join(f"{indent}{line}\n" for line in self._of_triple.pop(triple, ()))
        return f"{above}{indent}{self._verb(triple.predicate)} {self._term(triple.object, depth)} ;\n"

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
        return f"<<( {' '.join(self._term(part, depth) for part in term)} )>>"

    def _iri(self, iri: str) -> str:
        parts = self._prefixes.split(iri)
        if parts is None:
            return str(ox.NamedNode(iri))
        self._used.add(parts[0])
        return f"{parts[0]}:{parts[1]}"

    def _literal(self, literal: ox.Literal) -> str:
        datatype = literal.datatype.value
        if is_short(literal):
            return literal.value
        quoted = f'"{literal.value.translate(_ESCAPES)}"'
        if literal.language:
            return f"{quoted}@{literal.language}{f'--{literal.direction.value}' if literal.direction else ''}"
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


def _nodes(triple: ox.Triple) -> Iterator[ox.BlankNode]:
    """Yield the blank nodes inside a triple term."""
    for term in triple:
        if isinstance(term, ox.BlankNode):
            yield term
        elif isinstance(term, ox.Triple):
            yield from _nodes(term)
