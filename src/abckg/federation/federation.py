"""SERVICE for the endpoints on a list: their answers are asked for first, and stand in the query as VALUES.

A SERVICE clause with a fixed endpoint is by definition the solutions of its pattern there, joined with the rest. So are
the rows of a VALUES block, which may stand wherever the clause may; the two have the same meaning, unbound variables
and duplicates included, as long as no row holds a blank node. The engine's own client is never used.

Refused with a reason, because they cannot be written so or bounded: an endpoint in a variable, a clause in another one,
in GRAPH or in EXISTS, code points as escapes, more clauses or rows than read here, blank nodes in an answer. The other
server evaluates the pattern without the bindings of this one: what is asked of it has to be selective by itself.
Layer: imports ``elsewhere``, ``errors``, ``safety`` and ``tokens``.
Specification: https://www.w3.org/TR/sparql11-federated-query/
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyoxigraph as ox

from abckg.errors import QueryRefused
from abckg.federation.elsewhere import ANSWERS, Elsewhere, ElsewhereError, Unbounded
from abckg.safety import parse, prologue_of, refuse_service, resolved
from abckg.tokens import tokens_of

__all__ = ["Federation"]

_WORD = re.compile(r"SERVICE(SILENT)?\Z", re.IGNORECASE)
_MENTIONED = re.compile(r"SERVICE", re.IGNORECASE)
_BLOCKS = ("EXISTS", "GRAPH")
_FORMATS = dict(zip(ANSWERS, (ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML), strict=True))

_Token = re.Match[str]


@dataclass(frozen=True)
class _Clause:
    """A SERVICE clause of a query: where it stands, what it asks and whom."""

    start: int
    stop: int
    endpoint: str
    pattern: str
    is_silent: bool


class Federation:
    """Answers the SERVICE clauses of queries.

    Args:
        elsewhere: The servers that may be asked.
        clauses: How many clauses a query may have.
        rows: How many solutions an answer may have.
    """

    def __init__(self, elsewhere: Elsewhere, *, clauses: int = 4, rows: int = 10_000) -> None:
        self._elsewhere = elsewhere
        self._clauses, self._rows = clauses, rows

    def __call__(self, text: str) -> str:
        """Return ``text`` with the answers in the place of its SERVICE clauses.

        Raises:
            QueryRefused: A clause asks who may not be asked, or cannot be answered in this way.
            QuerySyntaxError: It is no well-formed query.
            StoreError: A server does not answer, and the clause is not SILENT.
        """
        if not self._elsewhere.allowed or not _MENTIONED.search(text):
            refuse_service(text)
            return text
        clauses = _clauses(text)
        if len(clauses) > self._clauses:
            raise QueryRefused(f"The query has {len(clauses)} SERVICE clauses; this server answers {self._clauses}.")
        prologue = prologue_of(text)
        for clause in clauses:
            self._elsewhere.allowed.permitted(clause.endpoint)
        # What remains must be a query without SERVICE before anybody is asked.
        parse(_replaced(text, clauses, ["VALUES () { }"] * len(clauses)))
        whole = _replaced(text, clauses, [self._values(clause, prologue) for clause in clauses])
        refuse_service(whole)
        return whole

    def _values(self, clause: _Clause, prologue: str) -> str:
        query = f"{prologue}\nSELECT * WHERE {{{clause.pattern}\n}}"
        shape = parse(query)
        names = [variable.value for variable in shape.variables] if isinstance(shape, ox.QuerySolutions) else []
        try:
            kind, body = self._elsewhere.ask(clause.endpoint, query)
            rows = self._read(clause.endpoint, kind, body, names)
        except ElsewhereError:
            if not clause.is_silent:
                raise
            rows = [" ".join(["UNDEF"] * len(names))]
        head = " ".join(f"?{name}" for name in names)
        return f"VALUES ({head}) {{ {' '.join(f'({row})' for row in rows)} }}"

    def _read(self, endpoint: str, kind: str, body: bytes, names: list[str]) -> list[str]:
        rows: list[str] = []
        try:
            found = ox.parse_query_results(body, format=_FORMATS[kind])
            if not isinstance(found, ox.QuerySolutions):
                raise ElsewhereError(f"{endpoint} gave no solutions.")
            known = {variable.value for variable in found.variables}
            for solution in found:
                if len(rows) == self._rows:
                    raise Unbounded(f"{endpoint} gave more than {self._rows} solutions; ask it for less.")
                rows.append(" ".join(_written(solution[name]) if name in known else "UNDEF" for name in names))
        except (SyntaxError, ValueError, OSError) as fault:
            raise ElsewhereError(f"{endpoint} gave an answer that cannot be read: {fault}") from fault
        return rows


def _clauses(text: str) -> list[_Clause]:
    """Return the SERVICE clauses of ``text``, as they stand; QueryRefused where one cannot be answered."""
    if "\\u" in text or "\\U" in text:
        raise QueryRefused("SERVICE is refused in a query with code points as escapes; write characters instead.")
    tokens, prologue = tokens_of(text), prologue_of(text)
    found: list[_Clause] = []
    blocks: list[str] = []
    for index, token in enumerate(tokens):
        if token.group() == "{":
            blocks.append(_opener(tokens, index))
        elif token.group() == "}" and blocks:
            blocks.pop()
        elif token.lastgroup == "word" and _WORD.search(token.group()):
            if found and token.start() < found[-1].stop:
                raise QueryRefused("SERVICE is refused inside of another SERVICE; put it beside the other.")
            within = next((block for block in blocks if block), None)
            if within:
                raise QueryRefused(f"SERVICE is refused inside of {within}; put it beside, and join by variables.")
            found.append(_clause(text, tokens, index, prologue))
    return found


def _opener(tokens: list[_Token], index: int) -> str:
    """Return the keyword of ``_BLOCKS`` that the brace at ``index`` belongs to, else nothing."""
    before = [token.group().upper() for token in tokens[max(0, index - 2) : index]]
    if before and before[-1].endswith("EXISTS"):
        return "EXISTS"
    return "GRAPH" if len(before) == 2 and before[0].endswith("GRAPH") else ""


def _clause(text: str, tokens: list[_Token], index: int, prologue: str) -> _Clause:
    word, rest = tokens[index], tokens[index + 1 :]
    is_silent = word.group().upper().endswith("SILENT")
    if not is_silent and rest and rest[0].group().upper() == "SILENT":
        is_silent, rest = True, rest[1:]
    if len(rest) < 2 or rest[1].group() != "{" or rest[0].lastgroup not in ("iri", "name"):
        raise QueryRefused("SERVICE is refused: its endpoint is to be an IRI, followed by a group in braces.")
    if rest[0].group()[0] in "?$":
        raise QueryRefused("SERVICE is refused with a variable for its endpoint; name the endpoint.")
    depth = 0
    for token in rest[1:]:
        depth += {"{": 1, "}": -1}.get(token.group(), 0)
        if depth == 0:
            break
    else:
        raise QueryRefused("SERVICE is refused: its group has no end.")
    iris = resolved(rest[0].group(), prologue)
    if not iris:
        raise QueryRefused(f"SERVICE {rest[0].group()} is refused: this is no IRI.")
    return _Clause(word.start(), token.end(), iris[0], text[rest[1].end() : token.start()], is_silent)


def _replaced(text: str, clauses: list[_Clause], values: list[str]) -> str:
    for clause, block in zip(reversed(clauses), reversed(values), strict=True):
        text = f"{text[: clause.start]} {block} {text[clause.stop :]}"
    return text


def _written(term: object) -> str:
    """Return a term as SPARQL; made anew, so that nothing but a term is written."""
    if term is None:
        return "UNDEF"
    if isinstance(term, ox.NamedNode):
        return str(ox.NamedNode(term.value))
    if isinstance(term, ox.Literal):
        if term.language:
            return str(ox.Literal(term.value, language=term.language))
        return str(ox.Literal(term.value, datatype=ox.NamedNode(term.datatype.value)))
    raise QueryRefused("SERVICE is refused: its answer holds blank nodes; select what has an IRI, or a value.")
