"""Rules over the whole graph: ``shapes/checks/<fault>-violation.rq``, of which any row is a finding.

A rule selects ``?focus`` and, where it can, ``?path``, ``?value`` and ``?other``; its header says how grave it is and
what to do. The rules about the ontology stand in ``shapes/checks/ontology/``.
Layer: imports ``errors``, ``namespaces``, ``queries``, ``report`` and ``store``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import MissingSource, SourceError
from abckg.queries import read_header
from abckg.reports.report import Severity
from abckg.store import Answer, Store, Term

__all__ = ["CHECK_FOLDER", "Check", "Hit", "check_files", "hits", "load_checks", "read_check", "run_check"]

CHECK_FOLDER = Path("shapes/checks")
_KEYS = {"summary", "severity", "message", "message_ja"}
_OPTIONAL_KEYS = {"reference"}


@dataclass(frozen=True)
class Check:
    """One rule: its name, how grave a breach is, what to say in each language, and its query.

    Attributes:
        name: the stable name of the rule.
        severity: how grave a breach is.
        messages: what to say by language; ``{path}``, ``{value}`` and ``{other}`` are filled in.
        text: the query.
        summary: what must hold.
        reference: what the rule is called in other catalogues, such as ``OOPS! P06``; may be empty.
    """

    name: str
    severity: Severity
    messages: dict[str, str]
    text: str
    summary: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Hit:
    """One breach of a rule."""

    focus: str
    path: str | None
    value: Term | None
    other: Term | None = None


def load_checks(root: Path, family: str = "") -> list[Check]:
    """Read the rules of a dataset; SourceError where a header lacks a key or has one too many.

    Args:
        root: the dataset.
        family: the folder below ``shapes/checks`` that holds the rules, ``ontology`` or none.
    """
    folder = root / CHECK_FOLDER / family
    files = check_files(folder)
    if not files:
        raise MissingSource(folder, "no rules here; a dataset has them as <fault>-violation.rq")
    return [read_check(path) for path in files]


def check_files(folder: Path) -> list[Path]:
    """Return the files of the rules in a folder, none where it is not there."""
    return sorted(folder.glob("*-violation.rq"))


def read_check(path: Path) -> Check:
    """Read one rule; SourceError where its header lacks a key or has one too many."""
    source = path.read_text(encoding="utf-8")
    header = {key: str(value) for key, value in read_header(path, source).items()}
    if set(header) - _OPTIONAL_KEYS != _KEYS:
        raise SourceError(path, f"the header has just the keys {', '.join(sorted(_KEYS))}", 1)
    try:
        severity = Severity[header["severity"].upper()]
    except KeyError:
        raise SourceError(path, f"the severity {header['severity']!r} is none of violation, warning, info", 1) from None
    name = path.stem.removesuffix("-violation")
    messages = {"en": header["message"], "ja": header["message_ja"]}
    return Check(name, severity, messages, source, header["summary"], header.get("reference", ""))


def run_check(check: Check, store: Store) -> Iterator[Hit]:
    """Yield what breaks a rule."""
    yield from hits(store.query(check.text))


def hits(answer: Answer) -> Iterator[Hit]:
    """Yield the rows of the answer to a rule's query."""
    columns = {name: index for index, name in enumerate(answer.variables)}
    for row in answer.rows():
        focus = row[columns["focus"]]
        path = row[columns["path"]] if "path" in columns else None
        yield Hit(
            focus=focus.value if isinstance(focus, ox.NamedNode) else str(focus),
            path=path.value if isinstance(path, ox.NamedNode) else None,
            value=row[columns["value"]] if "value" in columns else None,
            other=row[columns["other"]] if "other" in columns else None,
        )
