"""From a fault in the graph to the line of the file that holds it.

Source files are canonical (one triple a line), so a line can be found from its subject, predicate and value.
Layer: imports ``namespaces`` only.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from abckg.namespaces import RDF, Prefixes

__all__ = ["Place", "line_of_subject", "locate"]

Place = tuple[int, int]


def line_of_subject(text: str, subject: str, prefixes: Prefixes) -> int | None:
    """Return the line, from 1, where the statements about a subject begin; None where there are none."""
    spellings = "|".join(re.escape(name) for name in {prefixes.curie(subject), f"<{subject}>"})
    match = re.search(rf"^(?:{spellings})(?=\s|$)", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else None


def locate(text: str, subject: str, predicate: str | None, value: str | None, prefixes: Prefixes) -> Place | None:
    """Return line and column, from 1, of a value, else of the predicate's last triple, else of the subject.

    Args:
        text: the file.
        subject: the IRI that the fault is about.
        predicate: the IRI of the property at fault, if one is known.
        value: the value at fault as Turtle spells it, if one is known.
        prefixes: the prefix list.
    """
    first = line_of_subject(text, subject, prefixes)
    if first is None or predicate is None:
        return (first, 1) if first else None
    verb = "a" if predicate == f"{RDF}type" else prefixes.curie(predicate)
    found: Place | None = None
    for number, line in enumerate(text.split("\n")[first:], first + 1):
        if line.startswith("."):
            break
        match = re.match(rf"\s+{re.escape(verb)}\s+(.*?)\s*;?$", line)
        if match:
            found = (number, match.start(1) + 1)
            if value is not None and match.group(1) == value:
                return found
    return found or (first, 1)


def spelling(term: ox.NamedNode | ox.Literal, prefixes: Prefixes) -> str:
    """Return a term as canonical Turtle spells it."""
    if isinstance(term, ox.NamedNode):
        return prefixes.curie(term.value)
    return str(term)
