"""Validates one file against another: the fast engine is started first, and the rest is imported while it runs.

Layer: imports ``engines``, ``fast``, ``process`` and ``results``, when the engine runs.
"""

from __future__ import annotations

import gc
import os

from abckg.shacl.process import fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from abckg.shacl.engines import EngineName, Outcome
    from abckg.shacl.process import Forked

__all__ = ["run_files"]


def run_files(data: str | os.PathLike[str], shapes: str | os.PathLike[str], *, engine: EngineName = "auto") -> Outcome:
    """Validate one file against another, in N-Triples or Turtle, with the engine asked for.

    The fast engine is given the shapes before it is known whether it can be trusted with them; where it cannot, it is
    ended and ``run_shapes`` does as it does with triples. The collector rests meanwhile: what is imported and read
    stays, and looking through it again and again takes a tenth of the time.

    Raises:
        ValidationFailed: the reference could not run the shapes.
        OSError: a file cannot be read.
        SyntaxError: a file is malformed.
    """
    begun = None if engine == "pyshacl" else fork(os.fspath(data), os.fspath(shapes))
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        return _finished(os.fspath(data), os.fspath(shapes), engine, begun)
    finally:
        if is_collecting:
            gc.enable()
        if begun is not None:
            begun.stop()


def _finished(data: str, shapes: str, engine: EngineName, begun: Forked | None) -> Outcome:
    from pathlib import Path

    from abckg.shacl.engines import run_shapes
    from abckg.shacl.fast import Begun, FastEngine
    from abckg.shacl.results import triples_of

    constraints = triples_of(Path(shapes))
    fast = FastEngine(begun=None if begun is None else Begun(begun, Path(data), constraints))
    return run_shapes(Path(data), constraints, engine=engine, fast=fast)
