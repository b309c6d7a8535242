"""Crawlee for Python with its Parsel crawler: crawlee_parsel.py START OUT. Everything in memory, no log."""

import asyncio
import json
import logging
import sys

from crawlee import ConcurrencySettings, service_locator
from crawlee.configuration import Configuration
from crawlee.crawlers import ParselCrawler, ParselCrawlingContext
from crawlee.storage_clients import MemoryStorageClient


async def main(start, out):
    service_locator.set_configuration(Configuration(log_level="ERROR"))
    service_locator.set_storage_client(MemoryStorageClient())
    concurrency = ConcurrencySettings(min_concurrency=16, max_concurrency=32, desired_concurrency=16)
    crawler = ParselCrawler(concurrency_settings=concurrency, configure_logging=False)

    def write(item):
        out.write(json.dumps(item) + "\n")

    @crawler.router.default_handler
    async def handle(context: ParselCrawlingContext):
        page = context.selector
        url = context.request.url
        write({"url": url, "title": page.css("title::text").get()})
        for block in page.css("div.item"):
            write(
                {
                    "url": url,
                    "text": block.css("span.text::text").get(),
                    "author": block.css("small.author::text").get(),
                    "tags": block.css("a.tag::text").getall(),
                }
            )
        await context.enqueue_links()

    await crawler.run([start])


logging.disable(logging.CRITICAL)
with open(sys.argv[2], "w", encoding="utf-8") as file:
    asyncio.run(main(sys.argv[1], file))
