"""What a running engine is doing, as a list and as text."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["format_engine_status", "get_engine_status", "print_engine_status"]

# Under the words that users of Scrapy's console know them by.
_QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "time()-engine.start_time": lambda engine: time() - engine.start_time,
    "len(engine.downloader.active)": lambda engine: len(engine.downloader.active),
    "engine.scraper.is_idle()": lambda engine: engine.scraper.is_idle(),
    "engine.spider.name": lambda engine: engine.spider.name,
    "engine.spider_is_idle()": lambda engine: engine.spider_is_idle(),
    "engine._slot.closing": lambda engine: engine._slot.closing,
    "len(engine._slot.inprogress)": lambda engine: len(engine._slot.inprogress),
    "len(engine._slot.scheduler)": lambda engine: len(engine._slot.scheduler),
    "len(engine.scraper.slot.queue)": lambda engine: len(engine.scraper.slot.queue),
    "len(engine.scraper.slot.active)": lambda engine: len(engine.scraper.slot.active),
    "engine.scraper.slot.active_size": lambda engine: engine.scraper.slot.active_size,
    "engine.scraper.slot.itemproc_size": lambda engine: engine.scraper.slot.itemproc_size,
    "engine.scraper.slot.needs_backout()": lambda engine: engine.scraper.slot.needs_backout(),
}


def get_engine_status(engine: Any) -> list[tuple[str, Any]]:
    """Questions and answers; an exception as its name, for a question that has no answer at the moment."""
    return [(question, _answer(ask, engine)) for question, ask in _QUESTIONS.items()]


def _answer(ask: Callable[[Any], Any], engine: Any) -> Any:
    try:
        return ask(engine)
    except Exception as problem:
        return f"{type(problem).__name__} (exception)"


def format_engine_status(engine: Any) -> str:
    """The same as text."""
    lines = [f"{question:<47} : {answer}\n" for question, answer in get_engine_status(engine)]
    return "Execution engine status\n\n" + "".join(lines) + "\n"


def print_engine_status(engine: Any) -> None:
    """Print it."""
    print(format_engine_status(engine))  # noqa: T201  it is what the function is for
