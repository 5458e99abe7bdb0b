"""``abckg explain``: why a triple holds."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pyoxigraph as ox

from abckg.cli.options import language_option, root_option
from abckg.errors import UsageError
from abckg.explain import Explanation, inconsistencies
from abckg.explain import explain as explain_triple
from abckg.namespaces import RDF, Prefixes
from abckg.places.positions import spelling
from abckg.sources import Sources, read

__all__ = ["explain"]

_WORDS = {
    "en": {
        "stated": "stated in {}",
        "evidence": " (evidence: {})",
        "passage": "{} characters {}–{}",
        "by": "because {}",
        "none": "This does not hold: it is neither stated nor inferred.",
        "consistent": "Nothing contradicts the ontology.",
        "clash": "{} contradicts the ontology: {}{}. Correct one of these statements, or the axiom:",
    },
    "ja": {
        "stated": "記載：{}",
        "evidence": "（根拠：{}）",
        "passage": "{} の{}～{}字目",
        "by": "理由：{}",
        "none": "この事実は記載されておらず、推論もされません。",
        "consistent": "オントロジーと矛盾する記述はありません。",
        "clash": "{} はオントロジーと矛盾しています。{}{}。次の記述のいずれか、又は公理を直してください。",
    },
}


@click.command(epilog="Example: abckg explain place:jp-34 a abc:DoublySupportedArea")
@click.argument("subject", required=False)
@click.argument("predicate", required=False)
@click.argument("value", metavar="OBJECT", required=False)
@click.option("--inconsistency", is_flag=True, help="Explain each contradiction with the ontology instead.")
@language_option
@root_option
def explain(
    subject: str | None, predicate: str | None, value: str | None, inconsistency: bool, lang: str, root: Path
) -> None:
    """Say where a triple is stated, or by which axioms it follows from which triples, down to the passages.

    Names are short (place:jp-34) or full IRIs; exit status 1 where the triple does not hold. With --inconsistency
    the same for each contradiction, with the fewest statements that make it; exit status 1 where there is one.
    """
    if inconsistency == bool(subject) or (subject is not None and value is None):
        raise UsageError(
            "give SUBJECT, PREDICATE and OBJECT, or --inconsistency alone",
            japanese="主語、述語、目的語の三つか、--inconsistency だけを指定してください",
        )
    sources = read(root)
    if subject is None or predicate is None or value is None:
        _explain_inconsistencies(sources, lang)
        return
    verb = f"{RDF}type" if predicate == "a" else _iri(predicate, sources.prefixes)
    triple = ox.Triple(
        ox.NamedNode(_iri(subject, sources.prefixes)), ox.NamedNode(verb), ox.NamedNode(_iri(value, sources.prefixes))
    )
    found = explain_triple(sources, triple)
    if found is None:
        click.echo(_WORDS[lang]["none"])
        sys.exit(1)
    for line in _lines(found, sources.prefixes, lang, ""):
        click.echo(line)


def _explain_inconsistencies(sources: Sources, lang: str) -> None:
    words = _WORDS[lang]
    found = inconsistencies(sources)
    for clash in found:
        place = f" ({clash.place[0]}:{clash.place[1]})" if clash.place else ""
        click.echo(words["clash"].format(sources.prefixes.curie(clash.node.value), clash.axiom[lang], place))
        for reason in clash.reasons:
            for line in _lines(reason, sources.prefixes, lang, "  "):
                click.echo(line)
    if found:
        sys.exit(1)
    click.echo(words["consistent"])


def _iri(name: str, prefixes: Prefixes) -> str:
    if name.startswith(("http://", "https://")):
        return name
    try:
        return prefixes.expand(name)
    except KeyError:
        raise UsageError(
            f"{name}: no such prefix; give a full IRI or a name such as place:jp-34",
            japanese=f"{name}：そのような接頭辞はありません。place:jp-34 のような名前か、IRIの全体を指定してください",
        ) from None


def _lines(step: Explanation, prefixes: Prefixes, lang: str, indent: str) -> list[str]:
    subject, predicate, value = (
        spelling(term, prefixes) for term in step.triple if isinstance(term, ox.NamedNode | ox.Literal)
    )
    words = _WORDS[lang]
    lines = [f"{indent}{subject} {'a' if predicate == 'rdf:type' else predicate} {value}"]
    if lang in step.words:
        lines.append(f"{indent}    {step.words[lang]}")
    if step.place is not None:
        passages = [words["passage"].format(prefixes.curie(e.document), e.start + 1, e.end) for e in step.evidence]
        support = ("、" if lang == "ja" else "; ").join([*passages, *(f"<{address}>" for address in step.sources)])
        told = words["stated"].format(f"{step.place[0]}:{step.place[1]}")
        lines.append(f"{indent}    {told}{words['evidence'].format(support) if support else ''}")
    if step.axiom:
        lines.append(f"{indent}    {words['by'].format(step.axiom[lang])}")
    for premise in step.premises:
        lines += _lines(premise, prefixes, lang, indent + "  ")
    return lines
