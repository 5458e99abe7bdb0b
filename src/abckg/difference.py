"""What changed between two states of a dataset, record by record.

A state is a folder, a dump or a git revision. The changes are told as text, as Markdown, and as RDF: as change sets,
the vocabulary that says record by record which statements were added and removed, or as SPARQL Update, which brings
any store from the old state to the new one.
Layer: imports ``errors``, ``namespaces``, ``positions``, ``sources`` and ``turtle``.
Specifications: https://vocab.org/changeset/, https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import subprocess
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pyoxigraph as ox

from abckg import turtle
from abckg.errors import SourceError, UsageError
from abckg.namespaces import BASE, ID, INFERRED_GRAPH, RDF, SKOS, Prefixes
from abckg.places.positions import spelling
from abckg.sources import SourceFile, Sources, read

__all__ = ["Change", "change_sets", "compare", "markdown", "opened", "sparql_update", "text"]

_CHANGE_SET = "http://purl.org/vocab/changeset/schema#"
_WORDS = {
    "en": {
        **{kind: kind for kind in ("added", "removed", "changed")},
        "none": "No record changed.",
        "count": "{} records changed.",
        "more": "… and {} more; `abckg diff` shows them all.",
    },
    "ja": {
        **{"added": "追加", "removed": "削除", "changed": "変更"},
        "none": "変更された記録はありません。",
        "count": "{}件の記録に変更があります。",
        "more": "ほか{}件。`abckg diff` ですべて見られます。",
    },
}
_DUMP = Path("dumps/abc-kg.nq.gz")
_COMMENT = 60_000
"""How many characters of Markdown a comment on a pull request may have, with some to spare."""


@dataclass(frozen=True)
class Change:
    """What changed in one record, or in one term outside the records.

    Attributes:
        subject: the IRI of the record.
        label: its Japanese label, in the new state where there is one.
        kind: whether the record is new, gone or changed.
        added: the triples that are new, those of its parts included.
        removed: the triples that are gone.
        english: its English label.
    """

    subject: str
    label: str
    kind: Literal["added", "removed", "changed"]
    added: tuple[ox.Triple, ...]
    removed: tuple[ox.Triple, ...]
    english: str = ""

    def named(self, language: str) -> str:
        """Return its label in ``en`` or ``ja``, in the other language where that is all there is."""
        return (self.english if language == "en" else "") or self.label


def compare(old: Sources, new: Sources) -> list[Change]:
    """Return the changes from one state to another, by record; blank nodes of the ontology are left out."""
    before, after = _by_record(old), _by_record(new)
    changes = []
    for subject in sorted(before.keys() | after.keys()):
        was, now = before.get(subject, set()), after.get(subject, set())
        if was != now:
            kind: Literal["added", "removed", "changed"] = "added" if not was else "changed" if now else "removed"
            labels = _labels(new, subject) or _labels(old, subject) or [""]
            changes.append(Change(subject, labels[-1], kind, _sorted(now - was), _sorted(was - now), labels[0]))
    return changes


def _by_record(sources: Sources) -> dict[str, set[ox.Triple]]:
    records: dict[str, set[ox.Triple]] = defaultdict(set)
    for triple in sources.triples("ontology", "vocab", "alignment", "data"):
        if isinstance(triple.subject, ox.NamedNode) and not isinstance(triple.object, ox.BlankNode):
            records[_record(triple.subject.value)].add(triple)
    return records


def _record(iri: str) -> str:
    parts = iri.removeprefix(ID).split("/")
    return ID + "/".join(parts[:2]) if iri.startswith(ID) else iri


def _sorted(triples: set[ox.Triple]) -> tuple[ox.Triple, ...]:
    return tuple(sorted(triples, key=str))


def _labels(sources: Sources, subject: str) -> list[str]:
    """Return the labels, English before Japanese, as canonical files have them."""
    return sources.values.get(subject, {}).get(f"{SKOS}prefLabel", [])


@contextmanager
def opened(state: str, root: Path) -> Iterator[Sources]:
    """Read a state: a folder with a dataset or a build, a dump, else a git revision of the checkout at ``root``.

    Raises:
        UsageError: there is neither a folder, a file nor a revision of that name.
        SourceError: the dump is not well-formed.
    """
    path = Path(state)
    dump = path / _DUMP if (path / _DUMP).is_file() else path
    if dump.is_file():
        yield _dumped(dump)
        return
    if path.is_dir():
        yield read(path)
        return
    command = ["git", "-C", str(root), "archive", "--format=tar", state, "--", "ontology", "data", "shapes"]
    run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a fixed command, no shell
    if run.returncode:
        raise UsageError(
            f"{state}: neither a folder, a dump nor a git revision of {root}",
            japanese=f"{state} は、フォルダでも、ダンプでも、{root} のgitの版でもありません",
        )
    with TemporaryDirectory(prefix="abckg-") as folder, tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
        archive.extractall(folder, filter="data")
        yield read(Path(folder))


def _dumped(path: Path) -> Sources:
    """Read a dump, plain or compressed, as one file; what was inferred is left out."""
    name = path.with_suffix("") if path.suffix == ".gz" else path
    form = ox.RdfFormat.from_extension(name.suffix.removeprefix("."))
    if form is None:
        raise UsageError(f"{path}: a dump is named .nq, .nt, .ttl or .trig, with .gz where it is compressed")
    content = path.read_bytes()
    try:
        quads = ox.parse(gzip.decompress(content) if path.suffix == ".gz" else content, format=form)
        triples = tuple(quad.triple for quad in quads if quad.graph_name != ox.NamedNode(INFERRED_GRAPH))
    except (SyntaxError, OSError) as fault:
        raise SourceError(path, f"this dump cannot be read: {fault}") from fault
    return Sources(path.parent, Prefixes({}), (SourceFile(path, "data", "", triples),))


def text(changes: list[Change], prefixes: Prefixes, language: str = "en") -> str:
    """Return the changes as text: a line a record, then ``+`` and ``-`` lines."""
    lines = []
    for change in changes:
        named = f"{prefixes.curie(change.subject)}  {change.named(language)}".rstrip()
        lines.append(f"{_WORDS[language][change.kind]}: {named}")
        lines += [f"  - {_statement(triple, prefixes)}" for triple in change.removed]
        lines += [f"  + {_statement(triple, prefixes)}" for triple in change.added]
    return "".join(f"{line}\n" for line in lines)


def markdown(changes: list[Change], prefixes: Prefixes, language: str = "en") -> str:
    """Return the changes as Markdown, for a comment on a pull request; what is too long for one is only counted."""
    words = _WORDS[language]
    if not changes:
        return f"{words['none']}\n"
    parts = [f"{words['count'].format(len(changes))}\n"]
    for number, change in enumerate(changes):
        part = _markdown(change, prefixes, words[change.kind], change.named(language))
        if sum(map(len, parts)) + len(part) > _COMMENT:
            parts.append(f"{words['more'].format(len(changes) - number)}\n")
            break
        parts.append(part)
    return "\n".join(parts)


def _markdown(change: Change, prefixes: Prefixes, kind: str, label: str) -> str:
    signs = [("-", change.removed), ("+", change.added)]
    lines = [f"{sign} {_statement(triple, prefixes)}" for sign, triples in signs for triple in triples]
    fence = "`" * max(3, 1 + max(len(run) for line in lines for run in re.findall("`+|$", line)))
    heading = f"### {kind}: `{prefixes.curie(change.subject)}` {_escaped(label)}".rstrip()
    return f"{heading}\n\n{fence}diff\n" + "\n".join(lines) + f"\n{fence}\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|@])", r"\\\1", text)


def change_sets(changes: list[Change], prefixes: Prefixes) -> str:
    """Return the changes as Turtle: one change set a record, its statements as RDF statements.

    The IRI of a change set is made from its content, so that the same change always has the same name.
    """
    names = Prefixes({**prefixes, "cs": _CHANGE_SET})
    triples = [triple for change in changes for triple in _change_set(change)]
    return turtle.serialize(triples, names)


def _change_set(change: Change) -> Iterator[ox.Triple]:
    lines = [f"{sign}{triple}" for sign, triples in (("-", change.removed), ("+", change.added)) for triple in triples]
    me = f"{BASE}change/{hashlib.sha256(chr(10).join(lines).encode('utf-8')).hexdigest()[:20]}"
    kind, subject = ox.NamedNode(f"{RDF}type"), ox.NamedNode(me)
    yield ox.Triple(subject, kind, ox.NamedNode(f"{_CHANGE_SET}ChangeSet"))
    yield ox.Triple(subject, ox.NamedNode(f"{_CHANGE_SET}subjectOfChange"), ox.NamedNode(change.subject))
    for name, triples in (("removal", change.removed), ("addition", change.added)):
        for number, triple in enumerate(triples, 1):
            statement = ox.NamedNode(f"{me}/{name}-{number}")
            yield ox.Triple(subject, ox.NamedNode(f"{_CHANGE_SET}{name}"), statement)
            yield ox.Triple(statement, kind, ox.NamedNode(f"{RDF}Statement"))
            for part, term in zip(("subject", "predicate", "object"), triple, strict=True):
                yield ox.Triple(statement, ox.NamedNode(RDF + part), term)


def sparql_update(changes: list[Change]) -> str:
    """Return the changes as SPARQL Update on the default graph, from the old state to the new one."""
    parts = []
    for word, triples in (
        ("DELETE", [t for change in changes for t in change.removed]),
        ("INSERT", [t for change in changes for t in change.added]),
    ):
        if triples:
            parts.append(f"{word} DATA {{\n" + "".join(f"  {triple} .\n" for triple in triples) + "}")
    return " ;\n".join(parts) + "\n" if parts else ""


def _statement(triple: ox.Triple, prefixes: Prefixes) -> str:
    return " ".join(spelling(term, prefixes) for term in triple if isinstance(term, ox.NamedNode | ox.Literal))
