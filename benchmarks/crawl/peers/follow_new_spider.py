# ruff: noqa: D101, D102, RUF012  written as people write such things
"""A spider in Scrapy's words that leaves out the links it has seen, to spare Scrapy work; Shoal runs it, too."""

import scrapy


class FollowNew(scrapy.Spider):
    name = "follow_new"
    allowed_domains = ["127.0.0.1"]

    def __init__(self, start, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.first = start
        self.seen = {}  # by folder: what a relative link means depends on where it stands

    async def start(self):
        # Not as one of `start_urls`, which are fetched again when a link leads to them.
        yield scrapy.Request(self.first)

    def parse(self, response):
        if not isinstance(response, scrapy.http.HtmlResponse):
            return
        yield {"url": response.url, "title": response.css("title::text").get()}
        for block in response.css("div.item"):
            yield {
                "url": response.url,
                "text": block.css("span.text::text").get(),
                "author": block.css("small.author::text").get(),
                "tags": block.css("a.tag::text").getall(),
            }
        seen = self.seen.setdefault(response.url.rpartition("/")[0], set())
        for href in response.css("a::attr(href)").getall():
            if href not in seen:
                seen.add(href)
                yield response.follow(href)
