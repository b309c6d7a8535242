"""A spider in Scrapy's words that leaves out the links it has seen, to spare the crawler work; Scrapy and Shoal both run it as it is."""

import scrapy


class FollowNew(scrapy.Spider):
    name = "follow_new"
    allowed_domains = ["127.0.0.1"]

    def __init__(self, start, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.start_urls = [start]
        self.seen = set()

    def parse(self, response):
        yield {"url": response.url, "title": response.css("title::text").get()}
        for block in response.css("div.item"):
            yield {
                "url": response.url,
                "text": block.css("span.text::text").get(),
                "author": block.css("small.author::text").get(),
                "tags": block.css("a.tag::text").getall(),
            }
        for href in response.css("a::attr(href)").getall():
            if href not in self.seen:
                self.seen.add(href)
                yield response.follow(href)
