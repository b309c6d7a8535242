"""A spider in Scrapy's words that follows each link, as the tutorials have it; Scrapy and Shoal both run it as it is."""

import scrapy


class FollowEach(scrapy.Spider):
    name = "follow_each"
    allowed_domains = ["127.0.0.1"]

    def __init__(self, start, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.start_urls = [start]

    def parse(self, response):
        yield {"url": response.url, "title": response.css("title::text").get()}
        for block in response.css("div.item"):
            yield {
                "url": response.url,
                "text": block.css("span.text::text").get(),
                "author": block.css("small.author::text").get(),
                "tags": block.css("a.tag::text").getall(),
            }
        for link in response.css("a[href]"):
            yield response.follow(link)
