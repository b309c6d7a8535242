"""What is left of a page when its callback has done with it: nothing."""

import gc
from weakref import ref

from shoal.crawl.response import HtmlResponse
from shoal.crawl.selector import Selector


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
