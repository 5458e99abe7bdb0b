"""A dataset kept in memory and checked file by file while it is edited.

The rules and shapes are those of ``abckg validate``, asked of the nodes of one file only. What was inferred is as
of the last reading of the dataset; checks that need all of it again run when a file is saved (``full``).
Layer: part of ``lsp``; imports the core.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import rdflib

from abckg import turtle
from abckg.checks import Check, Hit, hits, load_checks
from abckg.dataset import DATA_GRAPH, ONTOLOGY_GRAPH, closure
from abckg.errors import ReasoningError, SourceError
from abckg.locator import Locator
from abckg.namespaces import INFERRED_GRAPH, load_prefixes
from abckg.reports.report import Finding
from abckg.shacl.data import data_graph
from abckg.shacl.reference import Checker
from abckg.sources import Kind, SourceFile, Sources, kind_of, read_files, to_rdflib
from abckg.store import Answer
from abckg.validate.context import Context
from abckg.validate.files import file_format, file_path, file_prefixes
from abckg.validate.gate import syntax_finding
from abckg.validate.graph import rule_finding
from abckg.validate.shapes import shape_finding

__all__ = ["LIVE_CHECKS", "LiveDataset"]

LIVE_CHECKS = frozenset(("syntax", "format", "prefixes", "paths", "shapes", "graph"))
"""The checks of ``abckg validate`` whose findings in a record ``LiveDataset.check`` gives."""

Node: TypeAlias = ox.NamedNode | ox.BlankNode

_WHERE = re.compile(r"(\bWHERE\s*\{)", re.IGNORECASE)
_ANY_PROPERTY = re.compile(r"(?<!ORDER BY )\?focus\s+\?")
_DEFAULT = ox.DefaultGraph()
_IN_STORE: dict[Kind, str] = {
    "ontology": ONTOLOGY_GRAPH,
    "vocab": ONTOLOGY_GRAPH,
    "alignment": ONTOLOGY_GRAPH,
    "data": DATA_GRAPH,
}


@dataclass(frozen=True)
class _Narrow(Context):
    """A context that looks for places in a few files only."""

    near: tuple[SourceFile, ...] = ()

    @cached_property
    def locator(self) -> Locator:
        return Locator(self.near)


class _Rules:
    """The rules over the whole graph, asked about some focus nodes."""

    def __init__(self, checks: Sequence[Check], store: ox.Store) -> None:
        self._checks = [(check, _WHERE.split(check.text, 1)) for check in checks]
        self._store = store

    def about(self, nodes: Collection[Node]) -> Iterator[tuple[Check, Hit]]:
        """Yield what breaks a rule at one of some nodes."""
        names = [node for node in nodes if isinstance(node, ox.NamedNode)]
        listed = f" VALUES ?focus {{ {' '.join(map(str, names))} }} "
        for check, (head, *rest) in self._checks:
            # Where any property may lead from the focus node, Oxigraph would read the whole graph beside a list.
            is_joined = bool(rest) and not _ANY_PROPERTY.search(rest[-1])
            if is_joined:
                text = f"{head}{rest[0]}{listed}{rest[1]}"
                yield from ((check, hit) for hit in hits(Answer.of(self._store.query(text))))
            for node in nodes:
                if not is_joined or isinstance(node, ox.BlankNode):
                    focus = {ox.Variable("focus"): node}
                    answer = Answer.of(self._store.query(check.text, substitutions={**focus}))
                    yield from ((check, hit) for hit in hits(answer))


class LiveDataset:
    """The files of a dataset as an editor has them; one thread at a time may use it.

    Args:
        root: the dataset.
        language: ``en`` or ``ja``, the language of the messages.

    Raises:
        AbckgError: the dataset is missing or its shapes or rules cannot be read.
    """

    def __init__(self, root: Path, language: str = "en") -> None:
        self.root = root
        self.language = language
        self.prefixes = load_prefixes(root)
        self.files: dict[Path, SourceFile] = {file.path: file for file in read_files(root)[0]}
        self._shapes = tuple(file for file in self.files.values() if file.kind == "shapes")
        self._graph = data_graph(self.sources)
        self._checker = Checker(self._graph, to_rdflib(self.sources.triples("shapes")))
        self._counts = Counter(quad for file in self.files.values() for quad in _quads(file))
        self._inferred = self._conclusions()
        self._store = ox.Store()
        self._store.bulk_extend(self._everything())
        self._rules = _Rules(load_checks(root), self._store)

    @property
    def sources(self) -> Sources:
        """The dataset as it now is."""
        return Sources(self.root, self.prefixes, tuple(self.files[path] for path in sorted(self.files)))

    def _conclusions(self) -> frozenset[ox.Triple]:
        try:
            return frozenset(closure(self.sources).inferred)
        except ReasoningError:
            return frozenset()  # the full run reports it

    def _everything(self) -> Iterator[ox.Quad]:
        for quad in self._counts:
            yield quad
            yield ox.Quad(quad.subject, quad.predicate, quad.object)
        inferred = ox.NamedNode(INFERRED_GRAPH)
        for triple in self._inferred:
            yield ox.Quad(triple.subject, triple.predicate, triple.object, inferred)
            yield ox.Quad(triple.subject, triple.predicate, triple.object)

    def check(self, path: Path, text: str) -> list[Finding]:
        """Take in the text of a file and return what is wrong with it.

        Args:
            path: the file, relative to the root.
            text: its text in the editor.
        """
        try:
            self.update(path, text)
        except SourceError as error:
            return [syntax_finding(error, self.language)]
        file = self.files[path]
        context = _Narrow(self.sources, self.language, near=(file, *self._shapes))
        found = {*file_format(context, file), *file_prefixes(context, file), *file_path(context, file)}
        if file.kind in ("data", "vocab", "ontology"):
            found |= {finding for finding in self._of_graph(context, file) if finding.path == path}
        return sorted(found)

    def _of_graph(self, context: Context, file: SourceFile) -> Iterator[Finding]:
        nodes = {t.subject for t in file.triples if isinstance(t.subject, ox.NamedNode | ox.BlankNode)}
        if file.kind != "ontology":
            terms = [rdflib.URIRef(n.value) if isinstance(n, ox.NamedNode) else rdflib.BNode(n.value) for n in nodes]
            yield from (shape_finding(context, result) for result in self._checker.check(terms))
        yield from (rule_finding(context, check, hit) for check, hit in self._rules.about(nodes))

    def update(self, path: Path, text: str) -> None:
        """Take in the text of a file; TurtleSyntaxError where it is malformed, and the last good one stays."""
        known = self.files.get(path)
        if known is not None and known.text == text:
            return
        file = SourceFile(path, kind_of(path) or "data", text, tuple(turtle.parse(text, path)))
        before = Counter(_quads(known)) if known else Counter()
        after = Counter(_quads(file))
        self.files[path] = file
        self._replace(before - after, after - before)
        if file.kind in ("data", "vocab"):
            old = set(known.triples) if known else set()
            for triple in to_rdflib(iter(old - set(file.triples))):
                self._graph.remove(triple)
            for triple in to_rdflib(iter(file.triples)):
                self._graph.add(triple)

    def _replace(self, gone: Counter[ox.Quad], come: Counter[ox.Quad]) -> None:
        for quad, times in gone.items():
            self._counts[quad] -= times
            if not self._counts[quad]:
                del self._counts[quad]
                self._store.remove(quad)
            stated = self._store.quads_for_pattern(quad.subject, quad.predicate, quad.object)
            if all(found.graph_name == _DEFAULT for found in stated):
                self._store.remove(ox.Quad(quad.subject, quad.predicate, quad.object))
        for quad in come:
            self._store.add(quad)
            self._store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
        self._counts.update(come)


def _quads(file: SourceFile) -> list[ox.Quad]:
    name = _IN_STORE.get(file.kind)
    if name is None:
        return []
    graph = ox.NamedNode(name)
    return [ox.Quad(t.subject, t.predicate, t.object, graph) for t in file.triples]
