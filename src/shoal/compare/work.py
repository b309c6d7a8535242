"""What is compared: a function and its inputs.

The one rule: a result is a value that follows from its input alone, so that all ways of doing the work can be checked
against one another. Built-in kinds: `cpu` parses pages, `io` fetches pages from a practice site that takes its time,
`mixed` fetches and parses.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPConnection
from random import Random
from typing import Any
from urllib.parse import urlsplit

from shoal.errors import UsageError

BUILT_IN = ("cpu", "io", "mixed")
LATENCY = 0.02
"""Seconds the practice site takes for an answer."""
PAGES = {"cpu": 160, "io": 96, "mixed": 96}
"""How many inputs each built-in kind has: about half a second to two seconds, one after another."""
LINKS = {"cpu": 100, "io": 10, "mixed": 50}
"""How many links a page has; the time of a parse follows it."""


@dataclass(frozen=True)
class Work:
    """A function and what it is called with.

    `plain` is called with one input and returns a result; `coroutine`, when there is one, is awaited instead where
    coroutines carry the work. Work whose function is `async def` has no `plain`. Results should be JSON values; others
    are compared by their `repr`.
    """

    name: str
    inputs: Sequence[Any]
    plain: Callable[[Any], Any] | None
    coroutine: Callable[[Any], Awaitable[Any]] | None


def built_in(kind: str, origin: str = "", count: int | None = None) -> Work:
    """The work of that kind on `count` inputs; `origin` is the practice site's, for kinds that fetch."""
    numbers = range(count or PAGES[kind])
    if kind == "cpu":
        return Work(kind, numbers, _parse_number, _in_a_coroutine)
    urls = [f"{origin}/{kind}/{number}" for number in numbers]
    if kind == "io":
        return Work(kind, urls, _fetch_size, _fetch_size_waiting)
    return Work(kind, urls, _fetch_and_parse, _fetch_and_parse_waiting)


def own(name: str, inputs: Sequence[Any]) -> Work:
    """The user's function `module:function`, imported as Python would from the current folder. Raises UsageError."""
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise UsageError(f"{name!r} is neither {', '.join(BUILT_IN)} nor module:function", name)
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        function: Any = importlib.import_module(module_name)
    except ImportError as problem:
        raise UsageError(f"cannot import {module_name!r}: {problem}", name, 0, len(module_name)) from None
    for part in function_name.split("."):
        function = getattr(function, part, None)
    if not callable(function):
        raise UsageError(f"{module_name} has no function {function_name!r}", name, len(module_name) + 1)
    if inspect.iscoroutinefunction(function):
        return Work(name, inputs, None, function)
    return Work(name, inputs, function, None)


def read_inputs(path: str) -> list[Any]:
    """One input a line: JSON values of a .jsonl file, else the lines themselves. Raises UsageError."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"cannot read the inputs in {path}: {problem}") from None
    if not lines:
        raise UsageError(f"{path} holds no input: one a line is wanted")
    if not path.endswith(".jsonl"):
        return lines
    return [_value(path, number, line) for number, line in enumerate(lines, 1)]


def _value(path: str, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as problem:
        raise UsageError(f"{path}, line {number} is not JSON: {problem}", line) from None


# What the built-in kinds do.


def page(kind: str, number: int) -> str:
    """A page of made-up text with links, the same for the same number."""
    dice = Random(number)
    rows = (
        f'<li class="row"><a href="/page/{dice.randrange(10_000)}?from={number}">plaice &amp; chips</a>'
        f"<p>{dice.random():.6f} {'swimming in the <b>shoal</b> ' * dice.randrange(1, 8)}</p></li>"
        for _ in range(LINKS[kind])
    )
    return f"<html><head><title>page {number}</title></head><body><ul>{''.join(rows)}</ul></body></html>"


class _Reader(HTMLParser):
    """Links and words of a page, by the standard library's parser: all of it is Python, all of it holds the lock."""

    def __init__(self) -> None:
        super().__init__()
        self.links = 0
        self.words = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += tag == "a" and any(name == "href" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += len(data.split())


def parse(text: str) -> list[int]:
    """How many links and how many words."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return [reader.links, reader.words]


def _parse_number(number: int) -> list[int]:
    return parse(page("cpu", number))


async def _in_a_coroutine(number: int) -> list[int]:
    return _parse_number(number)


def _fetch(url: str) -> str:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


async def _fetch_waiting(url: str) -> str:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        async with asyncio.timeout(30):
            _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
        await writer.wait_closed()
    return body.decode()


def _fetch_size(url: str) -> int:
    return len(_fetch(url))


async def _fetch_size_waiting(url: str) -> int:
    return len(await _fetch_waiting(url))


def _fetch_and_parse(url: str) -> list[int]:
    return parse(_fetch(url))


async def _fetch_and_parse_waiting(url: str) -> list[int]:
    return parse(await _fetch_waiting(url))
