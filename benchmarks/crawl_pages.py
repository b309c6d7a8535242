"""A spider for measurements: all pages of a site up to a number, the links of each followed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy


class PagesSpider(scrapy.Spider):
    """`site` is where it begins, `pages` how many: page n links to n * 20 + 1 and the nineteen that follow."""

    name = "pages"

    async def start(self) -> AsyncIterator[Any]:
        """The first one."""
        yield scrapy.Request(f"{self.site}/0")

    def parse(self, response: Any, **_: Any) -> Iterator[Any]:
        """The page's title, and its links."""
        yield {"title": response.css("title::text").get()}
        for link in response.css("a::attr(href)").getall():
            if int(link[1:]) < int(self.pages):
                yield response.follow(link)
