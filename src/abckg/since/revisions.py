"""What git knows of a dataset: the files of a revision, and those that differ from it.

Layer: part of ``since``; imports ``errors``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from abckg.errors import UsageError

__all__ = ["ROOMS", "Changed", "Repository"]

ROOMS = ("ontology", "data", "shapes")
"""The folders of a dataset, relative to its root."""


@dataclass(frozen=True)
class Changed:
    """A file that differs, relative to the root: its content then and now, None where it was or is not there."""

    path: Path
    old: bytes | None
    new: bytes | None


class Repository:
    """The git repository that a dataset stands in.

    Args:
        root: the root of the dataset, the top of the repository or a folder in it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def _git(self, *arguments: str, text: bytes | None = None) -> bytes:
        command = ["git", "-C", str(self._root), "-c", "core.quotepath=off", *arguments]
        try:
            run = subprocess.run(command, input=text, capture_output=True, check=False)  # noqa: S603 - no shell
        except FileNotFoundError as fault:
            raise UsageError(
                "--since needs git, and there is no such command here", japanese="--since にはgitが要ります"
            ) from fault
        if run.returncode:
            reason = run.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ").split("\n")[0]
            raise UsageError(f"git could not tell what changed in {self._root}: {reason}")
        return run.stdout

    def commit(self, revision: str) -> str:
        """Return the hash of the commit that a revision names; UsageError where there is none."""
        try:
            found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except UsageError:
            raise UsageError(
                f"{revision}: not a git revision of {self._root}",
                japanese=f"{revision} は {self._root} のgitの版ではありません",
            ) from None
        return found.decode("ascii").strip()

    def trees(self, commit: str) -> dict[str, str]:
        """Return the hash of each folder of a dataset in a commit; it tells the content of all files in it."""
        lines = self._git("ls-tree", "-z", commit, "--", *ROOMS).decode("utf-8").split("\0")
        fields = [line.split(None, 2)[2].split("\t", 1) for line in lines if line]
        return {Path(name).name: tree for tree, name in fields}

    def files(self, commit: str) -> dict[Path, bytes]:
        """Return every file of the dataset in a commit."""
        lines = self._git("ls-tree", "-r", "-z", commit, "--", *ROOMS).decode("utf-8").split("\0")
        fields = [line.split(None, 2)[2].split("\t", 1) for line in lines if line]
        return dict(zip((Path(name) for _, name in fields), self._blobs([blob for blob, _ in fields]), strict=True))

    def between(self, old: str, new: str) -> list[Changed]:
        """Return the files that differ between two commits."""
        output = self._git("diff-tree", "-r", "-z", "--no-renames", "--relative", old, new, "--", *ROOMS)
        return self._read(_differences(output))

    def since(self, commit: str) -> list[Changed]:
        """Return the files that differ between a commit and the working tree.

        Files that git does not know, ignored ones too, are part of the working tree, since they are read with it.
        """
        options = ["-z", "--no-renames", "--relative", "--abbrev=40"]
        entries = _differences(self._git("diff-index", *options, commit, "--", *ROOMS))
        known = {path for path, _, _ in entries}
        entries += [(path, None, None) for path in sorted(self.untracked() - known)]
        olds = self._blobs([blob for _, blob, _ in entries if blob])
        by_blob = dict(zip((blob for _, blob, _ in entries if blob), olds, strict=True))
        found = [Changed(path, by_blob[blob] if blob else None, self._now(path)) for path, blob, _ in entries]
        return [change for change in found if change.old != change.new]

    def untracked(self) -> frozenset[Path]:
        """Return the files of the dataset that git does not know, ignored ones too."""
        names = self._git("ls-files", "--others", "-z", "--", *ROOMS).decode("utf-8").split("\0")
        return frozenset(Path(name) for name in names if name)

    def _now(self, path: Path) -> bytes | None:
        try:
            return (self._root / path).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def _read(self, entries: Sequence[tuple[Path, str | None, str | None]]) -> list[Changed]:
        names = [blob for _, old, new in entries for blob in (old, new) if blob]
        content = dict(zip(names, self._blobs(names), strict=True))
        return [Changed(path, content.get(old or ""), content.get(new or "")) for path, old, new in entries]

    def _blobs(self, names: Sequence[str]) -> Iterable[bytes]:
        """Return the contents of blobs, in their order, with one process."""
        if not names:
            return []
        output = self._git("cat-file", "--batch", text="".join(f"{name}\n" for name in names).encode("ascii"))
        found = []
        at = 0
        for _ in names:
            end = output.index(b"\n", at)
            size = int(output[at:end].rsplit(b" ", 1)[1])
            found.append(output[end + 1 : end + 1 + size])
            at = end + size + 2
        return found


def _differences(output: bytes) -> list[tuple[Path, str | None, str | None]]:
    """Read git's raw format: path, and the blobs on both sides, None where there is no file."""
    fields = output.decode("utf-8").split("\0")
    entries = []
    for head, name in zip(fields[0::2], fields[1::2], strict=False):
        _, _, old, new, _ = head.split(" ")
        entries.append((Path(name), old if old.strip("0") else None, new if new.strip("0") else None))
    return entries
