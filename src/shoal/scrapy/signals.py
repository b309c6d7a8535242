"""The signals of a crawl."""

from shoal.crawl.signals import (
    bytes_received,
    engine_started,
    engine_stopped,
    feed_exporter_closed,
    feed_slot_closed,
    headers_received,
    item_dropped,
    item_error,
    item_scraped,
    memusage_warning_reached,
    request_dropped,
    request_left_downloader,
    request_reached_downloader,
    request_scheduled,
    response_downloaded,
    response_received,
    robots_parsed,
    scheduler_empty,
    spider_closed,
    spider_error,
    spider_idle,
    spider_opened,
)

# Names of a time long gone, still found in spiders.
stats_spider_opened = spider_opened
stats_spider_closing = spider_closed
stats_spider_closed = spider_closed
item_passed = item_scraped
request_received = request_scheduled

__all__ = [
    "bytes_received",
    "engine_started",
    "engine_stopped",
    "feed_exporter_closed",
    "feed_slot_closed",
    "headers_received",
    "item_dropped",
    "item_error",
    "item_passed",
    "item_scraped",
    "memusage_warning_reached",
    "request_dropped",
    "request_left_downloader",
    "request_reached_downloader",
    "request_received",
    "request_scheduled",
    "response_downloaded",
    "response_received",
    "robots_parsed",
    "scheduler_empty",
    "spider_closed",
    "spider_error",
    "spider_idle",
    "spider_opened",
    "stats_spider_closed",
    "stats_spider_closing",
    "stats_spider_opened",
]
