"""The one gate: everything that must hold of a dataset, checked in one run.

The checks, in order: syntax, format, prefixes, paths, shapes, graph (rules over everything), consistency,
queries and, where the texts of the documents are at hand, evidence. Layer: imports the core below ``cli``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox
import rdflib

from abckg import turtle
from abckg.checks import load_checks, run_check
from abckg.dataset import Dataset, closure
from abckg.errors import AbckgError, SourceError, TurtleSyntaxError, UsageError
from abckg.evidence import verify
from abckg.namespaces import RDF, Prefixes, load_prefixes
from abckg.positions import locate, spelling
from abckg.queries import load_catalogue
from abckg.reason import Closure
from abckg.report import Finding, Report
from abckg.shacl import Result, check_graph, data_graph
from abckg.sources import SourceFile, Sources, read_files, to_rdflib
from abckg.store import EmbeddedStore, Term

__all__ = ["CHECKS", "validate"]

CHECKS = ("syntax", "format", "prefixes", "paths", "shapes", "graph", "consistency", "queries", "evidence")
_PREFIX_LINE = re.compile(r"^\s*@?prefix\s+([^\s:]*):\s*<([^>]*)>", re.IGNORECASE)


def validate(root: Path, *, only: tuple[str, ...] = (), language: str = "en", documents: Path | None = None) -> Report:
    """Check a dataset.

    Args:
        root: the dataset.
        only: names of ``CHECKS`` to run; all where empty. Syntax is always checked first.
        language: ``en`` or ``ja``, the language of the messages of shapes and rules.
        documents: the folder with the texts of the documents; the evidence check is left out without it.

    Returns:
        All findings. Where a file is malformed only the syntax findings, since the graph would be incomplete.

    Raises:
        UsageError: an unknown name in ``only``.
        AbckgError: the dataset is missing or a shape, rule or query cannot be run.
    """
    unknown = set(only) - set(CHECKS)
    if unknown:
        raise UsageError(f"no check is called {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    files, errors = read_files(root)
    if errors:
        return Report(tuple(sorted(_syntax_finding(error) for error in errors)), ("syntax",))
    validator = _Validator(Sources(root, load_prefixes(root), tuple(files)), language, documents)
    wanted = [name for name in validator.checks if not only or name in only]
    findings = sorted(finding for name in wanted for finding in validator.checks[name]())
    return Report(tuple(findings), ("syntax", *wanted))


def _syntax_finding(error: SourceError) -> Finding:
    rule = "turtle-syntax" if isinstance(error, TurtleSyntaxError) else "unreadable-file"
    return Finding(error.path, error.line, error.column, rule, error.reason, check="syntax")


class _Validator:
    def __init__(self, sources: Sources, language: str, documents: Path | None) -> None:
        self._sources = sources
        self._language = language
        self.checks: dict[str, Callable[[], Iterator[Finding]]] = {
            "format": self._format,
            "prefixes": self._prefixes,
            "paths": self._paths,
            "shapes": self._shapes,
            "graph": self._graph,
            "consistency": self._consistency,
            "queries": self._queries,
        }
        if documents is not None:
            self.checks["evidence"] = lambda: iter(verify(sources, documents).findings)

    @cached_property
    def _closure(self) -> Closure:
        return closure(self._sources)

    def _say(self, english: str, japanese: str) -> str:
        return japanese if self._language == "ja" else english

    def _format(self) -> Iterator[Finding]:
        for file in self._sources.files:
            comments = turtle.head_comments(file.text)
            canonical = turtle.serialize(file.triples, self._sources.prefixes, comments=comments)
            if canonical != file.text:
                line = _first_difference(file.text, canonical)
                message = self._say(
                    f"the file is not in canonical form; run: abckg fmt {file.path}",
                    f"書式が正規形ではありません。次を実行してください：abckg fmt {file.path}",
                )
                yield Finding(file.path, line, 1, "canonical-format", message, check="format")

    def _prefixes(self) -> Iterator[Finding]:
        for file in self._sources.files:
            for number, line in enumerate(file.text.splitlines(), 1):
                match = _PREFIX_LINE.match(line)
                if match and self._sources.prefixes.get(match[1]) != match[2]:
                    message = self._say(
                        f"the prefix {match[1]}: is not spelled as in ontology/prefixes.ttl",
                        f"接頭辞 {match[1]}: が ontology/prefixes.ttl と一致しません",
                    )
                    yield Finding(file.path, number, match.start(1) + 1, "prefix", message, check="prefixes")

    def _paths(self) -> Iterator[Finding]:
        for file in self._sources.files:
            record = file.record
            if record is None:
                continue
            for subject in dict.fromkeys(t.subject for t in file.triples if isinstance(t.subject, ox.NamedNode)):
                if subject.value != record and not subject.value.startswith(f"{record}/"):
                    message = self._say(
                        f"this file describes <{record}>, not <{subject.value}>; move the statements to its own file",
                        f"このファイルは <{record}> のものです。<{subject.value}> の記述は別のファイルに移してください",
                    )
                    yield self._finding(file, subject.value, None, None, "path-is-iri", message, "paths")

    def _shapes(self) -> Iterator[Finding]:
        shapes = to_rdflib(self._sources.triples("shapes"))
        for result in check_graph(data_graph(self._sources), shapes):
            yield self._shape_finding(result)

    def _shape_finding(self, result: Result) -> Finding:
        rule = str(result.shape).rsplit("/", 1)[-1]
        message = result.messages.get(self._language) or next(iter(result.messages.values()), "")
        value = None if result.value is None else _oxigraph_term(result.value)
        shown = "" if value is None or result.path is None else f" ({_shown(value, self._sources.prefixes)})"
        finding = self._place(str(result.focus), None if result.path is None else str(result.path), value)
        return Finding(*finding, rule, message + shown, result.severity, str(result.focus), "shapes")

    def _graph(self) -> Iterator[Finding]:
        dataset = Dataset(
            tuple(self._sources.triples("ontology", "vocab", "alignment")),
            tuple(self._sources.triples("data")),
            self._closure.inferred,
            self._sources.prefixes,
        )
        store = EmbeddedStore.from_dataset(dataset)
        for check in load_checks(self._sources.root):
            for hit in run_check(check, store):
                values = {
                    "path": self._sources.prefixes.curie(hit.path or ""),
                    "value": "" if hit.value is None else _shown(hit.value, self._sources.prefixes),
                }
                place = self._place(hit.focus, hit.path, hit.value)
                message = check.messages[self._language].format(**values)
                yield Finding(*place, check.name, message, check.severity, hit.focus, "graph")

    def _consistency(self) -> Iterator[Finding]:
        for clash in self._closure.clashes:
            curie = self._sources.prefixes.curie
            one, other = (curie(name.value) for name in clash.classes)
            causes = "; ".join(" ".join(_shown(term, self._sources.prefixes) for term in t) for t in clash.cause)
            message = self._say(
                f"this cannot be both {one} and {other}; correct one of what it follows from: {causes}",
                f"{one} と {other} の両方ではあり得ません。もとの記述のいずれかを直してください：{causes}",
            )
            place = self._place(clash.node.value, f"{RDF}type", None)
            yield Finding(*place, "disjoint-classes", message, focus=clash.node.value, check="consistency")

    def _queries(self) -> Iterator[Finding]:
        try:
            catalogue = load_catalogue(self._sources.root)
        except SourceError as error:
            path = error.path.relative_to(self._sources.root)
            yield Finding(path, error.line, error.column, "query-header", error.reason, check="queries")
            return
        store = EmbeddedStore(ox.Store(), "")
        for slug, query in catalogue.items():
            path = Path("data/queries") / f"{slug}.rq"
            try:
                store.query(query.bind())
            except AbckgError as error:
                yield Finding(path, 1, 1, "query", str(error), check="queries")

    def _place(self, focus: str, path: str | None, value: Term | None) -> tuple[Path, int | None, int | None]:
        file = self._sources.declared_in.get(focus)
        if file is None:
            return Path(), None, None
        spelled = spelling(value, self._sources.prefixes) if isinstance(value, ox.NamedNode | ox.Literal) else None
        found = locate(file.text, focus, path, spelled, self._sources.prefixes)
        return (file.path, *found) if found else (file.path, None, None)

    def _finding(
        self, file: SourceFile, focus: str, path: str | None, value: str | None, rule: str, message: str, check: str
    ) -> Finding:
        line, column = locate(file.text, focus, path, value, self._sources.prefixes) or (None, None)
        return Finding(file.path, line, column, rule, message, focus=focus, check=check)


def _first_difference(text: str, canonical: str) -> int:
    ours, theirs = text.split("\n"), canonical.split("\n")
    pairs = zip(ours, theirs, strict=False)
    same = next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
    return min(same + 1, len(ours))


def _shown(term: Term, prefixes: Prefixes) -> str:
    return spelling(term, prefixes) if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _oxigraph_term(term: rdflib.term.Node) -> Term:
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return (
            ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))
        )
    return ox.BlankNode(str(term))
