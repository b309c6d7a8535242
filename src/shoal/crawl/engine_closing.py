"""How a crawl ends: its parts are closed one after the other, from the network to the statistics.

The one rule: a part that fails to close is logged, and the next one is closed all the same.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.awaiting import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.engine import ExecutionEngine

logger = logging.getLogger("scrapy.core.engine")


async def close_parts(engine: ExecutionEngine, reason: str) -> None:
    """Close everything that served the engine's spider, and the spider. `reason` is told to those who listen."""
    slot, spider = engine._slot, engine.spider
    assert slot is not None
    assert spider is not None

    async def attempt(what: str, call: Callable[[], Any]) -> None:
        try:
            await settle(call())
        except Exception:
            logger.error(what, exc_info=True, extra={"spider": spider})

    await attempt("Slot close failure", slot.close)
    await attempt("Downloader close failure", engine.downloader.close)
    await attempt("Scraper close failure", engine.scraper.close_spider_async)
    if hasattr(slot.scheduler, "close"):
        await attempt("Scheduler close failure", lambda: slot.scheduler.close(reason))
    await attempt(
        "Error while sending spider_close signal",
        lambda: engine.signals.send_catch_log_async(signals.spider_closed, spider=spider, reason=reason),
    )
    await attempt("Stats close failure", lambda: engine.crawler.stats.close_spider(reason=reason))
    logger.info("Spider closed (%(reason)s)", {"reason": reason}, extra={"spider": spider})
    engine._slot = None
    engine.spider = None
    engine._start = None
    await attempt("Error running spider_closed_callback", lambda: engine._spider_closed_callback(spider))
