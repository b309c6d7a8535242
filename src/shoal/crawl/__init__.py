"""The crawler, in Scrapy's words: requests go out, responses come back, spiders say what they mean.

The one rule: nothing here imports Twisted or the Scrapy-compatible face, `shoal.scrapy`, which sits above.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shoal.crawl.api import CrawlResult, run, stream

__all__ = ["CrawlResult", "run", "stream"]


def __getattr__(name: str) -> object:
    # Loaded when asked for: most who import from below this package need none of it.
    if name in __all__:
        from shoal.crawl import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
