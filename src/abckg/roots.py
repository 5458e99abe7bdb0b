"""Finds the dataset to work on: the one named, the checkout that is stood in, or the one shipped with the package.

Layer: imports ``errors`` and ``namespaces``.
"""

from __future__ import annotations

from pathlib import Path

from abckg.errors import MissingSource
from abckg.namespaces import PREFIX_FILE

__all__ = ["find_root"]

_SHIPPED = Path(__file__).parent / "shipped"


def find_root(named: Path | None, start: Path) -> Path:
    """Return the root of a dataset.

    Args:
        named: the folder asked for, if any.
        start: where to begin looking upwards otherwise.

    Raises:
        MissingSource: the folder asked for holds no dataset, or none was found anywhere.
    """
    if named is not None:
        if not (named / PREFIX_FILE).is_file():
            raise MissingSource(
                named, f"no dataset here: {PREFIX_FILE} is missing; give --root a checkout of the graph"
            )
        return named
    for folder in (start, *start.parents, _SHIPPED):
        if (folder / PREFIX_FILE).is_file():
            return folder
    raise MissingSource(start, "no dataset here or above, and none was shipped with the package; give --root")
