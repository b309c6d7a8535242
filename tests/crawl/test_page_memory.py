"""What is left of a page when its callback has done with it: nothing."""

import gc
from weakref import ref

from site_in_memory import crawl

from shoal.crawl.response import HtmlResponse
from shoal.crawl.selector import Selector
from shoal.crawl.spider import Spider


def a_page():
    return HtmlResponse("http://a.test/", body=b"<title>x</title><a href='/y'>y</a>", encoding="utf-8")


def test_a_page_that_was_selected_from_is_freed_at_once():
    gc.disable()
    try:
        page = a_page()
        assert page.css("a::attr(href)").get() == "/y"
        gone = ref(page)
        del page
        assert gone() is None
    finally:
        gc.enable()


def test_the_selector_of_a_page_knows_the_page():
    page = a_page()
    assert page.selector.response is page


def test_a_selector_that_was_made_of_a_page_keeps_it():
    selector = Selector(a_page())
    assert selector.response is not None
    assert selector.response.url == "http://a.test/"


def test_a_link_that_is_refused_keeps_no_page():
    pages, alive = [], []

    class Leaving(Spider):
        name = "leaving"
        allowed_domains = ["t"]  # noqa: RUF012  as spiders are written
        start_urls = ["http://t/0"]  # noqa: RUF012

        def parse(self, response):
            pages.append(ref(response))
            alive.append(sum(page() is not None for page in pages))
            yield response.follow_all(css="a")

    gc.disable()
    try:
        crawl(
            Leaving,
            {f"http://t/{n}": f'<a href="http://elsewhere/{n}">x</a><a href="/{n + 1}">y</a>' for n in range(10)},
        )
    finally:
        gc.enable()
    # This page, and at most the one before it and what a middleware remembers.
    assert max(alive) <= 3
