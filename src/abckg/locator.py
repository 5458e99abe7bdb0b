"""Where in the files of a dataset a fault of the graph stands.

The rules, for a focus node, a path and a value as SHACL reports them:

* a value is given: where the value stands; where it is itself the property, the property.
* none is given, and the path has values: the last of them, with the others as related places.
* something is missing: the subject.
* the path is more than a property: the last triple of the ways along it that end in the value.
* the focus node is a blank node: the brackets that stand for it.

Where a triple stands in several files, all its places are given, that in the record's own file first.
Layer: imports ``positions``, ``report``, ``shaclpath`` and ``sources``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from abckg.namespaces import SH
from abckg.places.positions import Span, Spans
from abckg.reports.report import Place
from abckg.shacl.paths import Link, Node, PropertyPath, follow, read_path
from abckg.sources import SourceFile

__all__ = ["Locator"]

_MISSING = frozenset(f"{SH}{name}ConstraintComponent" for name in ("MinCount", "QualifiedMinCount"))
_CLOSED = f"{SH}ClosedConstraintComponent"
_UNIQUE_LANGUAGE = f"{SH}UniqueLangConstraintComponent"


class Locator:
    """Finds places in files; nothing is read or indexed until the first place is asked for."""

    def __init__(self, files: Iterable[SourceFile]) -> None:
        self._files = tuple(files)
        self._spans: dict[Path, Spans] = {}

    def places(
        self,
        focus: Node,
        path: ox.NamedNode | None = None,
        value: Node | None = None,
        *,
        component: str = "",
        shape: Node | None = None,
    ) -> tuple[Place, ...]:
        """Return where a fault stands, the best place first; nothing where no file holds it.

        Args:
            focus: the node that the fault is about.
            path: the property at fault, if it is one property.
            value: the value at fault, if there is one.
            component: the IRI of the SHACL constraint component, if one found the fault.
            shape: the shape that found it; its ``sh:path`` tells the way to the value where ``path`` is None.
        """
        on_verb = component == _CLOSED or (path is not None and value == path)
        triples = [] if component in _MISSING else self._at_fault(focus, path, value, component, shape)
        found = [place for triple in triples for place in self._written(triple, on_verb=on_verb)]
        return tuple(dict.fromkeys(found)) or tuple(self.subject(focus))

    def subject(self, node: Node) -> Iterator[Place]:
        """Yield where the statements about a node begin; of a node that is no subject, where it is a value."""
        mentions = self._about.get(node, ())
        for file in self._ordered(node, (file for _, file in mentions)):
            yield from (_place(file, span) for span in self.spans(file).subjects(node))
        if not mentions:
            for triple in self._held.get(node, ()):
                yield from self._written(triple)

    def triple(self, triple: ox.Triple) -> list[Place]:
        """Return where a triple is written: its object."""
        return list(self._written(triple))

    def spans(self, file: SourceFile) -> Spans:
        """Return the places of one file's triples."""
        if file.path not in self._spans:
            self._spans[file.path] = Spans(file.text, file.triples)
        return self._spans[file.path]

    def _at_fault(
        self, focus: Node, path: ox.NamedNode | None, value: Node | None, component: str, shape: Node | None
    ) -> list[ox.Triple]:
        if path is not None:
            return self._of_property(self._out(focus, path), path, value, component)
        steps = self._path_of(shape)
        if steps is not None:
            links = follow(steps, [Link(focus)], self._neighbours)
            return [link.triple for link in links if link.triple is not None and value in (None, link.node)][::-1]
        if value is None or value == focus:
            return []
        stated = [triple for triple, _ in self._about.get(focus, ()) if triple.object == value]
        return stated or [triple for triple, _ in self._about.get(value, ()) if triple.object == focus]

    def _of_property(
        self, triples: list[ox.Triple], path: ox.NamedNode, value: Node | None, component: str
    ) -> list[ox.Triple]:
        exact = [triple for triple in triples if triple.object == value]
        if exact or value == path:
            return exact or triples
        if component == _UNIQUE_LANGUAGE:
            counts = Counter(_language(triple) for triple in triples)
            triples = [triple for triple in triples if counts[_language(triple)] > 1 and _language(triple)] or triples
        return triples[::-1]

    def _written(self, triple: ox.Triple, *, on_verb: bool = False) -> Iterator[Place]:
        files = (file for other, file in self._about.get(triple.subject, ()) if other == triple)
        for file in self._ordered(triple.subject, files):
            spans = self.spans(file)
            yield from (_place(file, span) for span in (spans.verbs(triple) if on_verb else spans.objects(triple)))

    def _ordered(self, node: Node, files: Iterable[SourceFile]) -> list[SourceFile]:
        """Return each file once, that of the record which a node belongs to before the others."""
        iri = f"{node.value}/" if isinstance(node, ox.NamedNode) else ""
        distinct = {file.path: file for file in files}.values()
        return sorted(distinct, key=lambda file: not (file.record and iri.startswith(f"{file.record}/")))

    def _path_of(self, shape: Node | None) -> PropertyPath | None:
        paths = [] if shape is None else self._values(shape, f"{SH}path")
        return read_path(paths[0], self._values) if paths else None

    def _values(self, subject: Node, predicate: str) -> list[Node]:
        return [triple.object for triple in self._out(subject, ox.NamedNode(predicate))]

    def _out(self, subject: Node, predicate: ox.NamedNode) -> list[ox.Triple]:
        found = (triple for triple, _ in self._about.get(subject, ()) if triple.predicate == predicate)
        return list(dict.fromkeys(found))

    def _neighbours(self, node: Node, predicate: ox.NamedNode, backwards: bool) -> list[ox.Triple]:
        if not backwards:
            return self._out(node, predicate)
        return [triple for triple in self._held.get(node, ()) if triple.predicate == predicate]

    @cached_property
    def _about(self) -> dict[Node, list[tuple[ox.Triple, SourceFile]]]:
        index: dict[Node, list[tuple[ox.Triple, SourceFile]]] = defaultdict(list)
        for file in self._files:
            for triple in file.triples:
                index[triple.subject].append((triple, file))
        return dict(index)

    @cached_property
    def _held(self) -> dict[Node, list[ox.Triple]]:
        index: dict[Node, list[ox.Triple]] = defaultdict(list)
        for file in self._files:
            for triple in file.triples:
                index[triple.object].append(triple)
        return dict(index)


def _language(triple: ox.Triple) -> str:
    return (triple.object.language or "").lower() if isinstance(triple.object, ox.Literal) else ""


def _place(file: SourceFile, span: Span) -> Place:
    return Place(file.path, span.line, span.column, span.end_line, span.end_column)
