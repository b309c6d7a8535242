"""A spider as people write them for Scrapy: quotes, with their authors, from all pages of a site.

    shoal runspider examples/quotes_spider.py -a site=http://127.0.0.1:8000 -O quotes.jsonl

It imports scrapy, and runs unchanged there; under `shoal` it is Shoal that answers to the name. A site to try it on:

    python -m shoal.lab.quotes 8000
"""

import scrapy


class QuotesSpider(scrapy.Spider):
    """Follows the pages of the list."""

    name = "quotes"
    site = "http://127.0.0.1:8000"

    async def start(self):
        """The first page of the site given by `-a site=URL`."""
        yield scrapy.Request(self.site)

    def parse(self, response):
        """The quotes of a page, then the next page."""
        for quote in response.css("div.quote"):
            yield {
                "text": quote.css("span.text::text").get(),
                "author": quote.css("small.author::text").get(),
                "tags": quote.css("a.tag::text").getall(),
            }
        yield from response.follow_all(css="li.next a")
