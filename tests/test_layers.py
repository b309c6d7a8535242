"""No module of Shoal imports, by whatever way, itself.

The floors are import-linter's to check (pyproject.toml); this looks inside them. Imports that only a type checker sees
do not count: a component may name the crawler it serves.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "src" / "shoal"

# Imports inside functions that lead back. A request and a response offer, as methods, what is made of them elsewhere:
# Scrapy's API has it so, and spiders call `request.to_curl()` or `response.css(...)`.
METHODS_FROM_ABOVE = {
    ("shoal.crawl.request", "shoal.crawl.curl"),
    ("shoal.crawl.request", "shoal.crawl.request_dict"),
    ("shoal.crawl.response", "shoal.crawl.selector"),
    ("shoal.crawl.response_base", "shoal.crawl.response_class"),
}


def name_of(file: Path) -> str:
    parts = ("shoal", *file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in ROOT.rglob("*.py") if "templates" not in file.parts}


class _Imports(ast.NodeVisitor):
    """Collects what a module imports of Shoal: at once, and inside functions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.at_once: set[str] = set()
        self.later: set[str] = set()
        self._target = self.at_once

    def visit_If(self, node: ast.If) -> None:
        for_types = ast.unparse(node.test) == "TYPE_CHECKING"
        for part in node.orelse if for_types else [*node.body, *node.orelse]:
            self.visit(part)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        before, self._target = self._target, self.later
        self.generic_visit(node)
        self._target = before

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert not node.level, f"{self.name}: imports are absolute"
        for alias in node.names:
            below = f"{node.module}.{alias.name}"
            self._add(below if below in MODULES else str(node.module))

    def _add(self, name: str) -> None:
        if name in MODULES and name != self.name:
            self._target.add(name)


def read(name: str) -> _Imports:
    imports = _Imports(name)
    imports.visit(ast.parse(MODULES[name].read_text(encoding="utf-8")))
    return imports


def rings(graph: dict[str, set[str]]) -> list[set[str]]:
    """Groups of modules that reach one another."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for name in graph[waiting.pop()] - seen:
                seen.add(name)
                waiting.append(name)
        return seen

    reach = {name: reached(name) for name in graph}
    found: list[set[str]] = []
    for name, others in reach.items():
        if name in others and not any(name in ring for ring in found):
            found.append({other for other in others if name in reach[other]})
    return found


@pytest.fixture(scope="module")
def imports() -> dict[str, _Imports]:
    return {name: read(name) for name in MODULES}


def test_no_modules_import_one_another(imports):
    assert rings({name: found.at_once for name, found in imports.items()}) == []


def test_not_even_inside_functions(imports):
    """But for the front door of a package, which hands out what stands in it, and the methods named above."""

    def leads_back(name: str, other: str) -> bool:
        is_door = MODULES[name].name == "__init__.py" and other.startswith(name + ".")
        return not is_door and (name, other) not in METHODS_FROM_ABOVE

    graph = {
        name: found.at_once | {other for other in found.later if leads_back(name, other)}
        for name, found in imports.items()
    }
    assert rings(graph) == []


def test_the_exceptions_are_still_needed(imports):
    for name, other in METHODS_FROM_ABOVE:
        assert other in imports[name].later, f"{name} no longer imports {other}: take it off the list"


def test_rings_are_found():
    """The tests above are worth nothing if `rings` sees nothing."""
    assert rings({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [{"b", "c"}]
    assert "shoal.crawl.settings" in read("shoal.crawl.log").at_once
    assert "shoal.crawl.curl" in read("shoal.crawl.request").later
