"""Finds and parses the files of a dataset; the only module that walks its folders.

Each file is parsed once, strictly, with Oxigraph's parser. Layer: imports ``errors``, ``namespaces``, ``turtle``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from abckg import turtle
from abckg.errors import MissingSource, SourceError, TurtleSyntaxError
from abckg.namespaces import ID, Prefixes, load_prefixes
from abckg.places.positions import Span, Spans

if TYPE_CHECKING:
    import rdflib

__all__ = ["Kind", "SourceFile", "Sources", "decoded", "rdflib_term", "read", "read_files", "to_rdflib", "turtle_files"]

Kind = Literal["ontology", "vocab", "alignment", "data", "shapes"]
_FOLDERS: dict[str, Kind] = {
    "ontology/vocab": "vocab",
    "ontology/alignments": "alignment",
    "ontology": "ontology",
    "data": "data",
    "shapes": "shapes",
}


@dataclass(frozen=True)
class SourceFile:
    """One parsed Turtle file: its path relative to the root, the room it stands in, and its triples."""

    path: Path
    kind: Kind
    text: str
    triples: tuple[ox.Triple, ...]

    @property
    def record(self) -> str | None:
        """Return the IRI of the record that a data file describes: its path is the IRI's path."""
        return ID + self.path.relative_to("data").with_suffix("").as_posix() if self.kind == "data" else None


@dataclass(frozen=True)
class Sources:
    """All Turtle files of a dataset, parsed."""

    root: Path
    prefixes: Prefixes
    files: tuple[SourceFile, ...]

    def triples(self, *kinds: Kind) -> Iterator[ox.Triple]:
        """Yield the triples of the files of these kinds, of all kinds where none is given."""
        for file in self.files:
            if not kinds or file.kind in kinds:
                yield from file.triples

    @cached_property
    def values(self) -> dict[str, dict[str, list[str]]]:
        """Return the values of each IRI's properties: IRIs and the texts of literals, in the order of the files."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for t in self.triples("data", "vocab", "ontology"):
            if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode | ox.Literal):
                found[t.subject.value][t.predicate.value].append(t.object.value)
        return found

    @cached_property
    def declared_in(self) -> dict[str, SourceFile]:
        """Return which file makes statements about an IRI; the first where there are several."""
        subjects: dict[str, SourceFile] = {}
        for file in self.files:
            for triple in file.triples:
                if isinstance(triple.subject, ox.NamedNode):
                    subjects.setdefault(triple.subject.value, file)
        return subjects


def kind_of(path: Path) -> Kind | None:
    """Return which room a path relative to the root belongs to, None where it is in none."""
    for folder, kind in _FOLDERS.items():
        if path.as_posix().startswith(f"{folder}/"):
            return kind
    return None


def turtle_files(root: Path) -> list[Path]:
    """Return the Turtle files of a dataset, relative to its root, sorted; MissingSource where there are none."""
    found = sorted(
        path.relative_to(root) for top in ("ontology", "data", "shapes") for path in (root / top).rglob("*.ttl")
    )
    if not found:
        raise MissingSource(root, "no dataset here; give --root a folder with ontology/, data/ and shapes/")
    return found


def read_text(path: Path, root: Path = Path()) -> str:
    """Return a file, given relative to ``root``, as text; SourceError where it is missing or not UTF-8."""
    try:
        return decoded(path, (root / path).read_bytes())
    except FileNotFoundError as fault:
        raise MissingSource(path, "no such file", japanese="このファイルがありません") from fault
    except OSError as fault:
        raise SourceError(path, fault.strerror or str(fault)) from fault


def decoded(path: Path, content: bytes) -> str:
    """Return the content of a file as text; SourceError with the place where it is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise SourceError(
            path,
            f"not UTF-8 (byte {fault.start}); save the file as UTF-8",
            content.count(b"\n", 0, fault.start) + 1,
            len(content[content.rfind(b"\n", 0, fault.start) + 1 : fault.start].decode("utf-8")) + 1,
            japanese=f"UTF-8ではありません（{fault.start}バイト目）。文字コードをUTF-8として保存してください",
        ) from fault


def read_file(root: Path, path: Path) -> SourceFile:
    """Parse one file given relative to the root; TurtleSyntaxError with its line and column where it is malformed."""
    text = read_text(path, root)
    triples = tuple(turtle.parse(text, path))
    for triple in triples:
        if isinstance(triple.object, ox.Triple):
            raise _triple_term(path, text, triples, triple)
    return SourceFile(path, kind_of(path) or "data", text, triples)


def _triple_term(path: Path, text: str, triples: tuple[ox.Triple, ...], triple: ox.Triple) -> TurtleSyntaxError:
    """Return what to say of a triple as a value, which reasoner and shapes do not know."""
    (span, *_) = [*Spans(text, triples).objects(triple), Span(1, 1, 1, 1)]
    return TurtleSyntaxError(
        path,
        "a triple as a value (RDF 1.2) has no place here; write a fact record with rdf:subject, rdf:predicate and "
        "rdf:object",
        span.line,
        span.column,
        japanese="トリプルを値とすること（RDF 1.2）はできません。rdf:subject、rdf:predicate、rdf:object をもつ"
        "事実記録としてください",
        end=(span.end_line, span.end_column),
    )


def read_files(root: Path) -> tuple[list[SourceFile], list[SourceError]]:
    """Parse every file of a dataset; return what could be parsed and the errors of what could not."""
    files: list[SourceFile] = []
    errors: list[SourceError] = []
    for path in turtle_files(root):
        try:
            files.append(read_file(root, path))
        except SourceError as error:
            errors.append(error)
    return files, errors


def read(root: Path) -> Sources:
    """Parse a dataset; the first malformed file raises its error."""
    files, errors = read_files(root)
    if errors:
        raise errors[0]
    return Sources(root, load_prefixes(root), tuple(files))


def to_rdflib(triples: Iterator[ox.Triple]) -> rdflib.Graph:
    """Return triples as an rdflib graph, for the libraries that want one; blank nodes keep their labels."""
    import rdflib  # it takes longer than much of what can be done without it

    graph = rdflib.Graph()
    terms: dict[object, rdflib.term.Node] = {}
    for triple in triples:
        for term in (triple.subject, triple.predicate, triple.object):
            if term not in terms:
                terms[term] = rdflib_term(term)
        graph.add((terms[triple.subject], terms[triple.predicate], terms[triple.object]))
    return graph


def rdflib_term(term: object) -> rdflib.term.Node:
    """Return a term as rdflib has it: the same spelling, and no datatype for a plain string."""
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise TypeError(f"{term} is no term of RDF 1.1")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    plain = datatype == "http://www.w3.org/2001/XMLSchema#string"
    return rdflib.Literal(term.value, datatype=None if plain else rdflib.URIRef(datatype), normalize=False)
