"""Runs one SHACL engine that is a Python package, in a process that imports nothing else than it needs.

    runners.py NAME DATA SHAPES OUT

The results are written as lines ``focus TAB component TAB shape``, terms as in N-Triples; one that is no IRI is ``_``.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as that of typing, which is not imported: its time would be laid to every engine
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from abckg.shacl.engines import EngineName

    Line = tuple[object, object, object]

__all__ = ["RUNNERS"]


def _write(out: str, lines: Iterable[Line]) -> None:
    with open(out, "w", encoding="utf-8") as stream:  # noqa: PTH123 - pathlib is not imported, as typing is not
        for line in lines:
            stream.write("\t".join([text if (text := str(term)).startswith("<") else "_" for term in line]) + "\n")


def _iri(term: object) -> str:
    return f"<{term}>"


def abckg(engine: EngineName) -> Callable[[str, str, str], None]:
    """Return what runs the adapter of this package."""

    def run(data: str, shapes: str, out: str) -> None:
        from abckg.shacl.files import run_files

        found = run_files(data, shapes, engine=engine).results
        _write(out, ((r.focus, _iri(r.component), r.shape) for r in found))

    return run


def shacl(data: str, shapes: str, out: str) -> None:
    """Run the package ``shacl`` as it comes."""
    import shacl as engine

    found = engine.Shapes.from_file(shapes).validate_file(data).results
    _write(out, ((r.focus_node, _iri(r.component_iri), r.source_shape) for r in found))


def shacl_rust(data: str, shapes: str, out: str) -> None:
    """Run ``shacl-rust`` with its index, the faster of its two ways."""
    import shacl_rust as engine

    formats = {"data_format": "nt", "shapes_format": "nt"}
    found = engine.validate_file(data, shapes, **formats, experimental_index=True)["results"]
    _write(out, ((r["focusNode"], r["sourceConstraintComponent"], r["sourceShape"]) for r in found))


def pyrudof(data: str, shapes: str, out: str) -> None:
    """Run ``pyrudof`` in its native mode."""
    from pathlib import Path

    import pyrudof as engine

    rudof = engine.Rudof(engine.RudofConfig())
    rudof.read_data(Path(data), format=engine.RDFFormat.NTriples)
    rudof.read_shacl(Path(shapes), format=engine.ShaclFormat.NTriples)
    found = rudof.validate_shacl().violations
    _write(out, ((_bare(e.focus_node), _bare(e.constraint_component), _bare(e.source_shape)) for e in found))


def _bare(term: object) -> str:
    text = str(term)
    return text if text.startswith(("<", "_:")) else _iri(text)


RUNNERS: dict[str, Callable[[str, str, str], None]] = {
    "abckg-auto": abckg("auto"),
    "abckg-pyshacl": abckg("pyshacl"),
    "shacl": shacl,
    "shacl-rust": shacl_rust,
    "pyrudof": pyrudof,
}


if __name__ == "__main__":
    RUNNERS[sys.argv[1]](*sys.argv[2:])
