"""What SPARQL servers write differently, evened out where the results are read.

Layer: imports nothing of the package.
"""

from __future__ import annotations

import re

__all__ = ["normal_results"]

_BOOLEAN = re.compile(rb'("datatype":\s*"http://www\.w3\.org/2001/XMLSchema#boolean",\s*"value":\s*)"([01])"')


def normal_results(body: bytes) -> bytes:
    """Return results in JSON with ``true`` and ``false`` for the booleans that Virtuoso writes as 1 and 0.

    A quotation mark inside a value is escaped, so that the pattern fits only what the server wrote around values.
    """
    return _BOOLEAN.sub(lambda match: match[1] + (b'"true"' if match[2] == b"1" else b'"false"'), body)
