"""scrapy.log: logging as Scrapy before 1.0 had it: `log.msg("text", level=log.INFO)`."""

from __future__ import annotations

import logging
from logging import CRITICAL, DEBUG, ERROR, INFO, WARNING
from typing import Any

__all__ = ["CRITICAL", "DEBUG", "ERROR", "INFO", "SILENT", "WARNING", "err", "level_names", "msg", "start"]

SILENT = CRITICAL + 1
level_names = {CRITICAL: "CRITICAL", ERROR: "ERROR", WARNING: "WARNING", INFO: "INFO", DEBUG: "DEBUG", SILENT: "SILENT"}

_log = logging.getLogger("scrapy")


def _number(level: int | str) -> int:
    return level if isinstance(level, int) else int(logging.getLevelName(level.upper()))


def start(*_args: Any, **_kwargs: Any) -> None:
    """Nothing: the crawl starts its log itself."""


def msg(message: Any = None, _level: int | str = INFO, **kw: Any) -> None:
    """Log a message, or `format` filled with the other keywords; `level` is a number or a name."""
    level = _number(kw.pop("level", _level))
    pattern = kw.pop("format", None)
    spider = kw.pop("spider", None)
    text = str(message) if pattern is None else pattern % kw
    _log.log(level, "%s", text, extra={"spider": spider})


def err(_stuff: Any = None, _why: str | None = None, **kw: Any) -> None:
    """Log an error: an exception, a failure, or the one being handled."""
    problem = getattr(_stuff, "value", _stuff)
    known = problem if isinstance(problem, BaseException) else None
    text = _why or ("Unhandled error" if problem is None else str(problem))
    _log.error("%s", text, exc_info=known or (problem is None), extra={"spider": kw.get("spider")})
