"""What changed between two states of a dataset, record by record.

A state is a folder or a git revision. Layer: imports ``errors``, ``namespaces``, ``positions`` and ``sources``.
"""

from __future__ import annotations

import io
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

from abckg.errors import UsageError
from abckg.namespaces import ID, SKOS, Prefixes
from abckg.positions import spelling
from abckg.sources import Sources, read

__all__ = ["Change", "compare", "markdown", "opened", "text"]


@dataclass(frozen=True)
class Change:
    """What changed in one record, or in one term outside the records.

    Attributes:
        subject: the IRI of the record.
        label: its Japanese label, in the new state where there is one.
        kind: whether the record is new, gone or changed.
        added: the triples that are new, those of its parts included.
        removed: the triples that are gone.
    """

    subject: str
    label: str
    kind: Literal["added", "removed", "changed"]
    added: tuple[ox.Triple, ...]
    removed: tuple[ox.Triple, ...]


def compare(old: Sources, new: Sources) -> list[Change]:
    """Return the changes from one state to another, by record; blank nodes of the ontology are left out."""
    before, after = _by_record(old), _by_record(new)
    changes = []
    for subject in sorted(before.keys() | after.keys()):
        was, now = before.get(subject, set()), after.get(subject, set())
        if was != now:
            kind: Literal["added", "removed", "changed"] = "added" if not was else "changed" if now else "removed"
            label = _label(new, subject) or _label(old, subject)
            changes.append(Change(subject, label, kind, _sorted(now - was), _sorted(was - now)))
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


def _label(sources: Sources, subject: str) -> str:
    return next(iter(sources.values.get(subject, {}).get(f"{SKOS}prefLabel", [])[::-1]), "")


@contextmanager
def opened(state: str, root: Path) -> Iterator[Sources]:
    """Read a state: a folder that holds a dataset, else a git revision of the checkout at ``root``.

    Raises:
        UsageError: there is neither a folder nor a revision of that name.
    """
    if Path(state).is_dir():
        yield read(Path(state))
        return
    command = ["git", "-C", str(root), "archive", "--format=tar", state, "--", "ontology", "data", "shapes"]
    run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a fixed command, no shell
    if run.returncode:
        raise UsageError(f"{state}: neither a folder nor a git revision of {root}")
    with TemporaryDirectory(prefix="abckg-") as folder, tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
        archive.extractall(folder, filter="data")
        yield read(Path(folder))


def text(changes: list[Change], prefixes: Prefixes) -> str:
    """Return the changes as text: a line a record, then ``+`` and ``-`` lines."""
    lines = []
    for change in changes:
        lines.append(f"{change.kind}: {prefixes.curie(change.subject)}{f'  {change.label}' if change.label else ''}")
        lines += [f"  - {_statement(triple, prefixes)}" for triple in change.removed]
        lines += [f"  + {_statement(triple, prefixes)}" for triple in change.added]
    return "".join(f"{line}\n" for line in lines)


def markdown(changes: list[Change], prefixes: Prefixes) -> str:
    """Return the changes as Markdown, for a comment on a pull request."""
    if not changes:
        return "No record changed.\n"
    parts = [f"{len(changes)} records changed.\n"]
    for change in changes:
        signs = [("-", change.removed), ("+", change.added)]
        lines = [f"{sign} {_statement(triple, prefixes)}" for sign, triples in signs for triple in triples]
        heading = f"### {change.kind}: `{prefixes.curie(change.subject)}` {change.label}".rstrip()
        parts.append(f"{heading}\n\n```diff\n" + "\n".join(lines) + "\n```\n")
    return "\n".join(parts)


def _statement(triple: ox.Triple, prefixes: Prefixes) -> str:
    return " ".join(spelling(term, prefixes) for term in triple if isinstance(term, ox.NamedNode | ox.Literal))
