"""The statistics of all workers as those of one crawl.

The one rule: numbers are added up, except where their names say that they are the greatest or the least of something;
what the coordinator counts itself is not taken from a worker. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

# What the coordinator knows better: it sees each item once, and the beginning and the end.
_OURS = frozenset(
    {
        "item_scraped_count",
        "response_received_count",
        "start_time",
        "finish_time",
        "finish_reason",
        "elapsed_time_seconds",
        "items_per_minute",
        "responses_per_minute",
    }
)
_GREATEST = re.compile(r"(^|[/_])max(imum)?([/_]|$)|^memusage/")
_LEAST = re.compile(r"(^|[/_])min(imum)?([/_]|$)")


def changed(before: dict[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The statistics that are new or other than before; `before` is brought up to date."""
    news = {name: value for name, value in now.items() if name not in before or before[name] != value}
    before.update(news)
    return news


def merge(whole: MutableMapping[str, Any], known: dict[str, Any], news: Mapping[str, Any]) -> None:
    """Put a worker's statistics into those of the crawl; `known` is what it had said before, and is brought up."""
    for name, value in news.items():
        if name in _OURS or name.startswith("log_count/"):
            continue
        if type(value) in (int, float):
            whole[name] = _number(name, whole.get(name), known.get(name, 0), value)
        else:
            whole[name] = value
    known.update(news)


def _number(name: str, whole: Any, known: Any, value: float) -> Any:
    if _GREATEST.search(name):
        return value if whole is None else max(whole, value)
    if _LEAST.search(name):
        return value if whole is None else min(whole, value)
    return (whole or 0) + value - (known if type(known) in (int, float) else 0)
