"""Turns the results of a run into Markdown: what was measured, ratios, and how times grow with the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from typing import Any

__all__ = ["markdown", "table"]

Results = dict[str, Any]
_LOADS = {
    "mix_1": "mixed queries, 1 connection",
    "mix_16": "mixed queries, 16 connections",
    "cached_16": "one query repeated, 16",
    "not_modified_16": "the same with If-None-Match, 16",
    "rows_4": "10,000 rows as JSON, 4",
}
_US, _BASE = "abckg", "oxigraph"


def markdown(results: Results, others: Sequence[Results] = ()) -> str:
    """Return the tables of a run; ``others`` are runs of other sizes, for the exponents of growth."""
    servers, counts = results["servers"], results["counts"]
    parts = [
        f"## {counts['triples']:,} triples\n\n{results['date'][:10]}, {results['machine']['processors']} processors, "
        f"medians of {results['plan']['rounds']} rounds of {results['plan']['seconds']:g} s; servers asked in turn.\n",
        table(["requests/s (p50 / p99 ms)", *servers], _load_rows(servers)),
        table([f"{_US}, against", *(name for name in servers if name != _US)], _ratio_rows(servers)),
        table(["", *servers], _once_rows(servers)),
        table(["one query, ms", *servers, f"{_US} : {_BASE}", "agree"], _template_rows(servers)),
    ]
    smaller = [other for other in others if other["counts"]["triples"] < counts["triples"]]
    if smaller and _US in servers:
        parts.append(_growth(results, max(smaller, key=lambda other: int(other["counts"]["triples"]))))
    return "\n".join(parts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _load_rows(servers: Results) -> list[list[str]]:
    return [[title, *(_load(server.get(name)) for server in servers.values())] for name, title in _LOADS.items()]


def _load(entry: Results | None) -> str:
    if entry is None:
        return "–"
    errors = f", {entry['errors']:.0f} errors" if entry["errors"] else ""
    return f"{_short(entry['rate'])} ({_short(entry['p50'])} / {_short(entry['p99'])}{errors})"


def _ratio_rows(servers: Results) -> list[list[str]]:
    peers = [server for name, server in servers.items() if name != _US]
    if _US not in servers:
        return []
    us = servers[_US]

    def row(title: str, *path: str, against: tuple[str, ...] = ()) -> list[str]:
        return [title, *(_ratio(_at(us, *path), _at(peer, *(against or path))) for peer in peers)]

    return [
        *(row(f"rate, {title}", name, "rate") for name, title in _LOADS.items() if name != "not_modified_16"),
        row("rate, If-None-Match : computed", "not_modified_16", "rate", against=("cached_16", "rate")),
        row("p50, mixed, 1", "mix_1", "p50"),
        row("p99, mixed, 16", "mix_16", "p99"),
        row("first byte of the large answer", "large", "first_ms"),
        row("load time", "load_seconds"),
        row("memory after the run", "memory_after"),
    ]


def _at(results: Results, *path: str) -> float | None:
    found: Any = results
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return None if found is None else float(found)


def _ratio(ours: float | None, theirs: float | None) -> str:
    return f"{ours / theirs:.2f}" if ours and theirs else "–"


def _once_rows(servers: Results) -> list[list[str]]:
    def row(title: str, read: Callable[[Results], str]) -> list[str]:
        return [title, *(_or_dash(read, server) for server in servers.values())]

    return [
        row("load, s", lambda s: f"{s['load_seconds']:.1f}"),
        row("memory loaded, MB", lambda s: f"{s['memory_loaded'] / 1e6:.0f}"),
        row("memory after, MB", lambda s: f"{s['memory_after'] / 1e6:.0f}"),
        row("large answer, MB", lambda s: f"{s['large']['bytes'] / 1e6:.1f}"),
        row("its first byte, ms", lambda s: _short(s["large"]["first_ms"])),
        row("its last byte, ms", lambda s: _short(s["large"]["last_ms"])),
    ]


def _or_dash(read: Callable[[Results], str], server: Results) -> str:
    try:
        return read(server)
    except KeyError:
        return "–"


def _template_rows(servers: Results) -> list[list[str]]:
    names = list(dict.fromkeys(name for server in servers.values() for name in server.get("templates", {})))
    rows = []
    for name in names:
        found = [server.get("templates", {}).get(name) for server in servers.values()]
        sizes = {entry["rows"] for entry in found if entry}
        us, base = (_at(servers, server, "templates", name, "ms") for server in (_US, _BASE))
        cells = [_short(entry["ms"]) if entry else "–" for entry in found]
        rows.append([name, *cells, _ratio(us, base), "yes" if len(sizes) == 1 else str(sorted(sizes))])
    return rows


def _growth(results: Results, smaller: Results) -> str:
    small, large = smaller["counts"]["triples"], results["counts"]["triples"]
    before, after = smaller["servers"].get(_US, {}), results["servers"][_US]
    rows = [
        [name, f"{log(entry['ms'] / before['templates'][name]['ms']) / log(large / small):.2f}"]
        for name, entry in after.get("templates", {}).items()
        if name in before.get("templates", {})
    ]
    return table([f"{_US}: growth from {small:,} to {large:,}", "exponent"], rows)


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
