"""Every address that the server gives out, in one class.

Layer: web; imports ``errors``, ``namespaces`` and ``settings``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from abckg.errors import UsageError
from abckg.namespaces import BASE, ID
from abckg.settings import Settings

__all__ = ["LANGUAGE_PARAMETER", "Urls"]

LANGUAGE_PARAMETER = "lang"

Parameters = Mapping[str, str | Sequence[str] | None]


@dataclass(frozen=True)
class Urls:
    """Addresses as paths on this server, under the path prefix; ``language`` is carried along where it was chosen."""

    settings: Settings
    language: str | None = None

    def path(self, path: str, parameters: Parameters | None = None) -> str:
        """Return the address of ``path``, which begins with a slash."""
        return f"{self.settings.prefix}{quote(path)}{self._search(parameters or {})}"

    def home(self) -> str:
        """The home page."""
        return self.path("/")

    def sparql(self, query: str | None = None, format: str | None = None, **more: str | None) -> str:
        """The SPARQL endpoint, with a query."""
        return self.path("/sparql", {"query": query, "format": format, **more})

    def queries(self) -> str:
        """The catalogue of queries."""
        return self.path("/queries")

    def query(self, slug: str, values: Mapping[str, str] | None = None, **more: str | None) -> str:
        """One query of the catalogue, with the values of its parameters."""
        return self.path(f"/queries/{slug}", {**(values or {}), **more})

    def search(self, text: str | None = None, kind: str | None = None, page: int | None = None) -> str:
        """The search, of a text, within a class by its name."""
        return self.path("/search", {"q": text, "type": kind, "page": str(page) if page and page > 1 else None})

    def api_search(
        self, text: str | None = None, kind: str | None = None, page: int | None = None, limit: str | None = None
    ) -> str:
        """The search for programs."""
        number = str(page) if page and page > 1 else None
        return self.path("/api/search", {"q": text, "type": kind, "page": number, "limit": limit})

    def validation(self, format: str | None = None) -> str:
        """The report of the checks."""
        return self.path("/validation", {"format": format})

    def records(self, class_: str | None = None, page: int | None = None) -> str:
        """The records, or those of one class, by its name in the ontology."""
        return self.path("/records", {"class": class_, "page": str(page) if page and page > 1 else None})

    def ontology(self, anchor: str | None = None, extension: str | None = None) -> str:
        """The ontology as a page, at a term, or as a file."""
        ending = f".{extension}" if extension else ""
        return self.path(f"/ontology{ending}") + (f"#{quote(anchor)}" if anchor else "")

    def page(self, name: str, part: str | None = None, **more: str | None) -> str:
        """The page of the record ``<type>/<slug>``, at one of its parts."""
        return self.path(f"/page/{name}", more) + (f"#{quote(part)}" if part else "")

    def data(self, name: str, extension: str) -> str:
        """The record ``<type>/<slug>`` as a file of RDF."""
        return f"{self.settings.prefix}/data/{quote(name)}.{extension}"

    def identifier(self, name: str) -> str:
        """The address that stands for the record itself."""
        return f"{self.settings.prefix}/id/{quote(name)}"

    def static(self, name: str, version: str) -> str:
        """A file of the pages' own."""
        return f"{self.settings.prefix}/static/{name}?v={version}"

    def for_iri(self, iri: str) -> str | None:
        """Return the page of ``iri`` on this server, ``iri`` itself where it is on the web elsewhere, or None."""
        if iri.startswith(ID):
            record_type, _, rest = iri.removeprefix(ID).partition("/")
            slug, _, part = rest.partition("/")
            return self.page(f"{record_type}/{slug}", part or None) if slug else None
        if iri.startswith(f"{BASE}ontology"):
            return self.ontology(iri.partition("#")[2] or None)
        if iri.startswith(f"{BASE}query/"):
            return self.query(iri.removeprefix(f"{BASE}query/"))
        if iri.startswith(BASE):
            return None
        return iri if iri.startswith(("http://", "https://")) else None

    def absolute(self, address: str, host: str) -> str:
        """Return ``address`` with the public origin, or with ``host`` (such as ``http://localhost:8000/``).

        Raises:
            UsageError: It has no name: what the client sent as Host is none, or is there twice.
        """
        if not self.settings.origin and not urlsplit(host).netloc:
            raise UsageError("What the request says in Host is not the name of a host.")
        return f"{self.settings.origin or host.rstrip('/')}{address}"

    def _search(self, parameters: Parameters) -> str:
        pairs = {name: value for name, value in parameters.items() if value is not None}
        if self.language and LANGUAGE_PARAMETER not in pairs:
            pairs[LANGUAGE_PARAMETER] = self.language
        return f"?{urlencode(pairs, doseq=True)}" if pairs else ""
