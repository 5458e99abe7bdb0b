"""Writes what is published: the store, the search index, the dumps with their checksums, and the description.

Everything written here can be made again from the sources and is never edited. Layer: imports ``dataset``,
``errors``, ``gate``, ``namespaces``, ``searchindex``, ``sources``, ``store`` and ``versions``.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version as package_version
from pathlib import Path

import pyoxigraph as ox

from abckg import turtle
from abckg.dataset import DATA_GRAPH, ONTOLOGY_GRAPH, Dataset, assemble
from abckg.errors import SearchUnavailable, UsageError
from abckg.namespaces import BASE, INFERRED_GRAPH, RDF, Prefixes
from abckg.search.index import INDEX_FILE, index_store
from abckg.sources import read
from abckg.store import EmbeddedStore, write_store
from abckg.writing.gate import write_gate
from abckg.writing.versions import Versions

__all__ = ["Built", "build", "describe_dataset", "write_served"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_MARK = "abckg-build"
_STORE = "store"


@dataclass(frozen=True)
class Built:
    """What a build wrote: where, how many triples, the version of the content, and whether it can be searched."""

    folder: Path
    asserted: int
    inferred: int
    version: str
    is_searchable: bool


def build(root: Path, out: Path) -> Built:
    """Build the dataset at ``root`` into the folder ``out``, replacing an earlier build there.

    Raises:
        SourceError: a source file is missing or malformed.
        InconsistentData: the data contradict the ontology.
        UsageError: ``out`` holds something that no build wrote, such as what a server wrote to its store.
    """
    sources = read(root)
    dataset = assemble(sources)
    _clear(out)
    is_searchable = write_served(dataset, out)
    write_gate(sources, out)
    dumps = out / "dumps"
    dumps.mkdir(parents=True)
    _dump(dumps / "abc-kg.nq.gz", (q for q in dataset.quads() if not isinstance(q.graph_name, ox.DefaultGraph)))
    void = turtle.serialize(describe_dataset(dataset), sources.prefixes)
    (dumps / "void.ttl").write_text(void, encoding="utf-8")
    _write_checksums(dumps)
    asserted = len(dataset.ontology) + len(dataset.data)
    return Built(out, asserted, len(dataset.inferred), dataset.version, is_searchable)


def write_served(dataset: Dataset, folder: Path) -> bool:
    """Write what a server needs, the store and the search index; return whether this Python can search."""
    write_store(dataset, folder / _STORE)
    try:
        index_store(EmbeddedStore.open(folder / _STORE), folder / INDEX_FILE)
    except SearchUnavailable:
        (folder / INDEX_FILE).unlink(missing_ok=True)
        return False
    return True


def _clear(out: Path) -> None:
    if out.exists():
        if any(out.iterdir()) and not (out / _MARK).exists():
            raise UsageError(f"{out} holds files that no build wrote; give --out an empty or new folder")
        if Versions(out / _STORE).folder.exists():
            raise UsageError(
                f"{out} holds what was written to its store since it was built; build into another folder with --out"
            )
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / _MARK).write_text("Made by abckg build; everything here can be made again.\n", encoding="utf-8")


def _dump(path: Path, quads: Iterator[ox.Quad]) -> None:
    canonical = ox.Dataset(quads)
    canonical.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)  # the same names for blank nodes in every build
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as stream:
        for line in sorted(f"{quad} .\n" for quad in canonical):
            stream.write(line.encode("utf-8"))


def _write_checksums(folder: Path) -> None:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def describe_dataset(dataset: Dataset) -> list[ox.Triple]:
    """Return the VoID and DCAT description: titles, licence, version and statistics.

    Specifications: https://www.w3.org/TR/void/ and https://www.w3.org/TR/vocab-dcat-3/
    """
    describer = _Describer(dataset.prefixes)
    describer.dataset(dataset)
    return describer.triples


class _Describer:
    def __init__(self, prefixes: Prefixes) -> None:
        self._prefixes = prefixes
        self.triples: list[ox.Triple] = []

    def _add(self, subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        self.triples.append(ox.Triple(ox.NamedNode(subject), ox.NamedNode(self._prefixes.expand(predicate)), value))

    def _type(self, subject: str, *classes: str) -> None:
        for name in classes:
            self._add(subject, "rdf:type", ox.NamedNode(self._prefixes.expand(name)))

    def _count(self, subject: str, predicate: str, number: int) -> None:
        self._add(subject, predicate, ox.Literal(str(number), datatype=ox.NamedNode(f"{_XSD}integer")))

    def dataset(self, dataset: Dataset) -> None:
        """Describe the whole, its three graphs and its classes."""
        me = f"{BASE}dataset"
        everything = (*dataset.ontology, *dataset.data, *dataset.inferred)
        self._type(me, "void:Dataset", "dcat:Dataset")
        for text, language in (("ABC Knowledge Graph", "en"), ("ＡＢＣ知識グラフ", "ja")):
            self._add(me, "dcterms:title", ox.Literal(text, language=language))
        self._add(me, "dcterms:license", ox.NamedNode("https://creativecommons.org/licenses/by/4.0/"))
        self._add(me, "dcat:version", ox.Literal(package_version("abckg")))
        self._add(me, "dcterms:identifier", ox.Literal(dataset.version))
        self._count(me, "void:triples", len(everything))
        self._count(me, "void:entities", len({t.subject for t in everything if isinstance(t.subject, ox.NamedNode)}))
        self._count(me, "void:properties", len({t.predicate for t in everything}))
        parts = ((ONTOLOGY_GRAPH, dataset.ontology), (DATA_GRAPH, dataset.data), (INFERRED_GRAPH, dataset.inferred))
        for graph, triples in parts:
            self._type(graph, "void:Dataset")
            self._add(me, "void:subset", ox.NamedNode(graph))
            self._count(graph, "void:triples", len(triples))
        self._classes(me, (*dataset.data, *dataset.inferred))

    def _classes(self, dataset: str, triples: tuple[ox.Triple, ...]) -> None:
        types = (t.object for t in triples if t.predicate.value == f"{RDF}type")
        counts = Counter(name.value for name in types if isinstance(name, ox.NamedNode))
        for name, number in sorted(counts.items()):
            parts = self._prefixes.split(name)
            if parts is None:
                continue
            partition = f"{dataset}/class/{parts[0]}-{parts[1]}"
            self._add(dataset, "void:classPartition", ox.NamedNode(partition))
            self._add(partition, "void:class", ox.NamedNode(name))
            self._count(partition, "void:entities", number)
