"""The examples of the rules as datasets, with what an example leaves out or points at."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from abckg.examples import LEFT_OUT, Example, Line
from abckg.namespaces import Prefixes, load_prefixes
from abckg.rulebook import Rule
from small import ROOT, put

Side: TypeAlias = Literal["wrong", "right"]

COMPLETE = ROOT / "tests/shapes/complete"
WORLD = ROOT / "tests/shapes/world.ttl"
PREFIXES = load_prefixes(ROOT)
_NAME = re.compile(r"(?<=[:/])(?<!skos:)example(?![\w.-])")
_PART = re.compile(r"<https://w3id\.org/abc-kg/id/[a-z-]+/example-\d+/[a-z]+>")
_PARTS = {
    "membership": "Membership",
    "observation": "Observation",
    "passage": "Passage",
    "reading": "Reading",
    "stage": "InitiativeStage",
    "item": "StatementItem",
}
_UNREADABLE = "\N{REPLACEMENT CHARACTER}".encode()


@dataclass(frozen=True)
class Case:
    """One example of a rule; its number keeps its record apart from those of the others."""

    rule: Rule
    example: Example
    number: int

    def __str__(self) -> str:
        return f"{self.rule.name}-{self.number}"

    def lines(self, side: Side) -> list[Line]:
        """Return the lines of a side as the pages show them."""
        shown = self.example.wrong if side == "wrong" else self.example.right
        return [line for line in shown if line.kind != "gap"]

    def path(self, side: Side) -> Path:
        """Return the file that holds a side: where the example says, or that of the first record described."""
        said = self.example.wrong_path if side == "wrong" else self.example.right_path
        first = self.lines(side)[0].text
        record = re.sub(r"<https://w3id\.org/abc-kg/id/([^/]+/[^/>]+).*", r"\1", first).replace(":", "/")
        return Path(said.replace("/example.", f"/example-{self.number}.") or f"data/{record}-{self.number}.ttl")

    def text(self, side: Side) -> str:
        """Return a side as a file: with the prefixes and what is left out in the example."""
        body = "\n".join(_completed([line.text for line in self.lines(side)], self)) + "\n"
        if self.path(side).suffix == ".ttl" and "@prefix" not in body:
            head = "".join(f"@prefix {label}: <{PREFIXES[label]}> .\n" for label in _used(body, PREFIXES))
            body = f"{head}\n{body}"
        return _NAME.sub(f"example-{self.number}", body)

    def shown_at(self, side: Side, line: int) -> Line | None:
        """Return which of the lines shown stands at a line of the file, None where none does."""
        shown = self.lines(side)
        first = self.text(side).split("\n").index(_NAME.sub(f"example-{self.number}", shown[0].text)) + 1
        return shown[line - first] if 0 <= line - first < len(shown) else None


def cases(rules: Iterable[Rule]) -> list[Case]:
    """Return the examples of rules, numbered."""
    return [Case(*pair, number) for number, pair in enumerate((r, e) for r in rules for e in r.examples)]


def write(folder: Path, of: Sequence[Case], side: Side) -> None:
    """Write a dataset with the real ontology and shapes, and one side of examples."""
    for room in ("ontology", "shapes"):
        shutil.copytree(ROOT / room, folder / room)
    put(folder, "data/0/world.ttl", WORLD.read_text(encoding="utf-8"))  # first: what is said again is found elsewhere
    texts = {case.path(side): case.text(side) for case in of}
    assert len(texts) == len(of), "two examples stand in one file"
    for path, text in texts.items():
        put(folder, path.as_posix(), text)
        (folder / path).write_bytes(text.encode().replace(_UNREADABLE, b"\x97"))
    parts = {part: _PARTS[part.rsplit("/", 1)[1][:-1]] for text in texts.values() for part in parts_missing(text)}
    stubs = [f"{part} a <https://w3id.org/abc-kg/ontology#{name}> .\n" for part, name in parts.items()]
    put(folder, "data/0/parts.ttl", "".join(stubs))


def parts_missing(text: str) -> list[str]:
    """Return the parts of its record that a text points at and does not describe."""
    described = set(re.findall(r"^<.*>$", text, re.MULTILINE))
    return sorted(set(_PART.findall(text)) - described)


def _completed(lines: list[str], case: Case) -> list[str]:
    """Put in place of what is left out the rest of the real file, or of a record that has every property."""
    place = next((number for number, line in enumerate(lines) if line.strip() == LEFT_OUT), None)
    if place is None:
        return lines
    rest: list[str] = []
    if (ROOT / case.example.wrong_path).is_file():
        rest = _properties(ROOT / case.example.wrong_path)
    elif case.rule.check == "shapes":
        rest = _properties(_complete(case))
    said = {word for line in case.example.difference for word in line[1:].split()[:1]}
    return [*lines[:place], *(line for line in rest if line.split()[0] not in said), ".", *lines[place + 1 :]]


def _complete(case: Case) -> Path:
    """Return a complete record of the class, that of the rule’s own file first."""
    class_line = next(line.text for line in case.lines("right") if line.text.startswith("  a "))
    own = COMPLETE / Path(case.rule.place).name
    paths = [*([own] if own.exists() else []), *sorted(COMPLETE.glob("*.ttl"))]
    return next(path for path in paths if f"\n{class_line}\n" in path.read_text(encoding="utf-8"))


def _properties(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line.startswith("  ")]


def _used(text: str, prefixes: Prefixes) -> list[str]:
    bare = re.sub(r'"[^"\n]*"|<[^>\n]*>', "", text) + ("xsd:" if "^^xsd:" in text else "")
    return sorted({label for label in re.findall(r"(?<![\w-])([a-z][a-z-]*):", bare) if label in prefixes})
