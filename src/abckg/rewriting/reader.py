"""Reads the graph patterns of a query; what it does not know for certain it refuses.

It reads the part of the grammar that queries of everyday use: prologue, SELECT and ASK and CONSTRUCT, groups with
triples, paths, FILTER, OPTIONAL, UNION, MINUS, GRAPH, VALUES, BIND and sub-selects. That a query is well-formed is
known only after the engine has parsed it: nothing here is a check.
Layer: imports ``patterns``. Specification: https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re

from abckg.rewriting.patterns import (
    Block,
    Element,
    Filter,
    Group,
    Other,
    Path,
    Query,
    Select,
    Step,
    Term,
    Token,
    Triple,
)

__all__ = ["read_patterns"]

# No prefix is longer than 62 characters here, so that no text takes long to split.
# What separates tokens is never looked at twice: a comment at the end would otherwise be read as tokens.
_TOKEN = re.compile(
    r"""(?>(?:\s+|\#[^\r\n]*)*)(?:
    (?P<iri><[^\x00-\x20<>"{}|^`\\]*>)
    |(?P<variable>[?$]\w+)
    |(?P<name>(?:[^\W\d_](?:[\w.-]{0,60}[\w-])?)?:(?:(?:[\w:]|%[0-9A-Fa-f]{2})(?:(?:[\w:.-]|%[0-9A-Fa-f]{2})*(?:[\w:-]|%[0-9A-Fa-f]{2}))?)?)
    |(?P<word>[A-Za-z]\w*)
    |(?P<number>(?:\d+\.\d*|\.?\d+)[eE][+-]?\d+|\d*\.\d+|\d+)
    |(?P<sign>\^\^|&&|\|\||!=|<=|>=|[{}()\[\].,;|/^*+?!=<>-])
    |(?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<end>\Z)
    |(?P<other>\S))""",
    re.VERBOSE | re.DOTALL,
)
_FORMS = ("SELECT", "ASK", "CONSTRUCT")
_OPEN, _CLOSE = "{([", "})]"
_NAMES = ("iri", "name")


class _Unknown(Exception):
    """The query has something that is not read here."""


def read_patterns(text: str) -> Query | None:
    """Return the patterns of ``text``; None where it has something that is not read here."""
    if "\\u" in text or "\\U" in text:
        return None
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "end":
            break
        if kind == "other":
            return None
        tokens.append(Token(kind, match[kind], *match.span(kind)))
    try:
        return _Reader(text, tokens).query()
    except (_Unknown, IndexError):
        return None


class _Reader:
    """Reads tokens from left to right; raises _Unknown, or IndexError at the end, where it cannot go on."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0

    def query(self) -> Query:
        prefixes, has_base = self._prologue()
        form = self._word()
        if form not in _FORMS:
            raise _Unknown
        select = self._select(len(self._tokens), is_construct=form == "CONSTRUCT")
        return Query(self._text, form, prefixes, has_base, select)

    def _prologue(self) -> tuple[dict[str, str], bool]:
        prefixes: dict[str, str] = {}
        has_base = False
        while (word := self._tokens[self._at].text.upper()) in ("PREFIX", "BASE"):
            self._at += 1
            if word == "PREFIX":
                label = self._take("name").text
                if not label.endswith(":") or label[:-1] in prefixes:
                    raise _Unknown
                prefixes[label[:-1]] = self._take("iri").text[1:-1]
            else:
                self._take("iri")
                has_base = True
        return prefixes, has_base

    def _select(self, end: int, *, is_construct: bool = False) -> Select:
        """Read what follows the form: everything before the group, the group, everything up to ``end``."""
        start = self._at
        if is_construct:
            self._skip_brackets("{")
        while self._tokens[self._at].text != "{":
            token = self._tokens[self._at]
            if token.text.upper() == "FROM":
                raise _Unknown
            if token.text == "(":
                self._skip_brackets("(")
            else:
                self._at += 1
        head = tuple(self._tokens[start : self._at])
        group = self._group()
        tail = tuple(self._tokens[self._at : end])
        self._at = end
        return Select(head, group, tail)

    def _group(self) -> Group:
        start = self._take("sign", "{").end
        elements: list[Element] = []
        while self._tokens[self._at].text != "}":
            if elements and self._tokens[self._at].text == "." and not isinstance(elements[-1], Block):
                self._at += 1
                continue
            elements.append(self._element())
        end = self._take("sign", "}").start
        return Group(start, end, tuple(elements))

    def _element(self) -> Element:
        token = self._tokens[self._at]
        word = token.text.upper() if token.kind == "word" else ""
        if token.text == "{":
            return self._groups()
        if not word or word in ("TRUE", "FALSE"):
            return self._block()
        self._at += 1
        if word == "FILTER":
            return self._filter()
        if word in ("OPTIONAL", "MINUS"):
            return Other(word, self._groups().groups)
        if word == "GRAPH":
            self._term()
            return Other(word, (self._group(),))
        if word == "BIND":
            self._skip_brackets("(")
        elif word == "VALUES":
            if self._tokens[self._at].text == "(":
                self._skip_brackets("(")
            else:
                self._take("variable")
            self._skip_brackets("{")
        else:
            raise _Unknown
        return Other(word, ())

    def _groups(self) -> Other:
        """Read a group, a union of groups or a sub-select."""
        if self._tokens[self._at + 1].text.upper() == "SELECT":
            end = self._closing(self._at)
            self._at += 2
            select = self._select(end)
            self._take("sign", "}")
            return Other("SELECT", (select.group,), select)
        groups = [self._group()]
        while self._tokens[self._at].text.upper() == "UNION":
            self._at += 1
            inner = self._groups()
            groups += inner.groups
        return Other("", tuple(groups))

    def _filter(self) -> Filter:
        start = self._at
        token = self._tokens[start]
        word = token.text.upper()
        if word in ("NOT", "EXISTS"):
            self._at += 1 if word == "EXISTS" else 2
            group = self._group()
            return Filter(tuple(self._tokens[start : self._at]), group)
        if token.text != "(":
            if token.kind not in ("word", *_NAMES):
                raise _Unknown
            self._at += 1
        self._skip_brackets("(")
        return Filter(tuple(self._tokens[start : self._at]))

    def _block(self) -> Block:
        start = end = self._tokens[self._at].start
        triples: list[Triple] = []
        while self._starts_term():
            self._same_subject(triples)
            end = self._tokens[self._at - 1].end
            if self._tokens[self._at].text != ".":
                if self._starts_term():
                    raise _Unknown  # no query: the engine is to say so
                break
            end = self._tokens[self._at].end
            self._at += 1
        if not triples:
            raise _Unknown
        return Block(start, end, tuple(triples))

    def _starts_term(self) -> bool:
        token = self._tokens[self._at]
        return token.kind in ("variable", "iri", "name", "string", "number") or token.text.upper() in ("TRUE", "FALSE")

    def _same_subject(self, triples: list[Triple]) -> None:
        subject = self._term()
        while True:
            path = self._path()
            triples.append(Triple(subject, path, self._term()))
            while self._tokens[self._at].text == ",":
                self._at += 1
                triples.append(Triple(subject, path, self._term()))
            if self._tokens[self._at].text != ";":
                return
            while self._tokens[self._at].text == ";":
                self._at += 1
            after = self._tokens[self._at]
            if after.text in (".", "{", "}") or (after.kind == "word" and after.text != "a"):
                return

    def _term(self) -> Term:
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "variable":
            return Term("variable", f"?{token.text[1:]}")
        if token.kind == "iri" or (token.kind == "name" and not token.text.startswith("_:")):
            return Term("iri", token.text)
        if token.kind == "number" or token.text.upper() in ("TRUE", "FALSE"):
            return Term("literal", token.text)
        if token.kind != "string":
            raise _Unknown
        following = self._tokens[self._at]
        if following.kind == "language":
            self._at += 1
            return Term("literal", token.text + following.text)
        if following.text == "^^":
            datatype = self._tokens[self._at + 1]
            if datatype.kind not in _NAMES:
                raise _Unknown
            self._at += 2
            return Term("literal", f"{token.text}^^{datatype.text}")
        return Term("literal", token.text)

    def _path(self) -> Path:
        if self._tokens[self._at].kind == "variable":
            name = f"?{self._take('variable').text[1:]}"
            return Path(name, (), name)
        start = self._at
        steps = self._steps()
        text = "".join(token.text for token in self._tokens[start : self._at])
        return Path(text, steps)

    def _steps(self) -> tuple[Step, ...]:
        """Read a path; one with alternatives is a single step."""
        start = self._at
        steps = [self._step()]
        has_alternatives = False
        while self._tokens[self._at].text in ("/", "|"):
            has_alternatives |= self._tokens[self._at].text == "|"
            self._at += 1
            steps.append(self._step())
        if has_alternatives:
            return (Step("".join(token.text for token in self._tokens[start : self._at]), "", ""),)
        return tuple(steps)

    def _step(self) -> Step:
        start = self._at
        if self._tokens[self._at].text == "^":
            self._at += 1
        token = self._tokens[self._at]
        self._at += 1
        if token.text == "(":
            self._steps()
            self._take("sign", ")")
        elif token.text == "!" or not (token.text == "a" or (token.kind in _NAMES and token.text[:2] != "_:")):
            raise _Unknown
        text = "".join(token.text for token in self._tokens[start : self._at])
        name = text if self._at == start + 1 else ""
        after, end = self._tokens[self._at], self._tokens[self._at - 1].end
        if after.kind == "variable" and after.start == end:
            raise _Unknown  # `p?x`: a step that may be left out, or a variable
        if after.text not in ("*", "+", "?"):
            return Step(text, "", name)
        self._at += 1
        if self._tokens[self._at].kind == "number" and self._tokens[self._at].start == after.end:
            raise _Unknown  # `p +5`: a step that is repeated, or a number with its sign
        return Step(text, after.text, name)

    def _word(self) -> str:
        return self._take("word").text.upper()

    def _take(self, kind: str, text: str = "") -> Token:
        token = self._tokens[self._at]
        if token.kind != kind or (text and token.text != text):
            raise _Unknown
        self._at += 1
        return token

    def _skip_brackets(self, first: str) -> None:
        self._take("sign", first)
        self._at = self._closing(self._at - 1) + 1

    def _closing(self, opening: int) -> int:
        """Return where the bracket that stands at ``opening`` is closed."""
        depth = 0
        for place in range(opening, len(self._tokens)):
            token = self._tokens[place]
            if token.kind != "sign":
                continue
            if token.text in _OPEN:
                depth += 1
            elif token.text in _CLOSE:
                depth -= 1
                if depth == 0:
                    return place
        raise _Unknown
