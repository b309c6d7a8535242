"""A crawl by command: begun, carried out, and judged by its end.

The one rule: a run that did not work does not end with status 0. What "did not work" means is decided in one pure
function, from the crawl's statistics.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.verdict import DONE, FAILED, judge
from shoal.scrapy.commands._job import finished

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spider import Spider
    from shoal.scrapy.commands import ScrapyCommand

logger = logging.getLogger("scrapy.commands")


def run_spider(command: ScrapyCommand, spidercls: type[Spider], opts: argparse.Namespace) -> int:
    """Crawl to the end; returns the exit status."""
    crawler = command.crawler_process.create_crawler(spidercls)
    nothing_left = finished(crawler.settings, spidercls.name)
    if nothing_left:
        sys.stderr.write(f"{command.prog}: {nothing_left}\n")
        return DONE
    if opts.output or opts.overwrite_output:
        crawler.signals.connect(lambda: _warn_without_exporter(crawler), signals.engine_started, weak=False)
    return run_crawler(command, crawler, opts.spargs)


def run_crawler(command: ScrapyCommand, crawler: Crawler, arguments: Mapping[str, Any]) -> int:
    """Crawl with these arguments of the spider; returns the exit status and says why it is not 0."""
    process = command.crawler_process
    process.crawl(crawler, **arguments)
    process.start()
    if process.bootstrap_failed:
        return FAILED
    stopped_by = getattr(process, "stopped_by", None)
    if stopped_by:
        return 128 + int(stopped_by)
    status, why = judge(crawler.stats.get_stats())
    if status:
        logger.error("This crawl has not worked: %s", why)
        if not command._settings().getbool("LOG_ENABLED"):
            sys.stderr.write(f"{command.prog}: this crawl has not worked: {why}\n")
    return status


def _warn_without_exporter(crawler: Crawler) -> None:
    from shoal.crawl.feeds.exporter import FeedExporter

    if crawler.get_extension(FeedExporter) is None:
        logger.error("The FeedExporter extension is not enabled, so -o and -O write nothing.")
