"""Runs the checks over a dataset and puts what they found into one report.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from abckg.errors import AxiomRefused, SourceError, TurtleSyntaxError, UsageError
from abckg.evidence import verify
from abckg.namespaces import load_prefixes
from abckg.parallel import alongside
from abckg.reports.report import Finding, Note, Place, Report
from abckg.shacl.engines import EngineName
from abckg.sources import Sources, read_files
from abckg.validate.context import Context, found
from abckg.validate.files import formats, paths, prefixes
from abckg.validate.graph import axiom_refused, consistency, graph
from abckg.validate.ontology import ontology, profile
from abckg.validate.queries import queries
from abckg.validate.shapes import shapes

__all__ = ["CHECKS", "refuse_unknown", "syntax_finding", "validate"]

_CHECKS: dict[str, Callable[[Context], Iterator[Finding | Note]]] = {
    "format": formats,
    "prefixes": prefixes,
    "paths": paths,
    "shapes": shapes,
    "graph": graph,
    "ontology": ontology,
    "profile": profile,
    "consistency": consistency,
    "queries": queries,
}
_BESIDE = {"format", "prefixes", "paths", "shapes", "ontology", "profile", "evidence"}
CHECKS = ("syntax", *_CHECKS, "evidence")


def validate(
    root: Path,
    *,
    only: tuple[str, ...] = (),
    language: str = "en",
    documents: Path | None = None,
    engine: EngineName = "auto",
    without: Collection[Path] = (),
) -> Report:
    """Check a dataset.

    Args:
        root: the dataset.
        only: names of ``CHECKS`` to run; all where empty. Syntax is always checked first.
        language: ``en`` or ``ja``, the language of the messages of shapes and rules.
        documents: the folder with the texts of the documents; the evidence check is left out without it.
        engine: what runs the shapes; ``engines`` says which there are.
        without: files, relative to the root, to take as not there.

    Returns:
        All findings. Where a file is malformed only the syntax findings, since the graph would be incomplete.

    Raises:
        UsageError: an unknown name in ``only``.
        AbckgError: the dataset is missing or a shape, rule or query cannot be run.
    """
    refuse_unknown(only)
    files, errors = read_files(root)
    files, errors = ([f for f in files if f.path not in without], [e for e in errors if e.path not in without])
    if errors:
        return Report(tuple(sorted(syntax_finding(error, language) for error in errors)), ("syntax",))
    context = Context(Sources(root, load_prefixes(root), tuple(files)), language, engine)
    checks = {name: partial(_listed, check, context) for name, check in _CHECKS.items()}
    if documents is not None:
        checks["evidence"] = partial(_listed, partial(_evidence, documents), context)
    report = _run({name: check for name, check in checks.items() if not only or name in only})
    return replace(report, findings=tuple(f for f in report.findings if f.path not in without))


def _run(checks: Mapping[str, Callable[[], list[Finding | Note]]]) -> Report:
    """Run the checks, those that need no more than the files in a second process."""
    beside = partial(_all, [check for name, check in checks.items() if name in _BESIDE])
    rest = [check for name, check in checks.items() if name not in _BESIDE]
    waiting = alongside(beside) if rest else beside
    said = {*_all(rest), *waiting()}
    findings = sorted(part for part in said if isinstance(part, Finding))
    notes = sorted(part.text for part in said if isinstance(part, Note))
    return Report(tuple(findings), ("syntax", *checks), tuple(notes))


def refuse_unknown(only: Collection[str]) -> None:
    """Raise UsageError where one of some names is not that of a check."""
    unknown = set(only) - set(CHECKS)
    if unknown:
        raise UsageError(f"no check is called {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")


def _all(checks: Iterable[Callable[[], list[Finding | Note]]]) -> list[Finding | Note]:
    return [part for check in checks for part in check()]


def _listed(check: Callable[[Context], Iterator[Finding | Note]], context: Context) -> list[Finding | Note]:
    said: list[Finding | Note] = []
    try:
        for part in check(context):
            said.append(part)
    except AxiomRefused as error:
        said.append(axiom_refused(context, error))
    return said


def _evidence(documents: Path, context: Context) -> Iterator[Finding]:
    yield from verify(context.sources, documents, context.language).findings


def syntax_finding(error: SourceError, language: str) -> Finding:
    """Return what keeps a file from being read as a finding."""
    rule = "turtle-syntax" if isinstance(error, TurtleSyntaxError) else "unreadable-file"
    message = error.japanese if language == "ja" else error.reason
    place = Place(error.path, error.line, error.column, error.end_line, error.end_column)
    return found(rule, message, "syntax", (place,))
