"""The one gate: everything that must hold of a dataset, checked in one run.

The checks, in order: syntax, format, prefixes, paths, shapes, graph (rules over everything), consistency,
queries and, where the texts of the documents are at hand, evidence. Layer: imports the core below ``cli``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path

import pyoxigraph as ox
import rdflib

from abckg import turtle
from abckg.checks import load_checks, run_check
from abckg.dataset import Dataset, closure
from abckg.errors import AbckgError, SourceError, TurtleSyntaxError, UsageError
from abckg.evidence import verify
from abckg.namespaces import RDF, Prefixes, load_prefixes
from abckg.parallel import alongside
from abckg.positions import locate, spelling
from abckg.queries import load_catalogue
from abckg.reason import Closure
from abckg.report import Finding, Report
from abckg.shacl import Result, check_graph, data_graph
from abckg.sources import SourceFile, Sources, read_files, to_rdflib
from abckg.store import EmbeddedStore, Term

__all__ = ["CHECKS", "validate"]

CHECKS = ("syntax", "format", "prefixes", "paths", "shapes", "graph", "consistency", "queries", "evidence")
_MISNAMED = ("dangling-reference", "undeclared-term")
_RECORD_PATH = re.compile(r"data/[a-z-]+/[a-z0-9]+(?:-[a-z0-9]+)*\.ttl\Z")
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
        return Report(tuple(sorted(_syntax_finding(error, language) for error in errors)), ("syntax",))
    validator = _Validator(Sources(root, load_prefixes(root), tuple(files)), language, documents)
    wanted = [name for name in validator.checks if not only or name in only]
    results: dict[str, Callable[[], list[Finding]]] = {
        name: partial(_listed, validator.checks[name]) for name in wanted
    }
    if "shapes" in wanted and len(wanted) > 1:
        results["shapes"] = alongside(results["shapes"])  # it takes as long as all the others together
    findings = sorted({finding for name in sorted(wanted, key="shapes".__eq__) for finding in results[name]()})
    return Report(tuple(findings), ("syntax", *wanted))


def _listed(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    return list(check())


def _syntax_finding(error: SourceError, language: str) -> Finding:
    rule = "turtle-syntax" if isinstance(error, TurtleSyntaxError) else "unreadable-file"
    message = error.japanese if language == "ja" else error.reason
    return Finding(error.path, error.line, error.column, rule, message, check="syntax")


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
            self.checks["evidence"] = lambda: iter(verify(sources, documents, language).findings)

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
                    message = self._prefix_message(match[1])
                    yield Finding(file.path, number, match.start(1) + 1, "prefix", message, check="prefixes")

    def _prefix_message(self, label: str) -> str:
        right = self._sources.prefixes.get(label)
        if right is None:
            return self._say(
                f"the prefix {label}: is not in ontology/prefixes.ttl; use one that is",
                f"接頭辞 {label}: は ontology/prefixes.ttl にありません。そこにあるものを用いてください",
            )
        return self._say(
            f"write @prefix {label}: <{right}> . as in ontology/prefixes.ttl",
            f"ontology/prefixes.ttl と同じく @prefix {label}: <{right}> . としてください",
        )

    def _paths(self) -> Iterator[Finding]:
        for path in sorted((self._sources.root / "data").rglob("*")):
            if path.is_file() and path.suffix not in (".ttl", ".rq") and path.name != "README.md":
                message = self._say(
                    "only records (.ttl), queries (.rq) and README.md stand here; rename or remove the file",
                    "置けるのは記録（.ttl）、問い（.rq）、README.md だけです。名前を変えるか、除いてください",
                )
                yield Finding(path.relative_to(self._sources.root), None, None, "unknown-file", message, check="paths")
        for file in self._sources.files:
            if file.record is not None:
                yield from self._path(file, file.record)

    def _path(self, file: SourceFile, record: str) -> Iterator[Finding]:
        if not _RECORD_PATH.match(file.path.as_posix()):
            message = self._say(
                "name the file data/<type>/<slug>.ttl in lower-case letters, digits and hyphens",
                "ファイル名は data/<種類>/<名前>.ttl とし、英小文字、数字、ハイフンだけを用いてください",
            )
            yield Finding(file.path, None, None, "path-name", message, check="paths")
        subjects = {t.subject.value for t in file.triples if isinstance(t.subject, ox.NamedNode)}
        if not subjects:
            message = self._say(f"this file says nothing of <{record}>", f"<{record}> についての記述がありません")
            yield Finding(file.path, None, None, "path-is-iri", message, check="paths")
        strangers = {subject for subject in subjects if not f"{subject}/".startswith(f"{record}/")}
        for subject in sorted(s for s in strangers if not any(s.startswith(f"{other}/") for other in strangers)):
            message = self._say(
                f"this file describes <{record}>, not <{subject}>; rename the file, or correct the IRI",
                f"このファイルは <{record}> のものです。ファイル名を変えるか、<{subject}> を直してください",
            )
            yield self._finding(file, subject, None, None, "path-is-iri", message, "paths")

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
                message = check.messages[self._language].format(**values) + self._guess(check.name, hit.value)
                yield Finding(*place, check.name, message, check.severity, hit.focus, "graph")

    def _guess(self, check: str, value: Term | None) -> str:
        """Return a name that the writer may have meant, for a name that is not there."""
        if check not in _MISNAMED or not isinstance(value, ox.NamedNode):
            return ""
        stem = value.value[: max(value.value.rfind("/"), value.value.rfind("#")) + 1]
        known = [iri for iri in self._sources.declared_in if iri.startswith(stem)]
        close = difflib.get_close_matches(value.value, known, 1, 0.8)
        meant = self._sources.prefixes.curie(close[0]) if close else ""
        return self._say(f" Did you mean {meant}?", f" {meant} ではありませんか。") if meant else ""

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
