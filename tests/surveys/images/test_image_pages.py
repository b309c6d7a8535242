"""Which pictures a page shows and which pages it links to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from shoal.lab.gallery import Gallery
from shoal.lab.message import Asked
from shoal.surveys.images.pages import is_picture, largest, pages, pictures

BASE = "http://127.0.0.1/a/page.html"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="x.png">', ["/a/x.png"]),
        ('<img src="wait.gif" data-src="/late.png">', ["/late.png"]),
        ('<img src="s.png" srcset="m.png 400w, l.png 800w">', ["/a/l.png"]),
        ('<picture><source srcset="l.webp 2x, s.webp"><img src="s.png"></picture>', ["/a/l.webp"]),
        ('<a href="x.JPG">big</a> <a href="y.html">no</a>', ["/a/x.JPG"]),
        ('<meta property="og:image" content="//127.0.0.1/o.png"><meta name="x" content="y">', ["/o.png"]),
        ('<img src="x.png#a"><img src="x.png#b"><img src="x.png?v=2">', ["/a/x.png", "/a/x.png?v=2"]),
        ('<img src="data:image/png;base64,AAAA"><img src=""><img>', []),
        ('<img src="http://[broken/x.png"><img src="ftp://127.0.0.1/x.png">', []),
    ],
)
def test_each_way_to_show_a_picture_is_understood(html, expected):
    assert pictures(Selector(html), BASE) == ["http://127.0.0.1" + path for path in expected]


def test_every_exhibit_of_the_gallery_is_found_once():
    site = Gallery()
    found = []
    for number in range(1, 5):
        page = Selector(site(Asked("GET", f"/page/{number}/", {})).body.decode())
        found += pictures(page, "http://127.0.0.1/")
    assert sorted(found) == sorted("http://127.0.0.1" + exhibit.path for exhibit in site.exhibits)


def test_links_to_other_hosts_and_to_pictures_are_no_pages():
    html = '<a href="/b">1</a><a href="http://127.0.0.2/c">2</a><a href="x.png">3</a><a href="/b#part">4</a>'
    assert pages(Selector(html), BASE) == ["http://127.0.0.1/b"]


@given(st.text(max_size=60))
def test_no_srcset_is_too_odd(text):
    largest(text)
    is_picture(text)


@pytest.mark.parametrize(
    ("srcset", "best"),
    [("a.png, b.png 2x", "b.png"), ("a.png 800w,b.png 400w", "a.png"), ("data:x", "data:x"), ("", None), (" , ", None)],
)
def test_the_largest_candidate_is_meant(srcset, best):
    assert largest(srcset) == best
