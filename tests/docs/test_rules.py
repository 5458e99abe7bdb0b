"""The page of the rules is that of the rules there are, and every finding leads to its rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from abckg.cli import cli
from abckg.rulebook import Rule, rule_page, rules
from abckg.sources import Sources
from gates.test_gates_fail import SEEDS

PAGE = Path(__file__).resolve().parents[2] / "docs/rules.md"


@pytest.fixture(scope="module")
def all_rules(sources: Sources) -> dict[str, Rule]:
    return {rule.name: rule for rule in rules(sources)}


def test_the_page_is_current(sources: Sources) -> None:
    assert PAGE.read_text(encoding="utf-8") == rule_page(sources), "run: abckg rules > docs/rules.md"


def test_every_rule_has_words_in_both_languages(all_rules: dict[str, Rule]) -> None:
    assert [name for name, rule in all_rules.items() if set(rule.demand) != {"en", "ja"}] == []


def test_every_seeded_fault_has_its_rule_on_the_page(all_rules: dict[str, Rule]) -> None:
    assert {seed.rule for seed in SEEDS.values()} - all_rules.keys() == set()


def test_a_rule_is_told_by_its_name() -> None:
    found = CliRunner().invoke(cli, ["rules", "Record-prefLabel", "--lang", "ja"])
    unknown = CliRunner().invoke(cli, ["rules", "nothing"])

    assert "名称" in found.output
    assert '+  skos:prefLabel "Example"@en ;' in found.output
    assert "shapes/common.ttl" in found.output
    assert unknown.exit_code == 2
