"""The whole of ``abckg validate`` in a process of its own, so that nobody waits for it while typing.

Layer: part of ``lsp``; imports ``errors`` and ``report``.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abckg.errors import ValidationFailed
from abckg.reports.report import Finding, Place, Severity

__all__ = ["FullRun", "moved"]


class FullRun:
    """Runs the checks over the files on disk, one run at a time; a new one ends the one before."""

    def __init__(self, root: Path, language: str) -> None:
        self._command = ["-m", "abckg", "validate", "--root", str(root), "--format", "json", "--lang", language]
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> tuple[Finding, ...] | None:
        """Return all findings, None where a newer run took over; ValidationFailed where the checks could not run."""
        self.stop()
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, *self._command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
        self._process = process
        output, errors = await process.communicate()
        if self._process is not process:
            return None
        self._process = None
        if process.returncode not in (0, 1):
            raise ValidationFailed(errors.decode("utf-8", "replace").strip())
        return tuple(_finding(entry) for entry in json.loads(output)["findings"])

    def stop(self) -> None:
        """End the run that is under way, if there is one."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()


def _finding(entry: Mapping[str, Any]) -> Finding:
    return Finding(
        Path(entry["path"]),
        entry["line"],
        entry["column"],
        entry["rule"],
        entry["message"],
        Severity[entry["severity"].upper()],
        entry["focus"],
        entry["check"],
        end_line=entry["endLine"],
        end_column=entry["endColumn"],
        help=entry.get("help") or "",
    )


def moved(findings: tuple[Finding, ...], before: str, now: str) -> list[Finding]:
    """Return findings of an earlier text at the lines where they stand now; those on changed lines are left out."""
    if before == now:
        return list(findings)
    matcher = difflib.SequenceMatcher(None, before.split("\n"), now.split("\n"), autojunk=False)
    lines = {block.a + i + 1: block.b + i + 1 for block in matcher.get_matching_blocks() for i in range(block.size)}
    return [_at(f, lines) for f in findings if f.line is None or f.line in lines]


def _at(finding: Finding, lines: Mapping[int, int]) -> Finding:
    if finding.line is None:
        return finding
    step = lines[finding.line] - finding.line
    place = Place(finding.path, finding.line + step, finding.column)
    end = None if finding.end_line is None else finding.end_line + step
    return Finding(
        place.path,
        place.line,
        place.column,
        finding.rule,
        finding.message,
        finding.severity,
        finding.focus,
        finding.check,
        end_line=end,
        end_column=finding.end_column,
        help=finding.help,
    )
