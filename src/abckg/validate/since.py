"""Validation of what changed since a git revision: what it finds is what a full run finds of what the change broke.

The files that differ are parsed in both states; the triples that differ lead to the focus nodes, the conclusions and
the rows of rules that can come out otherwise. Where that is not bounded, everything is checked and the report says
why. Layer: part of ``validate``; imports the core and ``since``.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib.namespace import SH

from abckg.checks import Check, Hit, hits, load_checks
from abckg.errors import SourceError
from abckg.namespaces import ID, RDFS, load_prefixes
from abckg.reports.report import Finding, Report
from abckg.shacl.engines import EngineName, run_shapes
from abckg.shacl.limits import divide
from abckg.shacl.reference import Result
from abckg.since.affected import focus_nodes, neighbourhood, relevant_shapes
from abckg.since.baseline import Baseline, Delta, opened, parsed, record_delta
from abckg.since.chains import Dependencies, Term
from abckg.since.errors import Unbounded
from abckg.since.index import DATA, INFERRED, SCHEMA, SHAPED, SHAPES, Index, Pattern
from abckg.since.inference import update
from abckg.since.revisions import Changed, Repository
from abckg.since.rows import Stated, bindings
from abckg.sources import SourceFile, Sources, read, read_file, to_rdflib
from abckg.validate.context import Context
from abckg.validate.evidence import changed_evidence
from abckg.validate.files import file_format, file_path, file_prefixes, unknown_file
from abckg.validate.gate import CHECKS, refuse_unknown, syntax_finding, validate
from abckg.validate.graph import consistency, needs_all_names, rule_finding
from abckg.validate.ontology import deprecated_in_queries, misspelt_terms
from abckg.validate.queries import unexpected, unreadable
from abckg.validate.shapes import shape_finding

__all__ = ["Outcome", "outcome", "validate_since"]

_OF_FOCUS = {SH.MinCountConstraintComponent, SH.QualifiedMinCountConstraintComponent}
_SUBCLASS = ox.NamedNode(f"{RDFS}subClassOf")


@dataclass(frozen=True)
class Outcome:
    """What a change to records can have broken, before it is put into words.

    Attributes:
        results: the shapes' results for every focus node that the change can affect.
        hits: the rows of rules that are new, and perhaps some that are not, each with its rule.
        is_suspect: whether the change leaves something of two disjoint classes.
        focus: how many focus nodes were validated.
    """

    results: tuple[Result, ...]
    hits: tuple[tuple[Check, Hit], ...]
    is_suspect: bool
    focus: int


def validate_since(
    root: Path,
    revision: str,
    *,
    cache: Path,
    untracked: bool = True,
    only: tuple[str, ...] = (),
    language: str = "en",
    documents: Path | None = None,
    engine: EngineName = "auto",
) -> Report:
    """Check what differs between a git revision and the working tree, and all that this can have broken.

    Args:
        root: the dataset, in a git repository.
        revision: the state that is known, or assumed, to conform.
        cache: where the index of the revision is kept between runs.
        untracked: whether files that git does not know count.
        only: as for ``validate``.
        language: as for ``validate``.
        documents: as for ``validate``.
        engine: as for ``validate``.

    Returns:
        Every finding of a full run that was none at the revision, and perhaps old ones that the change touches.
        A note says what was looked at.

    Raises UsageError where there is no such revision, no git, or a name in ``only`` is unknown.
    """
    refuse_unknown(only)
    repository = Repository(root)
    commit = repository.commit(revision)
    strangers: frozenset[Path] = frozenset() if untracked else repository.untracked()
    seen = [change for change in repository.since(commit) if change.path not in strangers]
    run = _Run(root, seen, only, language, documents, engine, strangers)
    try:
        return run.report(repository, commit, cache)
    except Unbounded as reason:
        report = validate(root, only=only, language=language, documents=documents, engine=engine, without=strangers)
        return replace(report, notes=(*report.notes, _whole(reason, language)))


def _whole(reason: Unbounded, language: str) -> str:
    if language == "ja":
        return f"{reason.japanese}ため、全体を検査しました"
    return f"everything was checked, because {reason.english}"


class _Run:
    """One validation of some changed files."""

    def __init__(
        self,
        root: Path,
        changed: Sequence[Changed],
        only: tuple[str, ...],
        language: str,
        documents: Path | None,
        engine: EngineName,
        without: Collection[Path],
    ) -> None:
        self._engine = engine
        self._root = root
        self._without = without
        self._changed = changed
        self._wanted = [
            name
            for name in CHECKS
            if (not only or name in only or name == "syntax") and (name != "evidence" or documents is not None)
        ]
        self._language = language
        self._documents = documents

    def report(self, repository: Repository, commit: str, cache: Path) -> Report:
        for change in self._changed:
            if change.path.parts[0] != "data" and change.path.suffix in (".ttl", ".rq"):
                raise Unbounded(f"{change.path} changed", f"{change.path} が変更された")
        pairs, errors = self._parsed()
        if errors:
            return Report(tuple(sorted(syntax_finding(error, self._language) for error in errors)), ("syntax",))
        delta = record_delta(pairs)
        files = [new for _, new in pairs if new is not None]
        found = set(self._of_files(files))
        focus = 0
        if delta.added or delta.removed or self._has_queries():
            with opened(repository, commit, cache) as baseline:
                rules = load_checks(self._root) if "graph" in self._wanted else []
                result = outcome(baseline, delta, rules, engine=self._engine if "shapes" in self._wanted else None)
                focus = result.focus
                found |= set(self._of_graph(result, baseline, files))
                if "queries" in self._wanted:
                    found |= set(unexpected(self._context(()), baseline.index.ask))
                if self._documents is not None and "evidence" in self._wanted:
                    found |= set(changed_evidence(self._root, self._documents, self._language, delta, baseline))
        return Report(tuple(sorted(found)), tuple(self._wanted), (self._scope(len(self._changed), focus),))

    def _has_queries(self) -> bool:
        return any(change.path.suffix == ".rq" for change in self._changed)

    def _scope(self, files: int, focus: int) -> str:
        if self._language == "ja":
            return f"変更されたファイル {files} 件と、その影響が及び得る {focus} 件を検査しました"
        return f"changed files: {files}; things that the change can affect: {focus}"

    def _parsed(self) -> tuple[list[tuple[SourceFile | None, SourceFile | None]], list[SourceError]]:
        """Return the changed record files in both states, and the errors of those that are malformed now."""
        pairs = []
        errors = []
        for change in self._changed:
            if change.path.suffix != ".ttl":
                continue
            try:
                new = None if change.new is None else parsed(change.path, change.new)
            except SourceError as error:
                errors.append(error)
                continue
            try:
                old = None if change.old is None else parsed(change.path, change.old)
            except SourceError as error:
                raise Unbounded(
                    f"{change.path} of the revision is malformed", f"元の {change.path} を正しく読めない"
                ) from error
            pairs.append((old, new))
        return pairs, errors

    def _context(self, files: Iterable[SourceFile]) -> Context:
        unique = {file.path: file for file in files}
        ordered = tuple(unique[path] for path in sorted(unique))
        return Context(Sources(self._root, load_prefixes(self._root), ordered), self._language)

    def _of_files(self, files: Sequence[SourceFile]) -> Iterator[Finding]:
        context = self._context(files)
        for name, check in (("format", file_format), ("prefixes", file_prefixes), ("paths", file_path)):
            for file in files if name in self._wanted else ():
                yield from check(context, file)
        present = [change.path for change in self._changed if change.new is not None]
        for path in present if "paths" in self._wanted else ():
            yield from unknown_file(context, path) if path.parts[0] == "data" else ()
        asked = self._has_queries()
        if "queries" in self._wanted and asked:
            yield from unreadable(self._context(()))
        if "ontology" in self._wanted:
            # Its other rules are about the ontology and the shapes, which are as they were.
            yield from misspelt_terms(context)
            yield from deprecated_in_queries(self._everything()) if asked else ()

    def _of_graph(self, result: Outcome, baseline: Baseline, files: Sequence[SourceFile]) -> Iterator[Finding]:
        if not (result.results or result.hits or result.is_suspect):
            return
        subjects = {*(str(r.focus) for r in result.results), *(hit.focus for _, hit in result.hits)}
        homes = {subject: self._home(subject, baseline) for subject in subjects}
        if self._is_local(result) and all(homes.values()):
            known = {file.path for file in files}
            others = sorted({path for path in homes.values() if path is not None} - known)
            context = self._context([*files, *(read_file(self._root, path) for path in others)])
        else:
            context = self._everything()
        yield from (shape_finding(context, r) for r in result.results)
        yield from (rule_finding(context, check, hit) for check, hit in result.hits)
        if result.is_suspect and "consistency" in self._wanted:
            yield from consistency(context)

    def _everything(self) -> Context:
        return self._context(file for file in read(self._root).files if file.path not in self._without)

    def _is_local(self, result: Outcome) -> bool:
        """Return whether the files of the focus nodes are all that is needed to say what is wrong and where."""
        rows = any(needs_all_names(check, hit) for check, hit in result.hits)
        paths = any(r.path is None and r.component not in _OF_FOCUS for r in result.results)
        return not (result.is_suspect or rows or paths)

    def _home(self, subject: str, baseline: Baseline) -> Path | None:
        """Return the file that describes a subject."""
        if subject in baseline.homes:
            return Path(baseline.homes[subject])
        parts = subject.removeprefix(ID).split("/")
        path = Path("data", *parts[:2]).with_suffix(".ttl")
        return path if subject.startswith(ID) and (self._root / path).is_file() else None


def outcome(
    baseline: Baseline, delta: Delta, checks: Iterable[Check], *, engine: EngineName | None = "auto"
) -> Outcome:
    """Return what a change to records can have broken.

    Args:
        baseline: the state before; its index is brought to the state after.
        delta: what changed.
        checks: the rules over the whole graph to ask.
        engine: what runs the shapes; they are not run where it is None.

    Raises:
        Unbounded: it cannot be told from the change.
    """
    index = baseline.index
    conclusions = update(index, baseline.axioms, delta.removed, delta.added)
    added = [*_stated(delta.added, DATA), *_stated(conclusions.added, INFERRED)]
    removed = [*_stated(delta.removed, DATA), *_stated(conclusions.removed, INFERRED)]
    rows = tuple((check, hit) for check in checks for hit in _rows(baseline, check, added, removed))
    results: tuple[Result, ...] = ()
    focus: set[Term] = set()
    if engine is not None:
        gone = delta.removed

        def before_or_after(pattern: Pattern) -> list[ox.Triple]:
            return [*index.find(pattern, SHAPED), *(t for t in gone if pattern.fits(t))]

        focus = focus_nodes(baseline.needs, delta.added | delta.removed, before_or_after)
        results = tuple(_validated(index, baseline.needs, focus, engine))
    return Outcome(results, rows, bool(conclusions.suspects), len(focus))


def _stated(triples: Iterable[ox.Triple], graph: ox.NamedNode) -> list[Stated]:
    return [(triple, frozenset((graph.value,))) for triple in triples]


def _rows(baseline: Baseline, check: Check, added: Collection[Stated], removed: Collection[Stated]) -> set[Hit]:
    patterns = baseline.rules.get(f"{check.name}-violation.rq")
    pairs = None if patterns is None else bindings(patterns, added, removed)
    found: set[Hit] = set()
    for given in [{}] if pairs is None else [dict([pair]) for pair in pairs]:
        found.update(hits(baseline.index.ask(check.text, given)))
    return found


def _validated(index: Index, needs: Dependencies, focus: set[Term], engine: EngineName) -> Sequence[Result]:
    """Run the shapes on some nodes and what they consult."""

    def find(pattern: Pattern) -> list[ox.Triple]:
        return index.find(pattern, SHAPED)

    hierarchy = [
        t for t in index.find(Pattern(None, _SUBCLASS, None), (SCHEMA, *SHAPED)) if isinstance(t.object, ox.NamedNode)
    ]

    def find_with_classes(pattern: Pattern) -> list[ox.Triple]:
        return index.find(pattern, (SCHEMA, *SHAPED)) if pattern.predicate == _SUBCLASS else find(pattern)

    def about(pattern: Pattern) -> list[ox.Triple]:
        return index.find(pattern, (SHAPES,))

    shapes = relevant_shapes(needs, focus, find_with_classes, about)
    if not shapes:
        return []
    data = [*neighbourhood(needs, focus, find), *hierarchy]
    constraints = list(shapes)
    if engine == "auto" and "pyshacl" not in sys.modules and not divide(constraints).limits:
        engine = "fast"  # it is done before pySHACL is imported
    return run_shapes(data, constraints, engine=engine, focus=_rdflib_nodes(focus)).results


def _rdflib_nodes(terms: Iterable[Term]) -> list[rdflib.term.Node]:
    """Return terms as rdflib has them."""
    subject, predicate = ox.NamedNode("urn:x"), ox.NamedNode("urn:y")
    graph = to_rdflib(ox.Triple(subject, predicate, term) for term in terms)
    return list(graph.objects())
