"""The GitHub Action and the GitLab template: their own steps, taken from their YAML, in an environment like theirs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from small import GOAL, ROOT, put, write_small

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text(encoding="utf-8"))
GOAL_FILE = "data/goal/tidy-region.ttl"


def git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    run = subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True, text=True)
    return run.stdout.strip()


@dataclass
class Api:
    """A stand-in for the comments of a pull request; ``status`` other than 200 refuses everything."""

    address: str = ""
    status: int = 200
    comments: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)


@pytest.fixture
def api() -> Iterator[Api]:
    state = Api()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            state.tokens.add(self.headers["Authorization"])
            length = int(self.headers.get("Content-Length") or 0)
            body: dict[str, Any] = json.loads(self.rfile.read(length)) if length else {}
            assert self.path.startswith("/repos/owner/name/issues/")
            result: object = state.comments
            if self.command == "POST":
                state.comments.append({"id": len(state.comments) + 1, "html_url": "http://comment/", **body})
                result = state.comments[-1]
            elif self.command == "PATCH":
                state.comments[int(self.path.rsplit("/", 1)[1]) - 1] |= body
                result = state.comments[0]
            content = json.dumps(result if state.status == 200 else {}).encode()
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository whose last commit is a pull request with one new fault."""
    root = write_small(tmp_path / "project")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "base")
    put(root, GOAL_FILE, GOAL.replace('  skos:prefLabel "整った地域"@ja ;\n', ""))
    git(root, "commit", "-qam", "change")
    return root


@pytest.fixture
def environment(tmp_path: Path, project: Path, api: Api) -> dict[str, str]:
    tools = tmp_path / "tools"
    tools.mkdir()
    shim = tools / "abckg"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m abckg "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "base": {"sha": git(project, "rev-parse", "HEAD~1")}}}))
    for name in ("summary", "path"):
        (tmp_path / name).touch()
    return {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT / "src")),
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_PATH": str(tmp_path / "path"),
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_API_URL": api.address,
    }


def step(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(step for step in ACTION["runs"]["steps"] if step["name"] == name)
    return found


def run_step(name: str, project: Path, environment: dict[str, str], **given: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as the runner does: expressions of ``env`` are put in, ``run`` goes to bash -e."""
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    inputs = {key: str(value.get("default", "")) for key, value in ACTION["inputs"].items()} | {"token": "t0k"} | given
    values = {f"inputs.{key}": value for key, value in inputs.items()}
    values |= {
        "github.event.pull_request.base.sha": event["pull_request"]["base"]["sha"],
        "github.action_path": str(ROOT),
    }

    def expression(match: re.Match[str]) -> str:
        return next((values[part.strip()] for part in match[1].split("||") if values[part.strip()]), "")

    own = {key: re.sub(r"\$\{\{(.*?)\}\}", expression, text) for key, text in step(name)["env"].items()}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)["run"]]
    return subprocess.run(command, cwd=project, env=environment | own, capture_output=True, text=True, check=False)


def test_no_expression_stands_in_a_script_where_a_name_could_become_a_command() -> None:
    assert [s["name"] for s in ACTION["runs"]["steps"] if "${{" in s["run"]] == []
    assert all(s["shell"] == "bash" and "uses" not in s for s in ACTION["runs"]["steps"])


def test_the_action_marks_the_fault_writes_the_files_and_fails(project: Path, environment: dict[str, str]) -> None:
    result = run_step("Validate", project, environment)

    assert result.returncode == 1, result.stderr
    assert f"::error file={GOAL_FILE},line=" in result.stdout
    assert "Record-prefLabel" in result.stdout
    assert "changed files: 1" in result.stderr
    sarif = json.loads((project / "abckg.sarif").read_text(encoding="utf-8"))
    assert [r["ruleId"] for r in sarif["runs"][0]["results"]] == ["Record-prefLabel"]
    assert "**The dataset does not conform.** Violations: 1" in Path(environment["GITHUB_STEP_SUMMARY"]).read_text()


def test_the_action_passes_and_says_so_where_nothing_is_wrong(project: Path, environment: dict[str, str]) -> None:
    put(project, GOAL_FILE, GOAL.replace("Tidy", "Neat"))

    result = run_step("Validate", project, environment, language="ja", sarif="other.sarif")

    assert (result.returncode, result.stdout) == (0, "")
    assert (project / "other.sarif").is_file()
    assert "データに違反はありません。" in Path(environment["GITHUB_STEP_SUMMARY"]).read_text()


def test_the_action_tells_what_changed_in_one_comment(project: Path, environment: dict[str, str], api: Api) -> None:
    for _ in range(2):
        result = run_step("Tell what changed", project, environment)
        assert result.returncode == 0, result.stderr

    (comment,) = api.comments
    assert '- goal:tidy-region skos:prefLabel "整った地域"@ja' in comment["body"]
    assert api.tokens == {"Bearer t0k"}


def test_a_pull_request_that_may_not_be_commented_on_fails_no_run(
    project: Path, environment: dict[str, str], api: Api
) -> None:
    api.status = 403

    result = run_step("Tell what changed", project, environment)

    assert result.returncode == 0
    assert "::warning title=abckg diff::" in result.stdout
    assert "t0k" not in result.stdout + result.stderr


def test_the_action_fetches_a_base_that_a_shallow_clone_lacks(
    project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    git(project, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, "clone", "-q", "--depth=1", project.as_uri(), "shallow")

    result = run_step("Fetch the revision to compare with", tmp_path / "shallow", environment)

    assert result.returncode == 0, result.stderr
    assert git(tmp_path / "shallow", "cat-file", "-t", git(project, "rev-parse", "HEAD~1")) == "commit"


def test_the_action_installs_what_is_locked_by_hashes(
    project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    python = tmp_path / "tools/python3"
    python.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"; printf \'#!/bin/sh\\necho pip "$@"\\n\' > "$3/bin/pip"; chmod +x "$3/bin/pip"\n'
    )
    python.chmod(0o755)

    result = run_step("Install", project, environment)

    assert result.returncode == 0, result.stderr
    locked, own = result.stdout.splitlines()
    assert f"install --require-hashes -r {ROOT}/requirements.txt" in locked
    assert f"install --no-deps {ROOT}" in own
    assert Path(environment["GITHUB_PATH"]).read_text() == f"{tmp_path}/abckg/bin\n"


def test_the_gitlab_job_reports_in_its_own_formats(project: Path, environment: dict[str, str]) -> None:
    variables = {key: str(value) for key, value in GITLAB["abckg"]["variables"].items()}
    variables["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = git(project, "rev-parse", "HEAD~1")
    script = "\n".join(["set -e", *GITLAB["abckg"]["script"]])

    result = subprocess.run(
        ["bash", "-c", script], cwd=project, env=environment | variables, capture_output=True, check=False
    )

    assert result.returncode == 1, result.stderr
    reports = GITLAB["abckg"]["artifacts"]["reports"]
    quality = json.loads((project / reports["codequality"]).read_text(encoding="utf-8"))
    assert [(q["check_name"], q["location"]["path"]) for q in quality] == [("Record-prefLabel", GOAL_FILE)]
    assert 'failures="1"' in (project / reports["junit"]).read_text(encoding="utf-8")
    assert "goal:tidy-region" in (project / "abckg-diff.md").read_text(encoding="utf-8")
