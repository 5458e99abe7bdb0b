"""The hooks for pre-commit, run by pre-commit itself in a repository of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from small import GOAL, ROOT, put, write_small

GOAL_FILE = "data/goal/tidy-region.ttl"


def run(folder: Path, *command: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def git(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    return run(folder, "git", *names, *arguments, environment=environment)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment where ``abckg`` is the checkout's; pre-commit would install it from the registry."""
    folder = tmp_path_factory.mktemp("tools")
    (folder / "abckg").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m abckg "$@"\n', encoding="utf-8")
    (folder / "abckg").chmod(0o755)
    return os.environ | {
        "PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT / "src")),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PRE_COMMIT_HOME": str(folder / "pre-commit"),
        "GIT_AUTHOR_NAME": "test",
    }


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str]) -> Path:
    """Return a repository with the hooks installed; they differ from the published ones in the language alone."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {hook["language"] for hook in hooks} == {"python"}
    local = [{**hook, "language": "system"} for hook in hooks]
    root = write_small(tmp_path / "project")
    put(root, ".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]}))
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "base")
    assert run(root, sys.executable, "-m", "pre_commit", "install", environment=environment).returncode == 0
    return root


def commit(project: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    git(project, "add", GOAL_FILE)
    return git(project, "commit", "-m", "change", environment=environment)


def test_a_commit_with_a_fault_is_stopped_and_the_fault_is_named(project: Path, environment: dict[str, str]) -> None:
    put(project, GOAL_FILE, GOAL.replace('  skos:prefLabel "整った地域"@ja ;\n', ""))

    result = commit(project, environment)

    assert result.returncode == 1
    assert "Record-prefLabel" in result.stderr + result.stdout


def test_what_is_committed_counts_not_what_lies_beside_it(project: Path, environment: dict[str, str]) -> None:
    put(project, GOAL_FILE, GOAL.replace("Tidy", "Neat"))
    git(project, "add", GOAL_FILE)
    put(project, GOAL_FILE, GOAL.replace("Tidy", "TODO"))
    put(project, "data/goal/draft.ttl", "a draft")

    result = git(project, "commit", "-m", "change", environment=environment)

    assert result.returncode == 0, result.stdout + result.stderr
    assert "TODO" in (project / GOAL_FILE).read_text(encoding="utf-8")


def test_the_formatter_puts_right_what_is_committed(project: Path, environment: dict[str, str]) -> None:
    put(project, GOAL_FILE, GOAL.replace("  a abc:Goal", "      a abc:Goal"))

    first, second = commit(project, environment), commit(project, environment)

    assert "files were modified by this hook" in first.stdout + first.stderr
    assert (project / GOAL_FILE).read_text(encoding="utf-8") == GOAL
    assert "nothing to commit" in second.stdout
