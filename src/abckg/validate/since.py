"""Validation of what changed since a git revision: what it finds is what a full run finds of what the change broke.

The files that differ are parsed in both states; the triples that differ lead to the focus nodes, the conclusions and
the rows of rules that can come out otherwise. Where that is not bounded, everything is checked and the report says
why. Layer: part of ``validate``; imports the core and ``since``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from abckg.checks import load_checks
from abckg.errors import SourceError
from abckg.namespaces import ID, SH, load_prefixes
from abckg.queries import query_files
from abckg.reports.report import Finding, Report
from abckg.shacl.engines import EngineName
from abckg.since.baseline import Baseline, Delta, opened, parsed, record_delta
from abckg.since.chains import Term
from abckg.since.errors import Unbounded
from abckg.since.outcome import Outcome, outcome
from abckg.since.revisions import Changed, Repository
from abckg.sources import SourceFile, Sources, read, read_file
from abckg.validate.context import Context
from abckg.validate.evidence import changed_evidence
from abckg.validate.files import file_format, file_path, file_prefixes, unknown_file
from abckg.validate.gate import CHECKS, refuse_unknown, syntax_finding, validate
from abckg.validate.graph import consistency, needs_all_names, rule_finding
from abckg.validate.ontology import deprecated_in_queries, misspelt_terms
from abckg.validate.queries import unexpected, unreadable
from abckg.validate.shapes import shape_finding

__all__ = ["validate_since"]

_OF_FOCUS = {f"{SH}{name}CountConstraintComponent" for name in ("Min", "QualifiedMin")}


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
                    asked = self._touched_queries(baseline, delta, result)
                    found |= set(unexpected(self._context(()), baseline.index.ask, asked))
                if self._documents is not None and "evidence" in self._wanted:
                    found |= set(changed_evidence(self._root, self._documents, self._language, delta, baseline))
        return Report(tuple(sorted(found)), tuple(self._wanted), (self._scope(len(self._changed), focus),))

    def _touched_queries(self, baseline: Baseline, delta: Delta, result: Outcome) -> list[Path]:
        """Return the queries that changed or whose answers may have."""
        changed = {change.path for change in self._changed}
        concluded = result.conclusions.added | result.conclusions.removed
        triples = delta.added | delta.removed | concluded
        files = query_files(self._root)
        return [path for path in files if path in changed or baseline.patterns(path).are_touched(triples)]

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
        subjects = {*(_name(r.focus) for r in result.results), *(hit.focus for _, hit in result.hits)}
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


def _name(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)
