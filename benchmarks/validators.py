"""The SHACL engines that are compared: how each is run in a process of its own, and how its results are read.

Those that are Python packages are run by ``runners.py``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import which
from zipfile import ZipFile

import pyoxigraph as ox

from runners import RUNNERS

__all__ = ["NAMES", "MissingEngine", "command", "engine_version", "results"]

_SH = "http://www.w3.org/ns/shacl#"
_JARS = Path("/usr/share/java")
_WANTED = re.compile(
    r"(jena-[a-z-]+|thrift|slf4j-(api|nop)|commons-(cli|codec|compress|csv|io|lang3)|guava|failureaccess|gson|xercesImpl"
    r"|xml-apis|httpclient|httpcore|jcl-over-slf4j|jsonld-java|jackson-(core|databind|annotations)|protobuf"
    r"|titanium-json-ld|icu4j|jakarta\.json-api)\.jar\Z"
)

_PACKAGES = {"abckg-auto": "shacl", "abckg-pyshacl": "pyshacl"}
_PEERS = ("shacl-rust", "pyrudof")
_PYSHACL = "pyshacl-command"
_JENA = "jena"
NAMES = (*RUNNERS, _JENA, _PYSHACL)


def command(name: str, data: Path, shapes: Path, out: Path, peers: str = sys.executable) -> list[str]:
    """Return what is run for an engine; MissingEngine where it is not there.

    Args:
        name: one of ``NAMES``.
        data: the data, in N-Triples.
        shapes: the shapes, in N-Triples.
        out: where the results are written.
        peers: the Python that has the engines which this package does not use.
    """
    if name == _JENA:
        return [*_jena(out.parent), "validate", f"--shapes={shapes}", f"--data={data}"]
    if name == _PYSHACL:
        report = str(out.with_suffix(".report"))
        return [
            sys.executable,
            "-m",
            "pyshacl",
            "-s",
            str(shapes),
            "-df",
            "nt",
            "-sf",
            "nt",
            "-f",
            "nt",
            "-o",
            report,
            str(data),
        ]
    python = peers if name in _PEERS else sys.executable
    module = _PACKAGES.get(name, name.replace("-", "_"))
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode != 0:
        raise MissingEngine(name)
    return [python, str(Path(__file__).with_name("runners.py")), name, str(data), str(shapes), str(out)]


class MissingEngine(Exception):
    """An engine is not installed here."""


def _jena(folder: Path) -> list[str]:
    """Return the command of Debian's Jena, with the properties where its relocated Xerces looks for them.

    ``libapache-jena-java`` 4.5.0-2 relocates the classes of Xerces and not their properties, without which Jena does
    not start; they are put before it on the class path.
    """
    if not (_JARS / "jena-shacl.jar").exists() or which("java") is None:
        raise MissingEngine(_JENA)
    fixed = folder / "jena-properties"
    with ZipFile(_JARS / "jena-core.jar") as archive:
        for name in archive.namelist():
            if name.endswith(".properties") and "/xerces/" in name:
                target = fixed / name[name.index("xerces/") :]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
    jars = [str(path) for path in sorted(_JARS.glob("*.jar")) if _WANTED.match(path.name)]
    return ["java", "-Xmx6g", "-cp", ":".join((str(fixed), *jars)), "shacl.shacl"]


def results(name: str, out: Path, output: bytes) -> Counter[str]:
    """Return what an engine found, as a multiset of lines."""
    if name in RUNNERS:
        return Counter(out.read_text(encoding="utf-8").splitlines())
    report = output if name == _JENA else out.with_suffix(".report").read_bytes()
    form = ox.RdfFormat.TURTLE if name == _JENA else ox.RdfFormat.N_TRIPLES
    return Counter(_reported(ox.parse(report, format=form)))


def _reported(quads: Iterable[ox.Quad]) -> Iterable[str]:
    """Yield the results that a report links to; others are details of them."""
    parts: dict[object, dict[str, object]] = {}
    linked: list[object] = []
    for quad in quads:
        name = quad.predicate.value
        if name == f"{_SH}result":
            linked.append(quad.object)
        elif name.startswith(_SH):
            parts.setdefault(quad.subject, {})[name.removeprefix(_SH)] = quad.object
    for result in linked:
        said = parts[result]
        terms = (str(said[part]) for part in ("focusNode", "sourceConstraintComponent", "sourceShape"))
        yield "\t".join(term if term.startswith("<") else "_" for term in terms)


def engine_version(name: str) -> str:
    """Return the package behind an engine and its version."""
    package = {"abckg-auto": "shacl", "abckg-pyshacl": "pyshacl", _PYSHACL: "pyshacl"}.get(name, name)
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} 4.5.0 (Debian)" if name == _JENA else package
