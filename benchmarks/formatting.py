"""How long the formatter takes for ten thousand lines: ``python benchmarks/formatting.py``; the target is a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from abckg.namespaces import load_prefixes
from abckg.turtle import format_text

LINES = 10_000
ROOT = Path(__file__).resolve().parents[1]
HEAD = "@prefix abc: <https://w3id.org/abc-kg/ontology#> .\n"


def records() -> str:
    """Return records of ``data/`` one behind the other."""
    lines: list[str] = []
    for path in sorted((ROOT / "data").rglob("*.ttl")):
        lines += path.read_text(encoding="utf-8").splitlines()
        if len(lines) >= LINES:
            break
    return "\n".join(lines) + "\n"


TEXTS: dict[str, Callable[[], str]] = {
    "records": records,
    "one list": lambda: f"{HEAD}abc:a abc:b (\n" + "".join(f"  abc:x{n}\n" for n in range(LINES)) + ") .\n",
    "brackets": lambda: (
        HEAD + "".join(f"abc:a{n} abc:b [\n  abc:c [\n    abc:d {n}\n  ]\n] .\n" for n in range(LINES // 5))
    ),
    "comments": lambda: HEAD + "".join(f"# {n}\nabc:a{n} abc:b {n} . # {n}\n" for n in range(LINES // 2)),
    "a circle": lambda: HEAD + "".join(f"_:n{n} abc:b _:n{(n + 1) % LINES} .\n" for n in range(LINES)),
}


def main() -> None:
    """Print lines, seconds and processor seconds for each text."""
    prefixes = load_prefixes(ROOT)
    for name, make in TEXTS.items():
        text = make()
        start, used = time.perf_counter(), time.process_time()
        format_text(text, Path("text.ttl"), prefixes)
        seconds, used = time.perf_counter() - start, time.process_time() - used
        sys.stdout.write(f"{name:10} {text.count(chr(10)):6} lines {seconds:6.2f} s, {used:6.2f} s of processor time\n")


if __name__ == "__main__":
    main()
