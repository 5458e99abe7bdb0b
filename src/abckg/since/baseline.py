"""The index of a committed revision, kept between runs.

An index is named by the content that it was made from (the hashes that git gives to the folders of a dataset) and by
the versions of the programs that made it, and is never changed: a run works on a copy, which costs milliseconds since
the files of the store are shared. It is written under another name and then renamed, so that no run sees half of one.
Where a new revision differs in records only, its index is made from that of an older one.
Layer: part of ``since``; imports ``checks``, ``dataset``, ``sources`` and the rest of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from abckg import turtle
from abckg.checks import CHECK_FOLDER
from abckg.dataset import closure
from abckg.errors import ReasoningError, SourceError
from abckg.namespaces import OWL, RDF, RDFS, Prefixes
from abckg.parallel import alongside
from abckg.queries import QUERY_FOLDER
from abckg.reasoning.rules import compile_rules
from abckg.since.chains import Dependencies, dependencies
from abckg.since.errors import Unbounded
from abckg.since.facts import read_dependencies, read_program, written_dependencies, written_program
from abckg.since.index import INFERRED, SCHEMA, SHAPED, Index, Pattern, contents
from abckg.since.inference import Program, program, update
from abckg.since.revisions import Changed, Repository
from abckg.since.rows import Patterns
from abckg.sources import SourceFile, Sources, decoded, kind_of

__all__ = [
    "Baseline",
    "Delta",
    "cache_folder",
    "describe",
    "known_of",
    "opened",
    "parsed",
    "record_delta",
    "refuse_axioms",
]

_MAKERS = ("dataset.py", "reasoning/reason.py", "reasoning/rules.py", "sources.py", "turtle.py")
_QUERY_FOLDERS = (CHECK_FOLDER, QUERY_FOLDER)
_TRIES = 20
_KEPT = 4
_AXIOMS = {f"{RDFS}{name}" for name in ("subClassOf", "subPropertyOf", "domain", "range")}


@dataclass(frozen=True)
class Baseline:
    """The index of a revision and what is known of it.

    Attributes:
        index: a copy that may be changed.
        queries: the patterns of each query and of each rule over the whole graph by its file.
        homes: the file of each subject outside the records.
        needs: what the shapes consult.
        axioms: what the ontology says about records.
    """

    index: Index
    queries: Mapping[str, Patterns]
    homes: Mapping[str, str]
    needs: Dependencies
    axioms: Program

    @classmethod
    def of(cls, index: Index, facts: Mapping[str, Any]) -> Baseline:
        """Return an index with what ``describe`` said of it."""
        queries = {name: Patterns.from_json(patterns) for name, patterns in facts["queries"].items()}
        return cls(index, queries, facts["homes"], read_dependencies(facts["needs"]), read_program(facts["axioms"]))

    def patterns(self, query: Path) -> Patterns:
        """Return the patterns of the query in a file; of one that is not known, nothing is known."""
        return self.queries.get(query.as_posix(), Patterns(None, None))


@dataclass(frozen=True)
class Delta:
    """The triples of records that are new and those that are gone."""

    added: frozenset[ox.Triple]
    removed: frozenset[ox.Triple]


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return where indexes are kept: ``abckg`` in the user's cache folder (XDG Base Directory Specification)."""
    base = environment.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "abckg"


def parsed(path: Path, content: bytes) -> SourceFile:
    """Return a file with the content of some revision, parsed; SourceError where it cannot be."""
    text = decoded(path, content)
    return SourceFile(path, kind_of(path) or "data", text, tuple(turtle.parse(text, path)))


def record_delta(files: Iterable[tuple[SourceFile | None, SourceFile | None]]) -> Delta:
    """Return what changed between the old and the new content of some record files.

    Raises:
        Unbounded: a file describes something else than its record, which another file may describe, too.
    """
    added: set[ox.Triple] = set()
    removed: set[ox.Triple] = set()
    for old, new in files:
        for file in (old, new):
            if file is not None and _is_astray(file):
                raise Unbounded(
                    f"{file.path} describes something else than its record",
                    f"{file.path} が別の記録について述べている",
                )
        before = frozenset(old.triples) if old else frozenset()
        after = frozenset(new.triples) if new else frozenset()
        added |= after - before
        removed |= before - after
    delta = Delta(frozenset(added), frozenset(removed))
    refuse_axioms(delta)
    return delta


def refuse_axioms(delta: Delta) -> None:
    """Raise Unbounded where a change touches an axiom."""
    if any(map(_is_axiom, delta.added | delta.removed)):
        raise Unbounded("a record states an axiom", "記録に公理が記されている")


def _is_axiom(triple: ox.Triple) -> bool:
    predicate = triple.predicate.value
    kind = triple.object.value if isinstance(triple.object, ox.NamedNode) and predicate == f"{RDF}type" else ""
    return predicate in _AXIOMS or predicate.startswith(OWL) or kind.startswith(OWL)


def _is_astray(file: SourceFile) -> bool:
    return any(
        not isinstance(t.subject, ox.NamedNode) or not f"{t.subject.value}/".startswith(f"{file.record}/")
        for t in file.triples
    )


@contextmanager
def opened(repository: Repository, commit: str, cache: Path) -> Iterator[Baseline]:
    """Open the index of a commit, making it where there is none yet.

    Raises:
        Unbounded: the commit holds something that no bounded check can start from.
    """
    trees = repository.trees(commit)
    home = cache / "since" / _key(trees)
    if not (home / "facts.json").is_file():
        _publish(_made(repository, commit, trees, home), home)
    facts = json.loads((home / "facts.json").read_text(encoding="utf-8"))
    if facts.get("obstacle"):
        raise Unbounded(*facts["obstacle"])
    os.utime(home)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=home.parent))
    try:
        ox.Store.read_only(str(home / "store")).backup(str(folder / "store"))
        yield Baseline.of(Index(ox.Store(str(folder / "store"))), facts)
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder; the threads of the store in it may still write a file while that is done."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.02)


def _key(trees: Mapping[str, str]) -> str:
    """Return the name of an index: a hash of what it is made from, the programs that make it among that."""
    here = Path(__file__).parent
    programs = [path.read_bytes() for path in (*sorted(here.glob("*.py")), *(here.parent / name for name in _MAKERS))]
    parts = [f"{name} {version(name)}" for name in ("pyoxigraph", "nemo-python", "rdflib")]
    parts += [f"{name} {tree}" for name, tree in sorted(trees.items())]
    return hashlib.sha256(b"".join(programs) + "\n".join(parts).encode("utf-8")).hexdigest()[:32]


def _publish(made: Path, home: Path) -> None:
    try:
        made.rename(home)
    except OSError:
        shutil.rmtree(made)  # another run was faster; what it made is the same
    others = sorted((path for path in home.parent.iterdir() if (path / "facts.json").is_file()), key=_age)
    for path in others[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _age(path: Path) -> float:
    return path.stat().st_mtime


def _made(repository: Repository, commit: str, trees: Mapping[str, str], home: Path) -> Path:
    home.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="new-", dir=home.parent))
    facts: dict[str, object] = {"commit": commit, "trees": dict(trees)}
    try:
        if not _grown(repository, commit, trees, folder, facts):
            files = [(path, content) for path, content in repository.files(commit).items()]
            facts |= _from_files(files, folder)
    except Unbounded as obstacle:
        facts["obstacle"] = [obstacle.english, obstacle.japanese]
    (folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    return folder


def _from_files(files: Iterable[tuple[Path, bytes]], folder: Path) -> dict[str, object]:
    """Write the index of files and return what is known of it."""
    queries = {path: text.decode("utf-8", "replace") for path, text in files if path.parent in _QUERY_FOLDERS}
    try:
        turtles = tuple(parsed(path, content) for path, content in files if path.suffix == ".ttl")
    except SourceError as fault:
        raise Unbounded(
            f"{fault.path} of the revision cannot be read", f"元の {fault.path} を正しく読めない"
        ) from fault
    patterns = alongside(partial(_patterns, queries))
    sources = Sources(Path(), Prefixes({}), turtles)
    store = ox.Store(str(folder / "store"))
    try:
        store.bulk_extend(contents(sources, closure(sources).inferred))
        facts = describe(sources, patterns())
    except ReasoningError as fault:
        raise Unbounded(
            f"nothing can be inferred at the revision ({fault})", f"元の版では推論ができない（{fault}）"
        ) from fault
    store.flush()
    _refuse_conclusions_about_terms(Index(store))
    return facts


def describe(sources: Sources, patterns: Mapping[str, Patterns]) -> dict[str, object]:
    """Return what must be known of a dataset beside its index; Unbounded where no bounded check can start from it."""
    record_delta((None, file) for file in sources.files if file.kind == "data")
    if any(isinstance(term, ox.BlankNode) for t in sources.triples("data", "vocab") for term in t):
        raise Unbounded("a record has a blank node", "記録に空白ノードがある")
    needs = written_dependencies(dependencies(sources.triples("shapes")))
    homes: dict[str, str] = {}
    for file in sources.files:
        for triple in file.triples if file.kind != "data" else ():
            if isinstance(triple.subject, ox.NamedNode):
                homes.setdefault(triple.subject.value, file.path.as_posix())
    return {
        "homes": homes,
        "queries": {name: found.to_json() for name, found in patterns.items()},
        "needs": needs,
        "axioms": written_program(program(compile_rules(sources.triples("ontology")))),
    }


def known_of(
    index: Index, shapes: Iterable[ox.Triple], ontology: Iterable[ox.Triple], rules: Mapping[Path, str]
) -> Baseline:
    """Return an index that is not kept, with all that must be known of it.

    Args:
        index: the state that holds; it is not copied.
        shapes: the shapes graph.
        ontology: what the axioms are compiled from.
        rules: those over the whole graph by their files.

    Raises:
        Unbounded: no bounded check can start from it.
        ReasoningError: the axioms cannot be compiled.
    """
    if any(isinstance(term, ox.BlankNode) for graph in SHAPED for t in index.all(graph) for term in t):
        raise Unbounded("a record has a blank node", "記録に空白ノードがある")
    _refuse_conclusions_about_terms(index)
    return Baseline(index, _patterns(rules), {}, dependencies(shapes), program(compile_rules(ontology)))


def _patterns(queries: Mapping[Path, str]) -> dict[str, Patterns]:
    # A run that finds its index made needs no parser of queries, which takes long to import.
    from abckg.since.patterns import patterns_of

    return {path.as_posix(): patterns_of(text) for path, text in queries.items()}


def _refuse_conclusions_about_terms(index: Index) -> None:
    subjects = {t.subject for t in index.all(INFERRED) if isinstance(t.subject, ox.NamedNode)}
    if any(index.find(Pattern(subject, None, None), (SCHEMA,)) for subject in subjects):
        raise Unbounded(
            "something is concluded about a term of the ontology", "オントロジーの用語について導かれることがある"
        )


def _grown(
    repository: Repository, commit: str, trees: Mapping[str, str], folder: Path, facts: dict[str, object]
) -> bool:
    """Make the index from that of another revision with the same ontology and shapes; tell whether there was one."""
    others = sorted((path for path in folder.parent.iterdir() if (path / "facts.json").is_file()), key=_age)
    for other in reversed(others):
        known = json.loads((other / "facts.json").read_text(encoding="utf-8"))
        same = all(known["trees"].get(name) == trees.get(name) for name in ("ontology", "shapes"))
        if not same or known.get("obstacle") or other.name != _key(known["trees"]):
            continue
        try:
            changed = repository.between(known["commit"], commit)
            ox.Store.read_only(str(other / "store")).backup(str(folder / "store"))
            _advance(Baseline.of(Index(ox.Store(str(folder / "store"))), known), changed)
            queries = _advanced(known["queries"], changed)
        except (Unbounded, SourceError):
            shutil.rmtree(folder / "store", ignore_errors=True)
            return False
        facts |= {"queries": queries, **{name: known[name] for name in ("homes", "needs", "axioms")}}
        return True
    return False


def _advance(baseline: Baseline, changed: Iterable[Changed]) -> None:
    records = [change for change in changed if change.path.suffix == ".ttl"]
    pairs = [
        (
            None if change.old is None else parsed(change.path, change.old),
            None if change.new is None else parsed(change.path, change.new),
        )
        for change in records
    ]
    delta = record_delta(pairs)
    update(baseline.index, baseline.axioms, delta.removed, delta.added)
    baseline.index.store.flush()


def _advanced(known: Mapping[str, object], changed: Iterable[Changed]) -> dict[str, object]:
    """Return what is known of queries after some files changed."""
    files = {change.path: change.new for change in changed if change.path.parent == QUERY_FOLDER}
    kept = {name: patterns for name, patterns in known.items() if Path(name) not in files}
    texts = {path: content.decode("utf-8", "replace") for path, content in files.items() if content is not None}
    found = _patterns(texts) if texts else {}
    return kept | {name: patterns.to_json() for name, patterns in found.items()}
