"""What of a crawl there is once, and what each worker has: its settings, divided.

The one rule: extensions that look at the crawl as a whole (feeds, limits, log lines, progress) are the coordinator's;
all others, and everything that sees requests and responses, are the workers', each with its own.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import load_object
from shoal.crawl.exceptions import UsageError

if TYPE_CHECKING:
    from shoal.crawl.settings import Settings

# The coordinator's: when the crawl began and ended, and why. The workers': what they count of it.
_EVERYWHERE = "shoal.crawl.extensions.corestats.CoreStats"
PRIORITY = 100
"""Above that of the command line: what is divided is not a matter of taste."""
# By name: a class below is one of them, whatever path leads to it.
_WHOLE = frozenset(
    {
        "shoal.crawl.extensions.closespider.CloseSpider",
        "shoal.crawl.extensions.logcount.LogCount",
        "shoal.crawl.extensions.logstats.LogStats",
        "shoal.crawl.extensions.periodic_log.PeriodicLog",
        "shoal.crawl.extensions.spiderstate.SpiderState",
        "shoal.crawl.feeds.exporter.FeedExporter",
        "shoal.crawl.progress.Progress",
    }
)


def is_spread(settings: Settings) -> bool:
    """Whether the crawl runs in several processes, here or on a cluster."""
    model: str | None = settings.get("WORKER_MODEL")
    return model == "proc" or bool(settings.get("CLUSTER"))


def worker_count(settings: Settings) -> int:
    """WORKERS, without it the number of processors. Raises UsageError for anything below 1."""
    wanted = settings.get("WORKERS")
    if wanted in (None, ""):
        affinity = getattr(os, "sched_getaffinity", None)
        return len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        count = int(wanted)
    except (TypeError, ValueError):
        count = 0
    if count < 1:
        raise UsageError(f"WORKERS (-j): {wanted!r} is no number of processes; 1 is the least")
    return count


def may_share(settings: Settings) -> bool:
    """Whether several workers may ask one host at the same time: SHARE_HOSTS, where nobody keeps a distance."""
    spaced = settings.getfloat("DOWNLOAD_DELAY") or settings.getbool("AUTOTHROTTLE_ENABLED")
    return settings.getbool("SHARE_HOSTS") and not spaced


def keep_whole(settings: Settings) -> None:
    """Leave the coordinator the extensions that look at the whole."""
    _keep(settings, whole=True)


def divide(settings: Settings, number: int, workers: int, sharers: int) -> None:
    """Make the settings of a crawl those of its worker `number`."""
    _keep(settings, whole=False)
    own: dict[str, Any] = {
        "WORKER_MODEL": "async",
        "SCHEDULER": "shoal.crawl.spread.scheduler.LeasedScheduler",
        "CLUSTER": None,
        "JOBDIR": None,
        "FEEDS": {},
        "STATS_DUMP": False,
        "LOG_FILE": None,
        "LOG_ENABLED": False,
        "CONCURRENT_REQUESTS": share(settings.getint("CONCURRENT_REQUESTS"), number, workers),
    }
    for name in ("CONCURRENT_REQUESTS_PER_DOMAIN", "CONCURRENT_REQUESTS_PER_IP"):
        own[name] = share(settings.getint(name), number, sharers)
    settings.setdict(own, PRIORITY)


def share(total: int, number: int, among: int) -> int:
    """What of `total` is for worker `number`: nobody gets nothing, and 0 stays what it means, no limit."""
    if total <= 0:
        return total
    part = number % among
    return max(total // among + (part < total % among), 1)


def _keep(settings: Settings, *, whole: bool) -> None:
    for name in ("EXTENSIONS_BASE", "EXTENSIONS"):
        table = settings.get(name) or {}
        kept = {key: place for key, place in table.items() if place is None or whole in _where(key)}
        settings.set(name, kept, PRIORITY)


def _where(component: Any) -> tuple[bool, ...]:
    """Whether it is the coordinator's (True), the workers' (False). An extension says it by `whole_crawl = True`."""
    try:
        kind = load_object(component)
    except (ImportError, NameError, AttributeError, ValueError):
        # One of Scrapy's that Shoal has not: whoever builds extensions leaves it out.
        return (False,)
    bases = {f"{base.__module__}.{base.__qualname__}" for base in getattr(kind, "__mro__", ())}
    if _EVERYWHERE in bases:
        return (True, False)
    return (bool(getattr(kind, "whole_crawl", False) or bases & _WHOLE),)
