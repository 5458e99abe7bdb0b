"""The one gate: everything that must hold of a dataset, checked in one run.

Each family of checks stands in a module of its own and is a function of a ``Context``; ``gate`` runs them.
Layer: imports the core below ``cli``.
"""

from __future__ import annotations

from abckg.validate.context import Context
from abckg.validate.gate import CHECKS, validate

__all__ = ["CHECKS", "Context", "validate"]
