"""What a build laid beside the store: the dumps with their checksums, the description, the report of the checks.

Layer: imports ``errors`` and ``namespaces``; reads the folder once and never writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from abckg.errors import TurtleSyntaxError
from abckg.namespaces import BASE, SH

__all__ = ["REPORT_FILE", "Dump", "Published", "open_published"]

REPORT_FILE = "report.ttl"

_SUM = re.compile(r"([0-9a-f]{64})  ([\w.-]+)")
_IDENTIFIER = "http://purl.org/dc/terms/identifier"


@dataclass(frozen=True)
class Dump:
    """One file to download: its name, size in bytes and SHA-256."""

    name: str
    size: int
    checksum: str


@dataclass(frozen=True)
class Published:
    """The folder of a build.

    Attributes:
        version: The version of the data that it is of.
        folder: Where the dumps are.
        dumps: The dumps that the list of checksums names.
        description: The VoID and DCAT description of the dataset.
        valid: Whether the report of the checks has no violation (warnings do not count); None without a report.
        report: The report of the checks, as SHACL has it; empty where there is none.
    """

    version: str
    folder: Path
    dumps: tuple[Dump, ...]
    description: tuple[ox.Triple, ...]
    valid: bool | None
    report: tuple[ox.Triple, ...] = ()


def open_published(build: Path, version: str) -> Published | None:
    """Read what a build wrote into the folder ``build``; None where it is of another version than ``version``.

    Raises:
        TurtleSyntaxError: The description or the report is not well-formed.
    """
    folder = build / "dumps"
    description = _triples(folder / "void.ttl")
    identifier = {t.object.value for t in description if _is_identifier(t) and isinstance(t.object, ox.Literal)}
    if identifier != {version}:
        return None
    report = _triples(build / REPORT_FILE)
    return Published(version, folder, _dumps(folder), description, _is_valid(report), report)


def _is_identifier(triple: ox.Triple) -> bool:
    return triple.predicate.value == _IDENTIFIER and triple.subject == ox.NamedNode(f"{BASE}dataset")


def _dumps(folder: Path) -> tuple[Dump, ...]:
    listed = folder / "SHA256SUMS"
    sums = _SUM.findall(listed.read_text(encoding="utf-8")) if listed.is_file() else []
    return tuple(
        Dump(name, (folder / name).stat().st_size, checksum) for checksum, name in sums if (folder / name).is_file()
    )


def _is_valid(report: tuple[ox.Triple, ...]) -> bool | None:
    values = {(t.predicate.value.removeprefix(SH), t.object) for t in report}
    stated = {value.value for name, value in values if name == "conforms" and isinstance(value, ox.Literal)}
    severities = {value.value for name, value in values if name == "resultSeverity" and isinstance(value, ox.NamedNode)}
    if not stated:
        return None
    return stated == {"true"} or (bool(severities) and f"{SH}Violation" not in severities)


def _triples(path: Path) -> tuple[ox.Triple, ...]:
    if not path.is_file():
        return ()
    try:
        return tuple(quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    except SyntaxError as fault:
        raise TurtleSyntaxError(path, fault.msg, fault.lineno, fault.offset) from fault
