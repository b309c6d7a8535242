"""Scrapy's `scrapy.utils.display`: values printed in colour where somebody is looking."""

from __future__ import annotations

import ctypes
import platform
import sys
from pprint import pformat as _plain
from typing import Any

# The first Windows console that understands colour codes, when asked to.
_WINDOWS_WITH_CODES = (10, 0, 14393)


def _enable_windows_terminal_processing() -> bool:
    kernel32 = getattr(ctypes, "windll").kernel32  # noqa: B009  it exists on Windows alone
    return bool(kernel32.SetConsoleMode(kernel32.GetStdHandle(-11), 7))


def _system() -> str:
    return sys.platform  # behind a call, since mypy would believe it of every system


def _terminal_takes_colour() -> bool:
    if not sys.stdout.isatty():
        return False
    if _system() != "win32":
        return True
    version = tuple(int(part) for part in platform.version().split("."))
    return version < _WINDOWS_WITH_CODES or _enable_windows_terminal_processing()


def pformat(obj: Any, *args: Any, **kwargs: Any) -> str:
    """`obj` as `pprint.pformat` writes it, in colour unless `colorize=False` or nobody is looking."""
    colorize = kwargs.pop("colorize", True)
    text = _plain(obj, *args, **kwargs)
    if not colorize or not _terminal_takes_colour():
        return text
    try:
        from pygments import highlight
        from pygments.formatters import TerminalFormatter
        from pygments.lexers import PythonLexer
    except ImportError:
        return text
    return str(highlight(text, PythonLexer(), TerminalFormatter()))


def pprint(obj: Any, *args: Any, **kwargs: Any) -> None:
    """Print what `pformat` writes."""
    print(pformat(obj, *args, **kwargs))  # noqa: T201  it is what the function is for
