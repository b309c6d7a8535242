from __future__ import annotations

from urllib.parse import urlparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.parsed_url import parsed_url, split_url
from shoal.crawl.request import Request

PIECES = [
    "http",
    "https",
    "HTTP",
    "ftp",
    "://",
    "//",
    "a.example",
    "A",
    "[::1]",
    ":80",
    ":",
    "@",
    "/",
    "?",
    "#",
    ";",
    "%20",
    "x=1",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=10).map("".join))
def test_parts_are_those_of_the_standard_library(url):
    try:
        expected = urlparse(url)
    except ValueError as error:
        with pytest.raises(ValueError, match=r".+"):
            split_url(url)
        assert str(error)
        return
    assert split_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example",
        "https://a.example:8443/p/q.html?x=1&y=2#z",
        "http://a.example?q",
        "http://a.example#f",
        "http://user:pw@a.example/",
        "http://a.example/p;parameters?q",
        "http://a.example/?#",
        "http://a.example/\n",
        "data:,text",
    ],
)
def test_parts_of_usual_and_unusual_urls(url):
    assert split_url(url) == urlparse(url)


def test_a_request_is_split_once():
    request = Request("https://a.example/p")
    assert parsed_url(request) is parsed_url(request)
    assert parsed_url(request).hostname == "a.example"
