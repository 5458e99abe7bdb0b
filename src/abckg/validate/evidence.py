"""The evidence of what a change touches: its passages, and the facts and records that rest on them.

Layer: part of ``validate``; imports the core and ``since``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from abckg.evidence import verify
from abckg.namespaces import ID, load_prefixes
from abckg.reports.report import Finding
from abckg.since.baseline import Baseline, Delta
from abckg.since.errors import Unbounded
from abckg.since.index import DATA, Pattern
from abckg.sources import SourceFile, Sources, read_file, turtle_files

__all__ = ["changed_evidence"]


def changed_evidence(root: Path, documents: Path, language: str, delta: Delta, baseline: Baseline) -> Iterator[Finding]:
    """Yield what is wrong with the evidence that a change touches.

    Args:
        root: the dataset.
        documents: the folder with the texts of the documents.
        language: ``en`` or ``ja``.
        delta: what changed.
        baseline: the index, in the state after the change.

    Raises:
        Unbounded: a document itself changed, and with it the ground of all its passages.
    """
    changed = {t.subject for t in delta.added | delta.removed if isinstance(t.subject, ox.NamedNode)}
    if any(iri.value.startswith(f"{ID}document/") for iri in changed):
        raise Unbounded("a document changed", "文書の記録が変更された")
    pointing = {
        t.subject
        for iri in changed
        for t in baseline.index.find(Pattern(None, None, iri), (DATA,))
        if isinstance(t.subject, ox.NamedNode)
    }
    nodes = {iri.value for iri in changed | pointing}
    world = _files(root, nodes)
    objects = {t.object.value for file in world for t in file.triples if isinstance(t.object, ox.NamedNode)}
    every = {file.path: file for file in (*world, *_files(root, objects), *_standing(root))}
    sources = Sources(root, load_prefixes(root), tuple(every[path] for path in sorted(every)))
    yield from verify(sources, documents, language, only=nodes).findings


def _files(root: Path, subjects: Iterable[str]) -> list[SourceFile]:
    """Return the files of the records that some IRIs belong to."""
    parts = {tuple(iri.removeprefix(ID).split("/")[:2]) for iri in subjects if iri.startswith(ID)}
    paths = sorted(Path("data", *names).with_suffix(".ttl") for names in parts if len(names) == 2)
    return [read_file(root, path) for path in paths if (root / path).is_file()]


def _standing(root: Path) -> Iterator[SourceFile]:
    """Yield the ontology and the records of the documents, which every check of evidence reads."""
    for path in turtle_files(root):
        if path.parts[0] == "ontology" or path.parts[:2] == ("data", "document"):
            yield read_file(root, path)
