"""The rules that ``abckg validate`` may report: what each asks, how grave a breach is, and where it is made.

``docs/rules.md`` is this list as a page, written by ``abckg rules``.
Layer: imports ``checks``, ``evidence``, ``examples``, ``sources`` and ``validate``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from abckg.checks import CHECK_FOLDER, load_checks
from abckg.evidence import MESSAGES
from abckg.examples import Example, load_examples
from abckg.namespaces import BASE, SH, load_prefixes
from abckg.reasoning.profile import PROFILE_RULES
from abckg.reports.report import Severity
from abckg.sources import SourceFile, Sources, read_file, turtle_files
from abckg.validate.ontology import PROFILE_MESSAGES

__all__ = ["Rule", "rule_page", "rules", "rules_of"]

_SHAPES = f"{BASE}shapes/"
_OWN: Mapping[str, tuple[str, str, str]] = {
    "turtle-syntax": ("syntax", "A file is well-formed Turtle 1.1.", "ファイルはTurtle 1.1として正しく書かれている。"),
    "unreadable-file": ("syntax", "A file can be read and is UTF-8.", "ファイルは読むことができ、UTF-8である。"),
    "canonical-format": (
        "format",
        "A file is in canonical form; `abckg fmt` writes it.",
        "ファイルは正規形である（`abckg fmt` が整える）。",
    ),
    "prefix": (
        "prefixes",
        "A prefix stands for what `ontology/prefixes.ttl` says.",
        "接頭辞は `ontology/prefixes.ttl` のとおりである。",
    ),
    "path-name": (
        "paths",
        "A record is at `data/<type>/<slug>.ttl`, in lower-case letters, digits and hyphens.",
        "記録は `data/<種類>/<名前>.ttl` に置き、英小文字、数字、ハイフンで名づける。",
    ),
    "path-is-iri": (
        "paths",
        "A record’s file describes the IRI that its path says, and its parts.",
        "記録のファイルは、そのパスが示すIRIとその部分だけを記述する。",
    ),
    "unknown-file": (
        "paths",
        "`data/` holds records, queries and README.md.",
        "`data/` に置くのは記録、問い、README.md だけである。",
    ),
    "disjoint-classes": (
        "consistency",
        "Nothing is of two classes that exclude each other.",
        "互いに素な二つのクラスに属するものはない。",
    ),
    "axiom-refused": (
        "consistency",
        "Every axiom of the ontology can be made a rule, so that what follows can be inferred.",
        "オントロジーの公理はすべて推論規則にできる。",
    ),
    "query-header": ("queries", "A query’s header is complete YAML.", "問いの見出しはYAMLとして完全である。"),
    "query": ("queries", "A query can be parsed and run.", "問いは構文が正しく、実行できる。"),
    "query-expectation": (
        "queries",
        "A query has as many answers as `expect` in its header says.",
        "問いの答えの数は、見出しの `expect` のとおりである。",
    ),
    "misspelt-standard-term": (
        "ontology",
        "A name in the namespace of a standard vocabulary is one of its terms.",
        "標準語彙の名前空間にある名前は、その語彙の用語である。",
    ),
    "deprecated-in-queries": (
        "ontology",
        "A query uses no deprecated term.",
        "問いは非推奨の用語を用いない。",
    ),
}
_BLANK = re.compile(r"\{[a-z]+\}(?: \{[a-z]+\})*…?")
_WARNINGS = {"deprecated-in-queries": Severity.WARNING}


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: its stable name, as findings carry it.
        check: the check of ``abckg validate`` it belongs to.
        severity: how grave a breach is.
        demand: what must hold, or what to do, by language.
        place: the file that makes the rule, relative to the root; empty for rules of the program.
        examples: breaches of it, and how they are repaired.
    """

    name: str
    check: str
    severity: Severity
    demand: dict[str, str]
    place: str = ""
    examples: tuple[Example, ...] = ()


def rules(sources: Sources) -> list[Rule]:
    """Return all rules of a dataset, by check and name."""
    own = [
        Rule(name, check, _WARNINGS.get(name, Severity.VIOLATION), {"en": english, "ja": japanese})
        for name, (check, english, japanese) in _OWN.items()
    ]
    found = [*own, *_shape_rules(sources), *_query_rules(sources.root), *_message_rules()]
    examples = load_examples(sources.root)
    shown = {rule.name: replace(_without_blanks(rule), examples=examples.get(rule.name, ())) for rule in found}
    return sorted(shown.values(), key=lambda rule: (rule.check, rule.place, rule.name))


def _without_blanks(rule: Rule) -> Rule:
    """Write an ellipsis for what a finding puts into the message."""
    return replace(rule, demand={language: _BLANK.sub("…", text) for language, text in rule.demand.items()})


def rules_of(root: Path) -> list[Rule]:
    """Return all rules of the dataset at ``root``; of its files only those of the shapes are read."""
    paths = [path for path in turtle_files(root) if path.parts[0] == "shapes"]
    return rules(Sources(root, load_prefixes(root), tuple(read_file(root, path) for path in paths)))


def _shape_rules(sources: Sources) -> Iterator[Rule]:
    for file in sources.files:
        if file.kind == "shapes":
            yield from _rules_of_file(file)


def _rules_of_file(file: SourceFile) -> Iterator[Rule]:
    about: dict[str, dict[str, list[ox.Literal | ox.NamedNode]]] = defaultdict(lambda: defaultdict(list))
    for t in file.triples:
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.Literal | ox.NamedNode):
            about[t.subject.value][t.predicate.value].append(t.object)
    for shape, values in about.items():
        texts = values.get(f"{SH}message", [])  # a shape without a message only holds others together
        demand = {text.language or "en": text.value for text in texts if isinstance(text, ox.Literal)}
        if shape.startswith(_SHAPES) and demand:
            severity = [value.value.removeprefix(SH) for value in values.get(f"{SH}severity", [])] or ["Violation"]
            yield Rule(
                shape.removeprefix(_SHAPES), "shapes", Severity[severity[0].upper()], demand, file.path.as_posix()
            )


def _query_rules(root: Path) -> Iterator[Rule]:
    for check, folder in (("graph", CHECK_FOLDER), ("ontology", CHECK_FOLDER / "ontology")):
        for rule in load_checks(root, "ontology" if check == "ontology" else ""):
            path = folder / f"{rule.name}-violation.rq"
            yield Rule(rule.name, check, rule.severity, rule.messages, path.as_posix())


def _message_rules() -> Iterator[Rule]:
    for name, messages in MESSAGES.items():
        yield Rule(name, "evidence", Severity.VIOLATION, messages)
    for name, (english, japanese) in PROFILE_MESSAGES.items():
        yield Rule(name, "profile", PROFILE_RULES[name], {"en": english, "ja": japanese})


def rule_page(sources: Sources) -> str:
    """Return the rules as a page of Markdown, with an anchor and the examples of each."""
    checks = [(check, list(found)) for check, found in groupby(rules(sources), key=lambda rule: rule.check)]
    lines = [
        "# What `abckg validate` reports",
        "",
        "Every rule by its name, as it stands at the end of a finding; made from `shapes/` and the program by",
        "`abckg rules > docs/rules.md`. In examples `-` marks what is wrong, `+` what is right; `…` is left out.",
        "",
        "すべての規則を、指摘の末尾にある名前で引けます。",
        "例では `-` の行が誤り、`+` の行が正しい書き方で、`…` は省略です。",
        "",
        *(f"- [{check}](#{check}): {len(found)}" for check, found in checks),
    ]
    for check, found in checks:
        lines += ["", f"## {check}"]
        for rule in found:
            lines += _paragraphs(rule)
    return "\n".join(lines) + "\n"


def _paragraphs(rule: Rule) -> Iterator[str]:
    place = f", [{Path(rule.place).name}](../{rule.place})" if rule.place else ""
    yield from ("", f'### <a id="{rule.name}"></a>`{rule.name}`', "", f"{rule.severity.word}{place}")
    for language in ("en", "ja"):
        yield from ("", rule.demand.get(language, "").replace("<", "&lt;"))
    for example in rule.examples:
        yield from ("", example.markdown)
