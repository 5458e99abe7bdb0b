"""A record to fill in: what the shapes ask of its class, each with what to write and where to look.

Whatever must be filled in is marked ``TODO`` in a way that validation finds on its very line: a text that is a
placeholder, a reference to nothing, a value that is not of its type. Comments say what to do.
Layer: imports ``errors``, ``namespaces``, ``sources`` and ``turtle``.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from abckg import turtle
from abckg.errors import UsageError
from abckg.namespaces import ABC, ID, OWL, RDF, RDFS, SH, SKOS, Prefixes, load_prefixes
from abckg.sources import SourceFile, read_file, turtle_files

__all__ = ["Scaffold", "record_types", "scaffold"]

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_TYPE = ox.NamedNode(f"{RDF}type")
_LABEL = f"{SKOS}prefLabel"
_LICENCE = "# SPDX-License-Identifier: CC-BY-4.0"
_EVIDENCE = f"{ABC}evidencedBy"
_IGNORED = f"{SH}ignoredProperties"
_SELDOM = {f"{RDF}type", f"{OWL}deprecated", "http://purl.org/dc/terms/isReplacedBy", f"{SKOS}changeNote"}
"""What a new record does not have, or has already."""
_A_LINE = 4
"""How many optional properties stand in a line."""
_WORDS = {
    "head": (
        "Replace every TODO and delete the comments, then run: abckg fmt, and: abckg validate --since HEAD",
        "TODO をすべて書き換え、# の説明を消して、abckg fmt と abckg validate --since HEAD --lang ja を"
        "実行してください。",
    ),
    "class": ("Other kinds that stand here: {}", "ここに置かれるほかの種類：{}"),
    "values": ("One of: {}", "次のいずれか：{}"),
    "evidence": (
        "The passage: abckg evidence --sources FOLDER --locate “words” --document s1 --record {} prints it; or, for "
        "a fact from outside the documents, dcterms:source <address> instead.",
        '引用箇所：abckg evidence --sources 文書のフォルダ --locate "語句" --document s1 --record {} --lang ja で'
        "得られます。"
        "文書の外の事実では、代わりに dcterms:source <アドレス> を記します。",
    ),
    "optional": ("Also possible: {}", "ほかに使える属性：{}"),
}


@dataclass(frozen=True)
class Scaffold:
    """A file to fill in: its path relative to the root, and its text."""

    path: Path
    text: str


@dataclass(frozen=True)
class _Need:
    """A property that a record must have.

    Attributes:
        path: the property.
        count: how many values at least.
        constraints: the triples of the property shape, by predicate.
        remarks: what to say of it, in the language asked for.
    """

    path: ox.NamedNode
    count: int
    constraints: Mapping[str, list[Term]]
    remarks: tuple[str, ...]


def record_types(root: Path) -> list[str]:
    """Return the types of records: the folders of ``data/`` and the prefixes that are kept for records."""
    vocabularies = {path.stem for path in turtle_files(root) if path.parts[:2] == ("ontology", "vocab")}
    prefixes = load_prefixes(root)
    kept = {label for label, namespace in prefixes.items() if namespace == f"{ID}{label}/"}
    folders = {path.parts[1] for path in turtle_files(root) if path.parts[0] == "data" and len(path.parts) > 2}
    return sorted((kept | folders) - vocabularies - {"scheme"})


def scaffold(root: Path, kind: str, slug: str, *, class_name: str | None = None, language: str = "en") -> Scaffold:
    """Return a record to fill in.

    Args:
        root: the dataset, whose shapes tell what is required.
        kind: the folder below ``data/``, such as ``hub``.
        slug: the name of the record, in lower-case letters, digits and hyphens.
        class_name: its class, such as ``abc:University``; the usual one of the folder where it is None.
        language: ``en`` or ``ja``, the language of the comments.

    Raises:
        UsageError: no such type or class, or a name that is no file name here.
    """
    types = record_types(root)
    if kind not in types:
        close = difflib.get_close_matches(kind, types, 1, 0.5)
        guess, meant = (f" Did you mean {close[0]}?", f"{close[0]} ではありませんか。") if close else ("", "")
        raise UsageError(
            f"{kind}: no such type of record.{guess} There are {', '.join(types)}",
            japanese=f"{kind}：そのような種類はありません。{meant}次のいずれかです：{', '.join(types)}",
        )
    if not _SLUG.match(slug):
        raise UsageError(
            f"{slug}: name a record in lower-case letters, digits and hyphens, such as smart-health",
            japanese=f"{slug}：名前には半角の英小文字、数字、ハイフンだけを用いてください（例：smart-health）",
        )
    files = [
        read_file(root, path)
        for path in turtle_files(root)
        if path.parts[0] in ("ontology", "shapes") or path.parts[:2] == ("data", kind)
    ]
    return _Writer(files, load_prefixes(root), kind, slug, class_name, language, types).scaffold()


class _Writer:
    def __init__(
        self,
        files: Iterable[SourceFile],
        prefixes: Prefixes,
        kind: str,
        slug: str,
        class_name: str | None,
        language: str,
        types: Collection[str],
    ) -> None:
        self._types = types
        self._prefixes = prefixes
        self._kind = kind
        self._record = ox.NamedNode(f"{ID}{kind}/{slug}")
        self._slug = slug
        self._language = language
        self._about: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._classes: Counter[str] = Counter()
        for file in files:
            self._read(file)
        self._class = self._chosen(class_name)

    def _read(self, file: SourceFile) -> None:
        record = file.record
        for triple in file.triples:
            if record is None:
                self._about[triple.subject][triple.predicate.value].append(triple.object)
            elif triple.predicate == _TYPE and triple.subject == ox.NamedNode(record):
                self._classes[str(triple.object)] += 1

    def _chosen(self, name: str | None) -> ox.NamedNode:
        if name is not None:
            try:
                found = ox.NamedNode(name if "://" in name else self._prefixes.expand(name))
            except KeyError:
                raise UsageError(
                    f"{name}: no such prefix; name a class such as abc:University",
                    japanese=f"{name}：そのような接頭辞はありません。abc:University のようにクラスを指定してください",
                ) from None
            if found not in self._about:
                raise UsageError(
                    f"{name}: the ontology has no such class",
                    japanese=f"{name}：そのようなクラスはオントロジーにありません",
                )
            return found
        if self._classes:
            return ox.NamedNode(self._classes.most_common(1)[0][0].strip("<>"))
        guess = ox.NamedNode(ABC + "".join(part.capitalize() for part in self._kind.split("-")))
        if guess not in self._about:
            raise UsageError(
                f"{self._kind}: nothing stands here yet; name the class, such as --class abc:Hub",
                japanese=f"{self._kind}：まだ記録がないので、--class abc:Hub のようにクラスを指定してください",
            )
        return guess

    def _say(self, key: str, *values: str) -> str:
        return _WORDS[key][self._language == "ja"].format(*values)

    def scaffold(self) -> Scaffold:
        remarks: dict[tuple[str, str], tuple[str, ...]] = {}
        others = [name.strip("<>") for name, _ in self._classes.most_common() if name != str(self._class)]
        if others:
            shown = ", ".join(map(self._prefixes.curie, others))
            remarks[self._key(self._record, _TYPE)] = (self._say("class", shown),)
        triples = list(self._described(self._record, self._class, remarks))
        text = turtle.serialize(triples, self._prefixes)
        head, body = text.split("\n\n", 1)
        declared = [_LICENCE, *sorted({*head.split("\n"), *self._further_prefixes()})]
        note, optional = f"# {self._say('head')}", list(self._optional())
        tail = ["", *optional, ""] if optional else []
        path = Path("data", self._kind, f"{self._slug}.ttl")
        return Scaffold(
            path, "\n".join([*declared, "", note, self._commented(body.rstrip("\n"), remarks), *(tail or [""])])
        )

    def _further_prefixes(self) -> Iterator[str]:
        """Yield the prefixes that what is filled in may need; ``abckg fmt`` drops the others."""
        labels = {"dcterms"}
        for need in self._needs(self._class):
            labels |= {self._prefixes.curie(iri).split(":")[0] for iri in self._allowed(need.constraints)}
            if not need.constraints.keys() & {f"{SH}languageIn", f"{SH}datatype", f"{SH}pattern", f"{SH}node"}:
                labels |= set(self._types) if need.path.value != _EVIDENCE else set()
        for label in labels & set(self._prefixes):
            yield f"@prefix {label}: <{self._prefixes[label]}> ."

    def _described(
        self, subject: ox.NamedNode, kind: Term, remarks: dict[tuple[str, str], tuple[str, ...]]
    ) -> Iterator[ox.Triple]:
        """Yield what must be said of a thing of some class, and of the parts that it must have."""
        yield ox.Triple(subject, _TYPE, kind)
        for need in self._needs(kind):
            remarks[self._key(subject, need.path)] = need.remarks
            part = self._part_class(need)
            if part is None:
                yield from (ox.Triple(subject, need.path, value) for value in self._values(need))
                continue
            node = ox.NamedNode(f"{subject.value}/{self._local(part)}-1")
            yield ox.Triple(subject, need.path, node)
            yield from self._described(node, part, remarks)

    def _part_class(self, need: _Need) -> ox.NamedNode | None:
        """Return the class of a value that has no name of its own, and so stands in the file of its record."""
        for name in need.constraints.get(f"{SH}class", []):
            is_named = any(other.path.value == _LABEL for other in self._needs(name))
            if isinstance(name, ox.NamedNode) and not is_named and need.path.value != _EVIDENCE:
                return name
        return None

    def _local(self, name: ox.NamedNode) -> str:
        return self._prefixes.curie(name.value).split(":")[-1].lower()

    def _key(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> tuple[str, str]:
        return self._prefixes.curie(subject.value), "a" if predicate == _TYPE else self._prefixes.curie(predicate.value)

    def _property_shapes(self, kind: Term) -> list[Term]:
        """Return the property shapes that hold for a class or one above it."""
        return [inner for shape in self._class_shapes(kind) for inner in self._about[shape].get(f"{SH}property", [])]

    def _class_shapes(self, kind: Term) -> list[Term]:
        """Return the shapes of a class and of those above it."""
        ancestors: set[Term] = set()
        waiting: list[Term] = [kind]
        while waiting:
            name = waiting.pop()
            if name not in ancestors:
                ancestors.add(name)
                waiting += self._about[name].get(f"{RDFS}subClassOf", []) if name in self._about else []
        target = f"{SH}targetClass"
        return [shape for shape, about in self._about.items() if ancestors.intersection(about.get(target, ()))]

    def _needs(self, kind: Term) -> list[_Need]:
        """Return the required properties of a class; where two shapes ask for one, the one that asks for more."""
        shapes = self._property_shapes(kind)
        found: dict[ox.NamedNode, _Need] = {}
        for shape in shapes:
            about = self._about[shape]
            count = max((int(n.value) for n in about.get(f"{SH}minCount", ()) if isinstance(n, ox.Literal)), default=0)
            path = self._path(about.get(f"{SH}path", []))
            if count and path is not None and (path not in found or found[path].count < count):
                constraints = self._merged(shapes, path)
                found[path] = _Need(path, count, constraints, self._remarks(shape, path, constraints))
        return list(found.values())

    def _merged(self, shapes: Iterable[Term], path: ox.NamedNode) -> Mapping[str, list[Term]]:
        """Return what all shapes say of the values of a property."""
        merged: dict[str, list[Term]] = defaultdict(list)
        for shape in shapes:
            if self._about[shape].get(f"{SH}path") == [path]:
                for name, values in self._about[shape].items():
                    merged[name] += values
        return merged

    def _path(self, paths: list[Term]) -> ox.NamedNode | None:
        """Return the property that a path begins with, the first of alternatives."""
        for path in paths:
            if isinstance(path, ox.NamedNode):
                return path
            for way in self._about[path].get(f"{SH}alternativePath", []):
                return next((m for m in self._members(way) if isinstance(m, ox.NamedNode)), None)
        return None

    def _members(self, head: Term) -> Iterator[Term]:
        while head in self._about and self._about[head].get(f"{RDF}first"):
            yield self._about[head][f"{RDF}first"][0]
            head = self._about[head][f"{RDF}rest"][0]

    def _remarks(self, shape: Term, path: ox.NamedNode, constraints: Mapping[str, list[Term]]) -> tuple[str, ...]:
        messages = [m for m in self._about[shape].get(f"{SH}message", []) if isinstance(m, ox.Literal)]
        remarks = [m.value for m in messages if m.language == self._language] or [m.value for m in messages[:1]]
        if path.value == _EVIDENCE:
            remarks.append(self._say("evidence", f"{self._kind}/{self._slug}"))
        allowed = self._allowed(constraints)
        if allowed:
            remarks.append(self._say("values", ", ".join(map(self._prefixes.curie, allowed))))
        return tuple(remarks)

    def _allowed(self, constraints: Mapping[str, list[Term]]) -> list[str]:
        """Return the concepts that a value may be, where the shape names their scheme."""
        schemes = {
            value
            for node in constraints.get(f"{SH}node", [])
            for inner in self._about[node].get(f"{SH}property", [])
            for value in self._about[inner].get(f"{SH}hasValue", [])
        }
        return sorted(
            subject.value
            for subject, about in self._about.items()
            if isinstance(subject, ox.NamedNode) and schemes.intersection(about.get(f"{SKOS}inScheme", ()))
        )

    def _values(self, need: _Need) -> list[ox.NamedNode | ox.Literal]:
        languages = [
            m.value
            for head in need.constraints.get(f"{SH}languageIn", [])
            for m in self._members(head)
            if isinstance(m, ox.Literal)
        ]
        if languages:
            return [ox.Literal("TODO", language=language) for language in languages[: need.count]]
        if f"{SH}datatype" in need.constraints or f"{SH}pattern" in need.constraints:
            return [ox.Literal("TODO")]
        name = self._prefixes.curie(need.path.value).split(":")[-1]
        return [ox.NamedNode(f"{ID}{self._kind}/TODO-{name}")]

    def _optional(self) -> Iterator[str]:
        required = {need.path for need in self._needs(self._class)}
        shapes = self._class_shapes(self._class)
        closed = [self._paths(shape) for shape in shapes if self._about[shape].get(_IGNORED)]
        allowed = set.intersection(*closed) if closed else {path for shape in shapes for path in self._paths(shape)}
        iris = sorted({path.value for path in allowed - required} - _SELDOM)
        names = [f"{self._prefixes.curie(iri)} {self._term(iri)}".rstrip() for iri in iris]
        if names:
            yield f"# {self._say('optional', '')}".rstrip()
            yield from (f"#   {', '.join(names[at : at + _A_LINE])}" for at in range(0, len(names), _A_LINE))

    def _paths(self, shape: Term) -> set[ox.NamedNode]:
        """Return the properties that a shape of a class speaks of or, where it is closed, lets pass."""
        own = {self._path(self._about[inner].get(f"{SH}path", [])) for inner in self._about[shape][f"{SH}property"]}
        passing = {member for head in self._about[shape].get(_IGNORED, []) for member in self._members(head)}
        return {path for path in {*own, *passing} if isinstance(path, ox.NamedNode)}

    def _term(self, iri: str) -> str:
        """Return the label of a term of the ontology in the language asked for."""
        labels = self._about.get(ox.NamedNode(iri), {}).get(f"{RDFS}label", [])
        return next((t.value for t in labels if isinstance(t, ox.Literal) and t.language == self._language), "")

    def _commented(self, text: str, remarks: Mapping[tuple[str, str], tuple[str, ...]]) -> str:
        """Put each remark above the first line that it is about."""
        lines = []
        subject = ""
        said: set[tuple[str, str]] = set()
        for line in text.split("\n"):
            if line and not line.startswith((" ", "@", ".")):
                subject = line
            key = (subject, line.split(" ")[2]) if line.startswith("  ") else ("", "")
            if key in remarks and key not in said:
                said.add(key)
                lines += [f"  # {remark}" for remark in remarks[key]]
            lines.append(line)
        return "\n".join(lines)
