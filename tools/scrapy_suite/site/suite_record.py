"""A pytest plugin: writes one JSON line per case, with what happened and what the case is made of.

What a case is made of is read from its source: the test, its fixtures, the helpers and base classes they use, as far
as they belong to the suite. The one rule: a case is "plain" only when nothing of that names Twisted, the mock server
or a child process.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import textwrap
from functools import cache

_OUTCOMES: dict[str, dict] = {}
_DECORATOR_ONLY = {"coroutine_test"}
_KINDS = ("twisted", "reactor", "subprocess", "mockserver")


def pytest_collection_modifyitems(items):
    for item in items:
        _OUTCOMES[item.nodeid] = {"case": item.nodeid, "kind": kind(item), "outcome": "not run", "message": ""}


def pytest_runtest_logreport(report):
    entry = _OUTCOMES[report.nodeid]
    if report.when == "call" or report.outcome != "passed":
        entry["outcome"] = _outcome(report)
        entry["message"] = _message(report)


def pytest_sessionfinish():
    with open(os.environ["SHOAL_SUITE_RECORD"], "w", encoding="utf-8") as file:
        for entry in _OUTCOMES.values():
            file.write(json.dumps(entry) + "\n")


def _outcome(report) -> str:
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "failed"
    return report.outcome


def _message(report) -> str:
    if report.outcome == "passed":
        return ""
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr).strip().split("\n")[0][:300]


def kind(item) -> str:
    """What a case needs beside plain Python: the first of `_KINDS` that its source shows."""
    found = {"reactor"} if item.get_closest_marker("requires_reactor") else set()
    seeds = [(item.function, getattr(item, "cls", None))]
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        found |= {"mockserver"} if definitions[-1].argname == "mockserver" else set()
        if definitions[-1].argname not in {"mockserver", "request"}:
            seeds.append((definitions[-1].func, getattr(item, "cls", None)))
    if getattr(item, "cls", None) is not None:
        seeds += [(method, item.cls) for method in _setups(item.cls)]
    for function, owner in seeds:
        found |= _needs(inspect.unwrap(function), owner)
    return next((name for name in _KINDS if name in found), "plain")


def _setups(cls):
    names = ("setup_method", "teardown_method", "setup_class", "teardown_class", "setup_method")
    return [getattr(cls, name) for name in names if hasattr(cls, name)]


def _needs(function, owner, seen=None) -> set[str]:
    seen = set() if seen is None else seen
    key = (getattr(function, "__module__", ""), getattr(function, "__qualname__", repr(function)), owner)
    if key in seen or not getattr(function, "__module__", "").startswith(("tests", "conftest")):
        return set()
    seen.add(key)
    needs = set()
    names, attributes, imported = _mentions(function)
    for module in imported:
        needs |= _by_module(module)
    scope = getattr(inspect.unwrap(function), "__globals__", None) or vars(inspect.getmodule(function))
    for name in names:
        if name in scope:
            needs |= _by_value(name, scope[name], owner, seen)
    for name in attributes:
        member = inspect.getattr_static(owner, name, None) if owner else None
        member = getattr(member, "__func__", member)
        if inspect.isfunction(member):
            needs |= _needs(inspect.unwrap(member), owner, seen)
    return needs


def _by_value(name, value, owner, seen) -> set[str]:
    if inspect.ismodule(value):
        return _by_module(value.__name__)
    module = getattr(value, "__module__", None) or type(value).__module__
    if name in _DECORATOR_ONLY or not isinstance(module, str):
        return set()
    if name == "inline_callbacks_test":
        return {"twisted"}
    needs = _by_module(module)
    if inspect.isfunction(value):
        return needs | _needs(inspect.unwrap(value), owner, seen)
    if inspect.isclass(value) and module.startswith("tests"):
        for member in vars(value).values():
            member = getattr(member, "__func__", member)
            if inspect.isfunction(member):
                needs |= _needs(inspect.unwrap(member), value, seen)
    return needs


def _by_module(module: str) -> set[str]:
    if module.split(".", maxsplit=1)[0] == "twisted":
        return {"twisted"}
    if module in {"subprocess", "pexpect", "tests.utils.cmdline"} or module.startswith("pexpect"):
        return {"subprocess"}
    if module.startswith("tests.mockserver"):
        return {"mockserver"}
    return set()


@cache
def _mentions(function) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Names, attributes of self and cls, and modules imported inside."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return frozenset(), frozenset(), frozenset()
    for node in ast.walk(tree):  # annotations need nothing at run time
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
    }
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    return frozenset(names), frozenset(attributes), frozenset(imported)
