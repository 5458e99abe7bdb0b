"""Turns the results of a run into Markdown: what was measured, and ratios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["at", "markdown", "table"]

Results = dict[str, Any]
_LOADS = {
    "mix_1": "mixed queries, 1 connection",
    "mix_16": "mixed queries, 16 connections",
    "cached_16": "one query repeated, 16",
    "not_modified_16": "the same with If-None-Match, 16",
    "rows_4": "10,000 rows as JSON, 4",
}
_US, _BASE = "abckg", "oxigraph"


def markdown(results: Results) -> str:
    """Return the tables of a run."""
    servers, counts = results["servers"], results["counts"]
    parts = [
        f"## {counts['triples']:,} triples\n\n{results['date'][:10]}, {results['machine']['processors']} processors, "
        f"medians of {results['plan']['rounds']} rounds of {results['plan']['seconds']:g} s, or of 10 or 30 s where a "
        "server answers few requests; servers asked in turn.\n",
        table(["requests/s (p50 / p99 ms)", *servers], _load_rows(servers)),
        table([f"{_US}, against", *(name for name in servers if name != _US)], _ratio_rows(servers)),
        table(["", *servers], _once_rows(servers)),
        table(["first / last byte, ms; MB sent; processor, ms", *servers], _encoding_rows(servers)),
        table(["one query, ms", *servers, f"{_US} : {_BASE}", "agree"], _template_rows(servers)),
    ]
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
        return [title, *(_ratio(at(us, *path), at(peer, *(against or path))) for peer in peers)]

    return [
        *(row(f"rate, {title}", name, "rate") for name, title in _LOADS.items() if name != "not_modified_16"),
        row("rate, If-None-Match : computed", "not_modified_16", "rate", against=("cached_16", "rate")),
        row("p50, mixed, 1", "mix_1", "p50"),
        row("p99, mixed, 16", "mix_16", "p99"),
        row("first byte of the large answer", "encodings", "large", "identity", "first_ms"),
        row("load time", "load_seconds"),
        row("memory after the run", "memory_after"),
    ]


def at(results: Results, *path: str) -> float | None:
    """Return the figure under a path of names; None where it was not measured."""
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
        *(
            row(f"processor, ms a request: {title}", lambda s, name=name: _short(s[name]["processor_ms"]))  # type: ignore[misc]
            for name, title in _LOADS.items()
        ),
    ]


def _or_dash(read: Callable[[Results], str], server: Results) -> str:
    try:
        return read(server)
    except KeyError:
        return "–"


def _encoding_rows(servers: Results) -> list[list[str]]:
    names = dict.fromkeys(
        (name, encoding) for s in servers.values() for name, sent in s.get("encodings", {}).items() for encoding in sent
    )
    titles = {"large": "100,000 rows", "10k-rows": "10,000 rows"}

    def cell(server: Results, name: str, encoding: str) -> str:
        entry = server["encodings"][name][encoding]
        times = f"{_short(entry['first_ms'])} / {_short(entry['last_ms'])}"
        return f"{times}; {entry['bytes'] / 1e6:.3g}; {_short(entry['processor_ms'])}"

    return [
        [f"{titles[name]}, {encoding}", *(_or_dash(lambda s: cell(s, name, encoding), s) for s in servers.values())]  # noqa: B023 - called at once
        for name, encoding in sorted(names, key=lambda one: one[0])
    ]


def _template_rows(servers: Results) -> list[list[str]]:
    names = list(dict.fromkeys(name for server in servers.values() for name in server.get("templates", {})))
    rows = []
    for name in names:
        found = [server.get("templates", {}).get(name) for server in servers.values()]
        shared = min(len(entry["rows"]) for entry in found if entry)
        sizes = {tuple(entry["rows"][:shared]) for entry in found if entry}
        us, base = (at(servers, server, "templates", name, "ms") for server in (_US, _BASE))
        cells = [_short(entry["ms"]) if entry else "–" for entry in found]
        rows.append([name, *cells, _ratio(us, base), "yes" if len(sizes) == 1 else "no"])
    return rows


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
