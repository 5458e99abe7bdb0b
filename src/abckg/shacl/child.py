"""The process that the fast SHACL engine runs in, so that a crash of the engine ends nothing else.

``python -m abckg.shacl.child DATA SHAPES`` writes a JSON array with one array a result: focus node, path, value,
source shape, component, severity and messages, terms as in N-Triples. Layer: imports nothing of the package.
"""

from __future__ import annotations

import json
import sys

import shacl

__all__ = ["main"]


def main(data: str, shapes: str) -> None:
    """Validate one file against another and write the results."""
    report = shacl.Shapes.from_file(shapes).validate_file(data)
    rows = [
        (
            result.focus_node,
            result.path,
            result.value,
            result.source_shape,
            result.component_iri,
            result.severity_iri,
            result.messages,
        )
        for result in report.results
    ]
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
