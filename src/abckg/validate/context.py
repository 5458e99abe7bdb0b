"""What every check needs: the parsed dataset, the language of messages, and where in the files a fault stands.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from abckg.dataset import Dataset, closure
from abckg.positions import locate, spelling
from abckg.reason import Closure
from abckg.sources import SourceFile, Sources
from abckg.store import EmbeddedStore, Term

__all__ = ["Context", "Place"]

Place = tuple[Path, int | None, int | None]


@dataclass(frozen=True)
class Context:
    """A dataset under validation.

    Attributes:
        sources: the parsed files.
        language: ``en`` or ``ja``, the language of the messages.
    """

    sources: Sources
    language: str = "en"

    @cached_property
    def closure(self) -> Closure:
        """What follows from the dataset, and the clashes."""
        return closure(self.sources)

    @cached_property
    def store(self) -> EmbeddedStore:
        """Ontology, data and inferred triples, each in its graph and in the default graph."""
        dataset = Dataset(
            tuple(self.sources.triples("ontology", "vocab", "alignment")),
            tuple(self.sources.triples("data")),
            self.closure.inferred,
            self.sources.prefixes,
        )
        return EmbeddedStore.from_dataset(dataset)

    def say(self, english: str, japanese: str) -> str:
        """Return the one of two messages that is in the language asked for."""
        return japanese if self.language == "ja" else english

    def shown(self, term: Term) -> str:
        """Return a term as Turtle spells it."""
        return spelling(term, self.sources.prefixes) if isinstance(term, ox.NamedNode | ox.Literal) else str(term)

    def place(self, focus: str, path: str | None, value: Term | None) -> Place:
        """Return the file, line and column of a value, else of the property, else of the subject."""
        file = self.sources.declared_in.get(focus)
        if file is None:
            return Path(), None, None
        return self.place_in(file, focus, path, value)

    def place_in(self, file: SourceFile, focus: str, path: str | None, value: Term | None) -> Place:
        """Return the place as ``place`` does, in a file already known."""
        prefixes = self.sources.prefixes
        spelled = spelling(value, prefixes) if isinstance(value, ox.NamedNode | ox.Literal) else None
        found = locate(file.text, focus, path, spelled, prefixes)
        return (file.path, *found) if found else (file.path, None, None)
