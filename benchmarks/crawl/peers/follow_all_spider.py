# ruff: noqa: D101, D102, RUF012  written as people write such things
"""A spider in Scrapy's words that follows all links of a page; Scrapy and Shoal both run it as it is."""

import scrapy


class FollowAll(scrapy.Spider):
    name = "follow_all"
    allowed_domains = ["127.0.0.1"]

    def __init__(self, start, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.first = start

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
        yield from response.follow_all(css="a")
