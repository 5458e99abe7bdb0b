"""What every check needs: the parsed dataset, the language of messages, and where in the files a fault stands.

Layer: part of ``validate``; imports the core.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from abckg.dataset import Dataset, closure
from abckg.locator import Locator
from abckg.namespaces import RULES
from abckg.places.positions import spelling
from abckg.reasoning.reason import Closure
from abckg.reports.report import Finding, Place, Severity
from abckg.shacl.engines import EngineName
from abckg.sources import Sources
from abckg.store import EmbeddedStore, Term

__all__ = ["Context", "Fault", "found"]


@dataclass(frozen=True)
class Fault:
    """What a check says is at fault in the graph.

    Attributes:
        focus: the node that the fault is about.
        path: the property, if it is one property.
        value: the value, if there is one.
        component: the IRI of the SHACL constraint component, if one found it.
        shape: the shape that found it.
    """

    focus: Term
    path: ox.NamedNode | None = None
    value: Term | None = None
    component: str = ""
    shape: Term | None = None


@dataclass(frozen=True)
class Context:
    """A dataset under validation.

    Attributes:
        sources: the parsed files.
        language: ``en`` or ``ja``, the language of the messages.
        engine: what runs the shapes.
    """

    sources: Sources
    language: str = "en"
    engine: EngineName = "auto"

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
        store = ox.Store()
        store.bulk_extend(dataset.quads())
        return EmbeddedStore(store, "")  # no version: it is read by checks alone

    @cached_property
    def locator(self) -> Locator:
        """Where things stand in the files."""
        return Locator(self.sources.files)

    def say(self, english: str, japanese: str) -> str:
        """Return the one of two messages that is in the language asked for."""
        return japanese if self.language == "ja" else english

    def shown(self, term: Term) -> str:
        """Return a term as Turtle spells it; the label of a blank node says nothing and changes from run to run."""
        if isinstance(term, ox.BlankNode):
            return "[ … ]"
        return spelling(term, self.sources.prefixes) if isinstance(term, ox.NamedNode | ox.Literal) else str(term)

    def finding(
        self, rule: str, message: str, check: str, fault: Fault, severity: Severity = Severity.VIOLATION
    ) -> Finding:
        """Return a fault of the graph as a finding with its place in the files."""
        places = self.locator.places(fault.focus, fault.path, fault.value, component=fault.component, shape=fault.shape)
        return found(rule, message, check, places, fault, severity)


def found(
    rule: str,
    message: str,
    check: str,
    places: tuple[Place, ...],
    fault: Fault | None = None,
    severity: Severity = Severity.VIOLATION,
) -> Finding:
    """Return a finding whose places are known: the first is its own, the others are related."""
    place = places[0] if places else Place(Path())
    return Finding(
        place.path,
        place.line,
        place.column,
        rule,
        message,
        severity,
        focus="" if fault is None else _name(fault.focus),
        check=check,
        end_line=place.end_line,
        end_column=place.end_column,
        help=f"{RULES}#{rule}",
        related=places[1:],
        predicate="" if fault is None or fault.path is None else fault.path.value,
        value="" if fault is None or fault.value is None else str(fault.value),
        component="" if fault is None else fault.component,
    )


def _name(node: Term) -> str:
    return node.value if isinstance(node, ox.NamedNode) else str(node)
