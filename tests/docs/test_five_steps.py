"""The curators' page is followed step by step: its commands are run, and its messages are those that come."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from abckg.cli import cli
from small import ROOT, write_small

PAGE = (ROOT / "data/README.md").read_text(encoding="utf-8")
STEPS = PAGE[PAGE.index("## 五つの手順") : PAGE.index("## フォルダ")]
COMMANDS = re.findall(r"^       abckg (.*)$", STEPS, re.MULTILINE)
MESSAGES = [
    [line.strip() for line in block.strip().split("\n")] for block in re.findall(r"```text\n(.*?)```", STEPS, re.DOTALL)
]
RECORD = "data/hub/smart-health.ttl"


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = write_small(tmp_path / "small")
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "base"]):
        subprocess.run(["git", "-C", str(root), *names, *command], check=True, capture_output=True)
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ABCKG_SOURCES", raising=False)
    return root


def run(command: str) -> str:
    result = CliRunner().invoke(cli, command.split())
    assert result.exit_code in (0, 1), result.output
    return " ".join(result.output.split())


def lines(messages: list[str]) -> list[str]:
    return [" ".join(message.split()) for message in messages]


def test_the_five_steps_lead_to_a_valid_record_with_the_messages_of_the_page(dataset: Path) -> None:
    new, locate, fmt, validate = COMMANDS
    unfinished, unnamed, done = MESSAGES
    assert locate.startswith("evidence ")

    run(new)
    run(fmt)
    told = run(validate)
    assert [line for line in lines(unfinished) if line not in told] == []

    text = (dataset / RECORD).read_text(encoding="utf-8")
    kept = "\n".join(line for line in text.split("\n") if not re.match(r" *# (?!SPDX)", line))
    kept = kept.replace("abc:evidencedBy hub:TODO-evidencedBy", "dcterms:source <https://example.org/>")
    one = kept.replace('"TODO"@en', '"Smart Health"@en').replace('  skos:prefLabel "TODO"@ja ;\n', "")
    (dataset / RECORD).write_text(one, encoding="utf-8")
    run(fmt)
    told = run(validate)
    assert [line for line in lines(unnamed) if line not in told] == []

    both = kept.replace('"TODO"@en', '"Smart Health"@en').replace('"TODO"@ja', '"スマートヘルス拠点"@ja')
    (dataset / RECORD).write_text(both, encoding="utf-8")
    run(fmt)
    told = run(validate)
    assert [line for line in lines(done) if line not in told] == []
    assert "error" not in told
