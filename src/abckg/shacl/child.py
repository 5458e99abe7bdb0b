"""What runs in the process of the fast SHACL engine, so that a crash of the engine ends nothing else.

``python -m abckg.shacl.child DATA SHAPES`` writes a JSON array with one array a result: focus node, path, value,
source shape, component, severity and messages, terms as in N-Triples. Layer: imports nothing of the package.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    import shacl

    Given: TypeAlias = str | bytes
    Row: TypeAlias = tuple[str, str | None, str | None, str, str, str, list[str]]

__all__ = ["main", "rows"]


def rows(data: Given, shapes: Given) -> list[Row]:
    """Validate one graph against another.

    Args:
        data: the path of a file, or N-Triples.
        shapes: the same.
    """
    import shacl

    if isinstance(shapes, str):
        compiled = shacl.Shapes.from_file(shapes)
    else:
        compiled = shacl.Shapes.from_text(shapes.decode("utf-8"), "nt")
    if isinstance(data, str):
        report = compiled.validate_file(data)
    else:
        report = compiled.validate_text(data.decode("utf-8"), "nt")
    return [_row(result) for result in report.results]


def _row(result: shacl.Result) -> Row:
    return (
        result.focus_node,
        result.path,
        result.value,
        result.source_shape or "",
        result.component_iri,
        result.severity_iri,
        result.messages,
    )


def main(data: str, shapes: str) -> None:
    """Validate one file against another and write the results."""
    import json

    json.dump(rows(data, shapes), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
