"""How the code is laid out: imports go down the layers, modules and functions stay small."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "abckg"
MODULES = sorted(PACKAGE.rglob("*.py"))
LAYERS = [
    {"errors", "examples", "parallel", "tokens"},
    {"namespaces"},
    {"formats", "places", "portability", "roots", "safety", "settings", "turtle", "turtlecomments", "turtlefaults"},
    {"federation", "queries", "reports", "rewriting", "sources"},
    {"difference", "passages", "reasoning", "scaffold", "shacl"},
    {"dataset", "locator", "wording"},
    {"evidence", "explain"},
    {"store"},
    {"checks", "describe", "pool", "since", "terms"},
    {"search", "writing"},
    {"build", "published", "quotes"},
    {"validate"},
    {"rulebook"},
    {"lsp", "web"},
    {"cli"},
    {"__init__", "__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("abckg"):
            parts = node.module.split(".")
            names |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return names


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def upward(name: str, tree: ast.AST) -> set[str]:
    return {other for other in imported(tree) if other != name and RANK[other] > RANK[name]}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_module_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    assert upward(layer(path), tree_of(path)) == set()


def test_an_upward_import_would_be_found() -> None:
    assert upward("turtle", ast.parse("from abckg.store import Store")) == {"store"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_module_has_at_most_400_lines_and_functions_at_most_40(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]

    assert len(text.splitlines()) <= 400
    assert {f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 40} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_public_names_are_listed_in_order(path: Path) -> None:
    lists = [
        ast.literal_eval(node.value)
        for node in tree_of(path).body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    ]

    assert all(
        names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name)) for names in lists
    )
