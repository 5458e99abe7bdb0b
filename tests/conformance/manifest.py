"""Reads the manifests of the W3C test suites of SPARQL 1.1, which lie beside the checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

SHARED = Path(os.environ.get("ABCKG_SHARED") or Path(__file__).resolve().parents[3] / "shared")
SUITES = SHARED / "conformance" / "sparql11"
MISSING = f"the W3C suites are not at {SUITES}; ABCKG_SHARED names their folder"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
PATH = "/sparql"
STORE = "/store"
CODES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}

Node = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True)
class Request:
    """One request of a protocol test, and what must come back."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    codes: frozenset[str]
    boolean: bool | None
    format: str | None
    graph: str | None
    location: str | None

    @property
    def statuses(self) -> frozenset[str]:
        """The first digits of the statuses."""
        return frozenset(str(CODES[code])[0] if code in CODES else code[10] for code in self.codes)

    def at(self, places: dict[str, str]) -> Request:
        """Return the request with the locations that came back before in the place of their names."""
        path = self.path
        for name, value in places.items():
            path = path.replace(name, value)
        return replace(self, path=path)


@dataclass(frozen=True)
class Files:
    """The files of a test of results."""

    query: Path
    data: Path
    result: Path


class Manifest:
    """The manifest of the suite ``name``; empty where the suites are not there."""

    def __init__(self, name: str, file: str = "manifest.ttl") -> None:
        self.folder = SUITES / name
        self._base = f"{self.folder.as_uri()}/"
        path = self.folder / file
        quads = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=self._base) if path.is_file() else ()
        self._graph = ox.Store()
        self._graph.extend(quads)

    def names(self) -> list[str]:
        """Return the names of the tests, as listed."""
        entries = next((q.object for q in self._graph.quads_for_pattern(None, _n(MF, "entries"), None)), None)
        return [_local(test) for test in self._list(entries)]

    def files(self, name: str) -> Files:
        """Return the files of a test of results."""
        test = self._test(name)
        action = self._one(test, MF, "action")
        return Files(
            self._path(self._one(action, QT, "query")),
            self._path(self._one(action, QT, "data")),
            self._path(self._one(test, MF, "result")),
        )

    def requests(self, name: str) -> list[Request]:
        """Return the requests of a protocol test, in their order."""
        connection = self._one(self._test(name), MF, "action")
        return [self._request(node) for node in self._list(self._one(connection, HT, "requests"))]

    def _request(self, node: Node) -> Request:
        response, body = self._one(node, HT, "resp"), self._any(node, HT, "body")
        headers = {
            self._text(entry, HT, "fieldName"): self._text(entry, HT, "fieldValue")
            for entry in self._list(self._any(node, HT, "headers"))
        }
        return Request(
            method=self._text(node, HT, "methodName"),
            path=_served(self._text(node, HT, "absolutePath")),
            headers=headers,
            body=self._encoded(body) if isinstance(body, ox.BlankNode) else None,
            codes=frozenset(map(_local, self._all(response, MF, "expectedStatus"))),
            boolean={"true": True, "false": False}.get(self._maybe(response, "expectedBoolean") or ""),
            format=self._maybe(response, "expectedFormat"),
            graph=self._chars(self._any(response, HT, "body")),
            location=self._maybe(response, "expectedLocation"),
        )

    def _chars(self, body: object) -> str | None:
        return self._text(body, CNT, "chars") if isinstance(body, ox.BlankNode) else None

    def _encoded(self, body: Node) -> bytes:
        return self._text(body, CNT, "chars").encode(self._text(body, CNT, "characterEncoding"))

    def _test(self, name: str) -> Node:
        found = [quad.subject for quad in self._graph.quads_for_pattern(None, _n(MF, "name"), None)]
        return next(test for test in found if isinstance(test, ox.NamedNode) and _local(test) == name)

    def _path(self, iri: object) -> Path:
        assert isinstance(iri, ox.NamedNode)
        return self.folder / iri.value.removeprefix(self._base)

    def _all(self, subject: object, namespace: str, name: str) -> list[object]:
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)
        return [quad.object for quad in self._graph.quads_for_pattern(subject, _n(namespace, name), None)]

    def _any(self, subject: object, namespace: str, name: str) -> object:
        return next(iter(self._all(subject, namespace, name)), None)

    def _one(self, subject: object, namespace: str, name: str) -> Node:
        (found,) = self._all(subject, namespace, name)
        assert isinstance(found, ox.NamedNode | ox.BlankNode)
        return found

    def _text(self, subject: object, namespace: str, name: str) -> str:
        (found,) = self._all(subject, namespace, name)
        assert isinstance(found, ox.Literal)
        return found.value

    def _maybe(self, subject: object, name: str) -> str | None:
        return self._text(subject, MF, name) if self._all(subject, MF, name) else None

    def _list(self, node: object) -> Iterator[Node]:
        while isinstance(node, ox.BlankNode):
            first = self._any(node, RDF, "first")
            assert isinstance(first, ox.NamedNode | ox.BlankNode)
            yield first
            node = self._any(node, RDF, "rest")


def _served(path: str) -> str:
    return STORE + path.removeprefix("/gsp") if path.startswith("/gsp") else path.replace("/sparql/", PATH)


def _n(namespace: str, name: str) -> ox.NamedNode:
    return ox.NamedNode(namespace + name)


def _local(node: object) -> str:
    assert isinstance(node, ox.NamedNode)
    return node.value.rpartition("#")[2]
