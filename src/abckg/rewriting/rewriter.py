"""Rewrites queries into ones that the embedded engine answers sooner, with the same solutions.

The engine joins patterns in an order that it chooses from their form alone. What it does not see is put into the text:

* ``?o in/partOf* <x>`` becomes ``_:b partOf* <x> . ?o in _:b``, which the specification says it means: the few nodes
  below ``<x>`` first.
* ``FILTER(?m = <iri>)`` and ``FILTER(?m IN (<a>, <b>))`` also become ``VALUES ?m { <a> <b> }`` where the triples before
  any OPTIONAL, MINUS or BIND of the same group bind ``?m`` for certain: the other triples then begin with these nodes.
* ``FILTER NOT EXISTS { t1 . t2 }`` becomes ``FILTER NOT EXISTS { t1 . FILTER EXISTS { t2 } }``: each is looked up where
  the engine would join all that match ``t2`` anew for each solution.
* Of several triples that have a predicate and an object, that which the fewest match comes first.
* ``ORDER BY ?v LIMIT 10`` over many triples also becomes ``FILTER(?v <= ...)`` (``cuts``).
* Counts of a whole pattern come from the statistics of the store (``aggregates``).

What ``pattern_reader`` does not read stays as it is.
Layer: imports ``aggregates``, ``cuts``, ``pattern_reader``, ``patterns`` and ``statistics``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import pyoxigraph as ox

from abckg.rewriting.aggregates import counted
from abckg.rewriting.cuts import Cut, cut_of
from abckg.rewriting.patterns import Block, Filter, Group, Other, Query, Term, Token, Triple
from abckg.rewriting.reader import read_patterns
from abckg.rewriting.statistics import PredicateCounts, Statistics

__all__ = ["Found", "Rewriter", "Rewritten", "enough"]

# What differs between queries of one shape, and cannot make a rewrite possible where there was none.
# All begin with one of a few characters, which `re` looks for much faster than for alternatives.
_CONSTANT = re.compile(
    r"""[<#"'0-9](?:
    (?<=<)[^<>\s]*>
    |(?<=\#)[^\r\n]*
    |(?<=")[^"\\\r\n]*"
    |(?<=')[^'\\\r\n]*'
    |(?<=[0-9])(?<!\w.)[0-9]*\b)""",
    re.VERBOSE,
)
_SHAPES, _SHAPE_LENGTH = 1024, 4096
_LONGEST = 10_000  # characters; a longer query is a list of values, and takes long to read
_MOST_VALUES = 1000
_SMALLER = 0.5  # what is not sure to be less than half is not worth another order
_UNKNOWN_COUNTS = PredicateCounts(1_000_000, None, 10, 100)
_Edit: TypeAlias = tuple[int, int, str]
Found: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class Rewritten(NamedTuple):
    """A query with the solutions of another, if it has ``rows`` rows or more: with fewer the other must be asked."""

    text: str
    rows: int = 0


class _Context(NamedTuple):
    """A query that is rewritten, and what is known of the store."""

    query: Query
    statistics: Statistics | None
    fresh: Iterator[str]
    cut: Cut | None


class Rewriter:
    """Rewrites the queries to one store.

    Args:
        statistics: Returns the counts of what the store holds, None where they are not known; asked when first needed.
    """

    def __init__(self, statistics: Callable[[], Statistics | None]) -> None:
        self._statistics = statistics
        self._plain: set[str] = set()

    def rewrite(self, text: str, *, is_whole: bool = True) -> Rewritten:
        """Return a query with the same solutions as ``text``, or ``text`` itself.

        Args:
            text: The query; one that is not well-formed may come back as another that is not.
            is_whole: Whether it is asked of the default graph that the statistics are of.
        """
        if len(text) > _LONGEST:
            return Rewritten(text)
        # Most queries come from programs that put other values into the same text.
        shape = f"{is_whole:d}{_CONSTANT.sub('<>', text)}"
        if shape in self._plain:
            return Rewritten(text)
        query = read_patterns(text)
        changed = self._changed(query, is_whole=is_whole) if query is not None else Rewritten(text)
        if changed.text == text and len(shape) <= _SHAPE_LENGTH:
            if len(self._plain) >= _SHAPES:
                self._plain.clear()
            self._plain.add(shape)
        return changed

    def _changed(self, query: Query, *, is_whole: bool) -> Rewritten:
        statistics = self._statistics()
        answer = counted(query, statistics) if statistics is not None and is_whole else None
        if answer is not None:
            return Rewritten(answer)
        taken = query.text
        fresh = (name for number in range(1_000_000) if (name := f"_:abckg{number}") not in taken)
        cut = cut_of(query, statistics) if statistics is not None and is_whole else None
        context = _Context(query, statistics, fresh, cut)
        edits = [edit for group in query.select.group.walk() for edit in _edits(context, group)]
        text = query.text
        for start, end, replacement in sorted(edits, reverse=True):
            text = text[:start] + replacement + text[end:]
        return Rewritten(text, cut.rows if cut else 0)


def enough(source: Found, rows: int) -> Found | None:
    """Return the answer of a rewritten query to read; None where it has fewer than ``rows`` rows."""
    if not rows or not isinstance(source, ox.QuerySolutions):
        return source
    body = source.serialize(format=ox.QueryResultsFormat.JSON) or b""
    counted_once, again = (ox.parse_query_results(body, ox.QueryResultsFormat.JSON) for _ in range(2))
    is_enough = isinstance(counted_once, ox.QuerySolutions) and sum(1 for _ in counted_once) >= rows
    return again if is_enough else None


def _edits(context: _Context, group: Group) -> Iterator[_Edit]:
    """Yield what to change in a group, but for the groups inside it."""
    leading = group.leading()
    blocks = [element for element in leading if isinstance(element, Block)]
    values = _values(context, group, blocks)
    for element in group.elements:
        if isinstance(element, Block):
            triples = _ordered(context, _split(context, element.triples))
            first = values if blocks and element is blocks[0] else ()
            last = _begun(context, triples)
            if first or last or triples != element.triples:
                yield element.start, element.end, " ".join([*first, *map(str, last or triples)])
    bound = {name for block in blocks for triple in block.triples for name in triple.variables()}
    for element in group.elements:
        if isinstance(element, Filter) and element.exists is not None:
            nested = _nested(context, element.exists, bound)
            if nested:
                yield element.exists.start, element.exists.end, f" {nested} "


def _split(context: _Context, triples: tuple[Triple, ...]) -> tuple[Triple, ...]:
    """Return the triples with each path to a node that repeats its last step as two patterns, the repetition first."""
    ends: list[Triple] = []
    rest: list[Triple] = []
    if sum(map(_may_be_empty, triples)) > 1:
        return triples
    for triple in triples:
        steps = triple.path.steps
        if len(steps) < 2 or steps[-1].modifier not in ("*", "+") or not _is_open(triple):
            rest.append(triple)
            continue
        before, last = steps[:-1], steps[-1]
        if len(before) == 1 and _triples(context, last.name) > _triples(context, before[0].name):
            rest.append(triple)  # more may be below the node than there are to look at one by one
            continue
        node = Term("variable", next(context.fresh))
        text = last.text + last.modifier
        ends.append(Triple(node, triple.path._replace(text=text, steps=(last,)), triple.object))
        head = "/".join(step.text + step.modifier for step in before)
        rest.append(Triple(triple.subject, triple.path._replace(text=head, steps=before), node))
    return (*ends, *rest)


def _may_be_empty(triple: Triple) -> bool:
    """Return whether the path may have no length.

    The engine then finds nodes that are none of the graph where it knows one end, and not where it knows none: which
    patterns it joins first must not be changed around such a path.
    """
    return not triple.path.variable and not {"*", "?"}.isdisjoint(triple.path.text)


def _is_open(triple: Triple) -> bool:
    return triple.subject.kind == "variable" and triple.object.kind == "iri"


def _ordered(context: _Context, triples: tuple[Triple, ...]) -> tuple[Triple, ...]:
    """Return the triples with the one first which, of those that restrict the same variable, the fewest match."""
    anchors = [triple for triple in triples if triple.subject.kind == "variable" and _is_anchor(triple)]
    anchors = [triple for triple in anchors if triple.subject == anchors[0].subject]
    if context.statistics is None or len(anchors) < 2 or any(map(_may_be_empty, triples)):
        return triples
    found = [(_size(context, triple, set()), triple) for triple in anchors]
    least, best = min(found, key=lambda entry: entry[0])
    if least >= found[0][0] * _SMALLER:
        return triples
    return (best, *(triple for triple in triples if triple is not best))


def _begun(context: _Context, triples: tuple[Triple, ...]) -> list[object]:
    """Return the triple that a cut begins with, its condition and the other triples; nothing where it is elsewhere."""
    if context.cut is None or not any(triple is context.cut.triple for triple in triples):
        return []
    rest = [triple for triple in triples if triple is not context.cut.triple]
    return [context.cut.triple, context.cut.condition, *rest]


def _is_anchor(triple: Triple) -> bool:
    # The engine takes classes for large itself, and begins with the other triple.
    return bool(triple.path.name) and triple.path.name != "a" and triple.object.kind != "variable"


def _values(context: _Context, group: Group, blocks: list[Block]) -> tuple[str, ...]:
    """Return the VALUES clauses for the filters of a group that fix a variable to some IRIs."""
    triples = [triple for block in blocks for triple in block.triples]
    others = {element.word for element in group.elements if isinstance(element, Other)}
    if not triples or others & {"VALUES", "SELECT"}:
        return ()  # they may already hold less
    found: list[str] = []
    least = min(_size(context, triple, set()) for triple in triples)
    for element in group.elements:
        if not isinstance(element, Filter) or element.exists is not None:
            continue
        for variable, written in _fixed(element.tokens):
            names = [context.query.resolve(name) for name in written]
            using = [triple for triple in triples if variable in _ends(triple) and not _may_be_empty(triple)]
            if None in names or not using or len(names) > _MOST_VALUES:
                continue
            iris = dict(zip(names, written, strict=True))  # each once: a value given twice would double the rows
            if len(iris) * min(_size(context, triple, {variable}) for triple in using) < least:
                found.append(f"VALUES {variable} {{ {' '.join(iris.values())} }}")
    return tuple(found[:1])


def _ends(triple: Triple) -> set[str]:
    return {triple.subject.text, triple.object.text}


def _fixed(tokens: tuple[Token, ...]) -> Iterator[tuple[str, list[str]]]:
    """Yield the variables that a condition fixes to some IRIs, with these as they are written."""
    for part in _parts(_unwrapped(tokens), "&&"):
        alternatives = [_equal(_unwrapped(option)) for option in _parts(_unwrapped(part), "||")]
        known = [option for option in alternatives if option is not None]
        variables = {variable for variable, _ in known}
        if len(known) == len(alternatives) and len(variables) == 1:
            yield variables.pop(), [name for _, names in known for name in names]


def _parts(tokens: tuple[Token, ...], operator: str) -> list[tuple[Token, ...]]:
    """Return the operands of an expression, itself where it has another operator outside brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "{")) - (token.text in (")", "}")) if token.kind == "sign" else 0
        if depth == 0 and token.kind == "sign" and token.text in ("&&", "||"):
            if token.text != operator:
                return [tokens] if operator == "&&" else []
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


def _unwrapped(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return an expression without the brackets around the whole of it."""
    while len(tokens) > 2 and tokens[0].text == "(" and tokens[-1].text == ")":
        depth = 0
        for place, token in enumerate(tokens):
            depth += (token.text == "(") - (token.text == ")") if token.kind == "sign" else 0
            if depth == 0 and place < len(tokens) - 1:
                return tokens
        tokens = tokens[1:-1]
    return tokens


def _equal(tokens: tuple[Token, ...]) -> tuple[str, list[str]] | None:
    """Return the variable and the IRIs of ``?m = <a>``, ``<a> = ?m``, ``sameTerm(?m, <a>)`` or ``?m IN (<a>, <b>)``."""
    words = [token.text.upper() if token.kind == "word" else token.text for token in tokens]
    if len(words) == 3 and words[1] == "=":
        pair = (tokens[0], tokens[2])
    elif len(words) == 6 and (words[0], words[1], words[3], words[5]) == ("SAMETERM", "(", ",", ")"):
        pair = (tokens[2], tokens[4])
    elif len(words) >= 5 and words[1:3] == ["IN", "("] and words[-1] == ")" and tokens[0].kind == "variable":
        listed, commas = tokens[3:-1:2], words[4:-1:2]
        if set(commas) <= {","} and len(listed) == len(commas) + 1 and all(map(_is_name, listed)):
            return f"?{tokens[0].text[1:]}", [token.text for token in listed]
        return None
    else:
        return None
    variable, name = pair if pair[0].kind == "variable" else pair[::-1]
    return (f"?{variable.text[1:]}", [name.text]) if variable.kind == "variable" and _is_name(name) else None


def _is_name(token: Token) -> bool:
    return token.kind == "iri" or (token.kind == "name" and not token.text.startswith("_:"))


def _nested(context: _Context, group: Group, outer: set[str]) -> str | None:
    """Return the triples of an EXISTS, each with the next in an EXISTS of its own; None where they are not joined."""
    if len(group.elements) != 1 or not isinstance(group.elements[0], Block) or len(group.elements[0].triples) < 2:
        return None
    rest = list(group.elements[0].triples)
    inner = {name for triple in rest for name in triple.variables()} - outer
    if any(map(_may_be_empty, rest)) or any(_is_elsewhere(context.query.text, group, name) for name in inner):
        return None
    bound = set(outer)
    ordered: list[Triple] = []
    while rest:
        joined = [triple for triple in rest if triple.variables() & bound]
        if not joined:
            return None
        best = min(joined, key=lambda triple: _size(context, triple, bound))
        rest.remove(best)
        ordered.append(best)
        bound |= best.variables()
    text = str(ordered[-1])
    for triple in reversed(ordered[:-1]):
        text = f"{triple} FILTER EXISTS {{ {text} }}"
    return text


def _is_elsewhere(text: str, group: Group, variable: str) -> bool:
    """Return whether a variable is also written outside a group.

    The engine may then see it bound there, where it should not: by the order in which it joins groups.
    """
    written = re.compile(rf"[?$]{variable[1:]}(?!\w)")
    return bool(written.search(text, 0, group.start) or written.search(text, group.end))


def _triples(context: _Context, written: str) -> int:
    return _of(context, written).triples


def _of(context: _Context, written: str) -> PredicateCounts:
    name = context.query.resolve(written) if written else None
    if name is None or context.statistics is None:
        return _UNKNOWN_COUNTS
    return context.statistics.predicates.get(name, PredicateCounts(0, {}, 0, 0))


def _size(context: _Context, triple: Triple, bound: set[str]) -> float:
    """Return about how many solutions a pattern has for each binding of the variables ``bound``."""
    has_subject = triple.subject.kind != "variable" or triple.subject.text in bound
    has_object = triple.object.kind != "variable" or triple.object.text in bound
    counts = _of(context, triple.path.name)
    if has_subject and has_object:
        return 1
    if has_subject:
        return counts.per_subject
    if not has_object:
        return counts.triples
    if counts.objects is not None and triple.object.kind == "iri":
        iri = context.query.resolve(triple.object.text)
        return counts.objects.get(f"<{iri}>", 0)
    return counts.per_object
