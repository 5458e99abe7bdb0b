"""What the names of a dataset mean, and which of them fit at a place: for hovering and completion.

Layer: part of ``lsp``; imports the core.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

from abckg.lsp.text import Cursor
from abckg.namespaces import OWL, RDF, RDFS, SH, SKOS
from abckg.sources import Sources

__all__ = ["Names", "Suggestion"]

Kind = Literal["class", "property", "record", "value"]

_SCHEMA = "https://schema.org/"
_DCTERMS = "http://purl.org/dc/terms/"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_LABELS = (f"{RDFS}label", f"{SKOS}prefLabel")
_PROPERTIES = (f"{OWL}ObjectProperty", f"{OWL}DatatypeProperty", f"{OWL}AnnotationProperty")
_LITERALS = {
    f"{RDF}langString": ('"$1"@ja', '"$1"@en'),
    f"{_XSD}string": ('"$1"',),
    f"{_XSD}date": ('"${1:2026-04-01}"^^xsd:date',),
    f"{_XSD}integer": ("${1:1}",),
    f"{_XSD}decimal": ("${1:1.0}",),
    f"{_XSD}boolean": ("true", "false"),
}
_TEXTS = frozenset(f"{SKOS}{name}" for name in ("prefLabel", "altLabel", "hiddenLabel", "definition", "editorialNote"))
_LIMIT = 200


@dataclass(frozen=True)
class Suggestion:
    """One name that fits.

    Attributes:
        text: what is shown and written.
        kind: what it names.
        detail: its label.
        documentation: its definition.
        rank: 0 for what fits best.
        snippet: what is written instead, with places to fill in; may be empty.
        iri: what it stands for; empty for a literal.
    """

    text: str
    kind: Kind
    detail: str = ""
    documentation: str = ""
    rank: int = 1
    snippet: str = ""
    iri: str = ""


class Names:
    """The names of a dataset with their words and types.

    Args:
        sources: the dataset.
        language: the language preferred for labels and definitions.
    """

    def __init__(self, sources: Sources, language: str = "en") -> None:
        self._prefixes = sources.prefixes
        self._language = language
        self._values: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = defaultdict(lambda: defaultdict(list))
        self._members: dict[str, list[str]] = defaultdict(list)
        self._narrower: dict[str, set[str]] = defaultdict(set)
        for triple in sources.triples():
            self._take(triple)
        self._by_class = self._properties_by_class()
        self._schemes = _schemes(sources.triples("shapes"))

    def _take(self, triple: ox.Triple) -> None:
        predicate, value = triple.predicate.value, triple.object
        if isinstance(triple.subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            self._values[triple.subject.value][predicate].append(value)
            if predicate == f"{RDF}type":
                self._members[value.value].append(triple.subject.value)
            elif predicate == f"{RDFS}subClassOf":
                self._narrower[value.value].add(triple.subject.value)

    def __contains__(self, iri: object) -> bool:
        return iri in self._values

    def label(self, iri: str) -> str:
        """Return the label of a name in the language preferred, else in the other, else nothing."""
        return self._word(iri, _LABELS, self._language)

    def definition(self, iri: str) -> str:
        """Return the definition of a name, as ``label`` does."""
        return self._word(iri, (f"{SKOS}definition",), self._language)

    def _word(self, iri: str, predicates: Iterable[str], language: str) -> str:
        words = [v for p in predicates for v in self._get(iri, p) if isinstance(v, ox.Literal)]
        exact = [word.value for word in words if word.language == language]
        return (exact or [word.value for word in words] or [""])[0]

    def _get(self, iri: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        return self._values.get(iri, {}).get(predicate, [])

    def _iris(self, iri: str, *predicates: str) -> list[str]:
        return [v.value for p in predicates for v in self._get(iri, p) if isinstance(v, ox.NamedNode)]

    def describe(self, iri: str) -> str:
        """Return what is known of a name as Markdown: labels, definition, type, place in the hierarchy, source."""
        if iri not in self._values:
            return ""
        curie = self._prefixes.curie
        other = "en" if self._language == "ja" else "ja"
        names = dict.fromkeys((self.label(iri), self._word(iri, _LABELS, other)))
        lines = [f"**{' / '.join(filter(None, names)) or curie(iri)}** `{curie(iri)}`", self.definition(iri)]
        words = _WORDS[self._language]
        facts = (
            (words[0], self._iris(iri, f"{RDF}type")),
            (words[1], self._iris(iri, f"{RDFS}subClassOf", f"{RDFS}subPropertyOf")),
            (words[2], self._iris(iri, f"{RDFS}domain", f"{_SCHEMA}domainIncludes")),
            (words[3], self._iris(iri, f"{RDFS}range", f"{_SCHEMA}rangeIncludes")),
            (words[4], self._iris(iri, f"{_DCTERMS}source")),
            (words[5], self._iris(iri, f"{_DCTERMS}isReplacedBy")),
        )
        lines += [f"{word}: {', '.join(self._named(value) for value in values)}" for word, values in facts if values]
        return "\n\n".join(filter(None, lines))

    def _named(self, iri: str) -> str:
        label = self.label(iri)
        return f"`{self._prefixes.curie(iri)}`{f' {label}' if label else ''}"

    def fitting(self, cursor: Cursor) -> tuple[list[Suggestion], bool]:
        """Return the names that fit at a cursor, the best first, and whether there are more."""
        if cursor.role == "predicate":
            found = self._predicates(cursor.statement.subject, cursor.statement.types)
        elif cursor.role == "object":
            found = self._objects(cursor.statement.predicate)
        elif cursor.role == "subject":
            found = (self._suggestion(iri, "record") for iri in self._values)
        else:
            return [], False
        wanted = (s for s in found if _matches(s, cursor.typed) and not self._get(s.iri, f"{OWL}deprecated"))
        chosen = sorted(wanted, key=lambda s: (s.rank, s.text))
        return chosen[:_LIMIT], len(chosen) > _LIMIT

    def _suggestion(self, iri: str, kind: Kind, rank: int = 1, snippet: str = "") -> Suggestion:
        text = self._prefixes.curie(iri)
        return Suggestion(text, kind, self.label(iri), self.definition(iri), rank, snippet, iri)

    def _predicates(self, subject: str, types: list[str]) -> Iterator[Suggestion]:
        classes = self._wider([*types, *self._iris(subject, f"{RDF}type")])
        known = {iri for name in classes for iri in self._by_class.get(name, ())}
        if f"{RDF}type" not in known:
            yield Suggestion("a", "property", "rdf:type", rank=0, snippet="a $0", iri=f"{RDF}type")
        every = {iri for kind in _PROPERTIES for iri in self._members[kind]} | known
        for iri in every - {f"{RDF}type"}:
            rank = 0 if iri in known or classes & self._domain(iri) else 1
            yield self._suggestion(iri, "property", rank, self._line(iri))

    def _line(self, iri: str) -> str:
        values = self._literals(iri)
        value = values[0] if values else "$1"
        return f"{self._prefixes.curie(iri)} {value} ;$0"

    def _literals(self, iri: str) -> tuple[str, ...]:
        if iri in _TEXTS:
            return _LITERALS[f"{RDF}langString"]
        return next((_LITERALS[r] for r in self._iris(iri, f"{RDFS}range") if r in _LITERALS), ())

    def _domain(self, iri: str) -> set[str]:
        return set(self._iris(iri, f"{RDFS}domain", f"{_SCHEMA}domainIncludes"))

    def _objects(self, predicate: str) -> Iterator[Suggestion]:
        if predicate == f"{RDF}type":
            yield from (self._suggestion(iri, "class", 0) for iri in self._members[f"{OWL}Class"])
            return
        literals = self._literals(predicate)
        yield from (Suggestion(_plain(s), "value", rank=0, snippet=s) for s in literals)
        if literals:
            return
        if predicate in (f"{RDF}predicate", f"{SH}path", f"{RDFS}subPropertyOf", f"{OWL}inverseOf"):
            yield from (self._suggestion(iri, "property", 0) for kind in _PROPERTIES for iri in self._members[kind])
            return
        if predicate in (f"{RDFS}subClassOf", f"{_SCHEMA}domainIncludes", f"{_SCHEMA}rangeIncludes", f"{SH}class"):
            yield from (self._suggestion(iri, "class", 0) for iri in self._members[f"{OWL}Class"])
            return
        ranges = self._ranges(predicate)
        fitting = {iri for name in self._below(ranges) for iri in self._members[name]}
        scheme = self._schemes.get(predicate)
        if scheme is not None:
            fitting = {iri for iri in fitting if scheme in self._iris(iri, f"{SKOS}inScheme")}
        yield from (self._suggestion(iri, "record", 0) for iri in fitting)
        if not ranges:
            yield from (self._suggestion(iri, "record") for iri in self._values)

    def _ranges(self, predicate: str) -> set[str]:
        found = set(self._iris(predicate, f"{RDFS}range", f"{_SCHEMA}rangeIncludes"))
        return {name for name in found if not name.startswith(_XSD)}

    def _wider(self, names: Iterable[str]) -> set[str]:
        found, waiting = set(names), list(names)
        while waiting:
            more = set(self._iris(waiting.pop(), f"{RDFS}subClassOf")) - found
            found |= more
            waiting += more
        return found

    def _below(self, names: Iterable[str]) -> set[str]:
        found, waiting = set(names), list(names)
        while waiting:
            more = self._narrower.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return found

    def _properties_by_class(self) -> dict[str, set[str]]:
        """Return the properties that the shape of each class knows."""
        found: dict[str, set[str]] = defaultdict(set)
        for shape, values in list(self._values.items()):
            for target in values.get(f"{SH}targetClass", []):
                inner = self._iris(shape, f"{SH}property")
                found[target.value] |= {path for name in inner for path in self._iris(name, f"{SH}path")}
        return found


_WORDS = {
    "en": ("is a", "below", "of", "values", "source", "replaced by"),
    "ja": ("型", "上位", "定義域", "値域", "出典", "代わりの用語"),
}


def _schemes(shapes: Iterable[ox.Triple]) -> dict[str, str]:
    """Return the concept scheme that shapes want the values of a property to be in."""
    about: dict[object, dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]] = {}
    for triple in shapes:
        about.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    found: dict[str, str] = {}
    for values in about.values():
        inside = [name for node in values.get(f"{SH}node", []) for name in about.get(node, {}).get(f"{SH}property", [])]
        for path in values.get(f"{SH}path", []):
            for wanted in (about.get(name, {}) for name in inside):
                if ox.NamedNode(f"{SKOS}inScheme") in wanted.get(f"{SH}path", []):
                    found |= {str(path)[1:-1]: str(scheme)[1:-1] for scheme in wanted.get(f"{SH}hasValue", [])}
    return found


def _plain(snippet: str) -> str:
    return snippet.replace("${1:", "").replace("}", "").replace("$1", "")


def _matches(suggestion: Suggestion, typed: str) -> bool:
    wanted = typed.casefold().removeprefix("<")
    return wanted in suggestion.text.casefold() or wanted in suggestion.detail.casefold()
