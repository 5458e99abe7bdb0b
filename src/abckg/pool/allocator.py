"""The allocator of the processes that keep a store and answer queries: mimalloc, where it is installed.

The engine allocates a lot for each query, which takes mimalloc half of the time that it takes the one of glibc.
Layer: imports ``settings``; Linux.
Specification: https://microsoft.github.io/mimalloc/environment.html
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from abckg.settings import Settings

__all__ = ["with_allocator"]

_PACKAGE, _LIBRARY = "cmeel-mimalloc", "cmeel.prefix/lib/libmimalloc.so.3"
_PRELOADED = "LD_PRELOAD"
# The memory of a query is limited by its addresses: few may be reserved that are not used, or be kept when they are
# free again. As mimalloc is, it reserves a GiB at a time and gives none of it back.
_OPTIONS = {"MIMALLOC_ARENA_RESERVE": "64MiB", "MIMALLOC_ARENA_MAX_OBJECT_SIZE": "4MiB"}


def with_allocator(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which a process has the allocator that ``ABCKG_ALLOCATOR`` says.

    What the operator preloads stays in front of it; where that is an allocator, or the package is not installed, the
    environment is as it was.
    """
    theirs = environ.get(_PRELOADED, "")
    if Settings.from_environment(environ).allocator != "mimalloc" or "malloc" in theirs:
        return dict(environ)
    library = _library()
    if library is None:
        return dict(environ)
    return {**_OPTIONS, **environ, _PRELOADED: f"{theirs} {library}".lstrip()}


def _library() -> Path | None:
    """Return the library; None where there is none, or its path has what parts two paths for the loader (ld.so(8))."""
    if sys.platform != "linux":
        return None
    try:
        found = Path(str(distribution(_PACKAGE).locate_file(_LIBRARY)))
    except PackageNotFoundError:
        return None
    return found if found.is_file() and not set(str(found)) & set(" :") else None
