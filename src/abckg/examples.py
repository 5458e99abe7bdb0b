"""Examples of what the rules ask: a piece of a file as it is wrong and as it is right, from ``shapes/examples/``.

There they stand rule by rule as differences, in Markdown: lines with ``-`` are wrong, lines with ``+`` right, the
others both, and ``…`` is what is left out. Pages show them, tests run them. Layer: imports nothing of the package.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

__all__ = ["EXAMPLE_FOLDER", "LEFT_OUT", "Example", "Line", "load_examples", "read_examples"]

EXAMPLE_FOLDER = Path("shapes/examples")
LEFT_OUT = "…"
_RULE_OR_EXAMPLE = re.compile(r"^## (?P<rule>\S+)$|^```diff\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
_PATHS = ("--- ", "+++ ")


@dataclass(frozen=True)
class Line:
    """A line of one side of an example; ``gap`` is where only the other side has one."""

    text: str
    kind: Literal["same", "changed", "gap"] = "same"


@dataclass(frozen=True)
class Example:
    """A breach of a rule and its repair.

    Attributes:
        difference: the lines, each after its mark: `` ``, ``-`` or ``+``.
        wrong_path: the file in which the wrong lines stand, relative to the root; empty where any record’s would do.
        right_path: the file in which the right lines stand.
    """

    difference: tuple[str, ...]
    wrong_path: str = ""
    right_path: str = ""

    @property
    def wrong(self) -> tuple[Line, ...]:
        """Return the lines as they are wrong, with gaps where the right ones have more."""
        return tuple(self._side("-", "+"))

    @property
    def right(self) -> tuple[Line, ...]:
        """Return the lines as they are right, with gaps where the wrong ones have more."""
        return tuple(self._side("+", "-"))

    @property
    def text(self) -> tuple[str, ...]:
        """Return the lines of the example as a difference, with its files where they matter."""
        paths = (f"--- {self.wrong_path}", f"+++ {self.right_path}") if self.wrong_path else ()
        return (*paths, *self.difference)

    @property
    def markdown(self) -> str:
        """Return the example as a block of Markdown."""
        return "\n".join(("```diff", *self.text, "```"))

    def _side(self, own: str, other: str) -> Iterator[Line]:
        for is_same, run in groupby(self.difference, key=lambda line: line[:1] not in ("-", "+")):
            lines = list(run)
            if is_same:
                yield from (Line(line[1:]) for line in lines)
            else:
                mine = [Line(line[1:], "changed") for line in lines if line.startswith(own)]
                yield from mine
                yield from [Line("", "gap")] * (sum(line.startswith(other) for line in lines) - len(mine))


def load_examples(root: Path) -> dict[str, tuple[Example, ...]]:
    """Return the examples of the dataset at ``root`` by the name of their rule; none where it has no such folder."""
    found: dict[str, tuple[Example, ...]] = {}
    for path in sorted((root / EXAMPLE_FOLDER).glob("*.md")):
        for rule, examples in read_examples(path.read_text(encoding="utf-8")).items():
            found[rule] = found.get(rule, ()) + examples
    return found


def read_examples(text: str) -> dict[str, tuple[Example, ...]]:
    """Return the examples of one file of Markdown by the name of their rule, the heading above them."""
    found: dict[str, list[Example]] = defaultdict(list)
    rule = ""
    for part in _RULE_OR_EXAMPLE.finditer(text):
        rule = part["rule"] or rule
        if part["lines"] is not None:
            found[rule].append(_example(part["lines"].splitlines()))
    return {rule: tuple(examples) for rule, examples in found.items()}


def _example(lines: list[str]) -> Example:
    paths = [line[4:] for line in lines[:2] if line.startswith(_PATHS)]
    return Example(tuple(lines[len(paths) :]), *paths)
