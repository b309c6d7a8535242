"""The crawler, in Scrapy's words: requests go out, responses come back, spiders say what they mean.

The one rule: nothing here imports Twisted or the Scrapy-compatible face, `shoal.scrapy`, which sits above.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shoal.crawl.api import CrawlResult, run, stream
    from shoal.crawl.middleware.downloader.pauses import pause_slot

__all__ = ["CrawlResult", "pause_slot", "run", "stream"]

_HOMES = {"pause_slot": "shoal.crawl.middleware.downloader.pauses"}


def __getattr__(name: str) -> object:
    # Loaded when asked for: most who import from below this package need none of it.
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(_HOMES.get(name, "shoal.crawl.api")), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
