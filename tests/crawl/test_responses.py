"""Responses: decoded when asked, followed as a browser would, made of the class that fits."""

from __future__ import annotations

import codecs
import gzip
import json
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from w3lib.encoding import html_body_declared_encoding as declared_in_body

from shoal.crawl import response as response_module
from shoal.crawl.charset import decode, infer_encoding
from shoal.crawl.cookies import CookieJar
from shoal.crawl.exceptions import NotSupported, ScrapyDeprecationWarning
from shoal.crawl.feed_rows import csv_rows, xml_nodes
from shoal.crawl.forms import FormRequest
from shoal.crawl.gunzip import DecompressedTooLargeError, gunzip
from shoal.crawl.link import Link
from shoal.crawl.page import meta_refresh, status_message
from shoal.crawl.request import Request
from shoal.crawl.response import HtmlResponse, JsonResponse, Response, TextResponse, XmlResponse
from shoal.crawl.response_class import ResponseTypes, response_from_dict
from shoal.crawl.sitemap import Sitemap, sitemaps_in_robots

PAGE = b"""<html><head><title>T</title></head><body>
<a href="/one">1</a> <a href=" two ">2</a> <a name="x">no link</a> <a href="http://b/?q=3">3</a>
<form action="go" method="post"><input name="a" value="1"><input name="b" value="2"><button name="c" value="3">
</form></body></html>"""


def page(body: bytes = PAGE, **kwargs) -> HtmlResponse:
    return HtmlResponse("http://example.com/dir/page.html", body=body, **kwargs)


def test_links_become_requests_and_what_has_no_href_is_left_out():
    expected = ["http://example.com/one", "http://example.com/dir/two", "http://b/?q=3"]
    for followed in (page().follow_all(css="a"), page().follow_all(xpath="//a"), page().follow_all(page().css("a"))):
        assert [request.url for request in followed] == expected
    assert page().follow_all(css="a").rest() == ["/one", "two", "http://b/?q=3"]
    assert page().follow_all([Link("/x")]).rest() == ["/x"]


def test_the_base_and_the_encoding_of_a_page_are_found_once():
    response = page()
    with (
        mock.patch.object(response_module, "get_base_url", wraps=response_module.get_base_url) as base,
        mock.patch.object(response_module, "infer_encoding", wraps=infer_encoding) as inferred,
    ):
        list(response.follow_all(["/a"] * 50))
        response.urljoin("b")
    assert base.call_count <= 1  # not at all for a URL that is as it should be
    assert inferred.call_count == 1


def test_a_subclass_that_follows_in_its_own_way_is_asked():
    class Own(HtmlResponse):
        def follow(self, url, *args, **kwargs):
            return super().follow(url, *args, **kwargs).replace(priority=7)

    response = Own("http://example.com/", body=PAGE)
    assert [request.priority for request in response.follow_all(css="a")] == [7, 7, 7]


@pytest.mark.parametrize(
    ("body", "base"),
    [
        (b"<head><base href='http://b/c/'></head>", "http://b/c/"),
        (b"<head><BASE href='/c/'></head>", "http://example.com/c/"),
        ("<head><base href='/c/'></head>".encode("utf-16"), "http://example.com/c/"),
        (b"<!-- <base href='/no/'> -->", "http://example.com/dir/page.html"),
        (b"", "http://example.com/dir/page.html"),
    ],
)
def test_relative_links_are_relative_to_the_base_of_the_page(body, base):
    from urllib.parse import urljoin

    assert page(body).urljoin("x?y=1") == urljoin(base, "x?y=1")


@given(st.text(max_size=40), st.sampled_from(["utf-8", "utf-16", "cp1251", "koi8-r", "gb18030"]))
def test_text_that_says_its_encoding_comes_back(text, encoding):
    body = text.encode(encoding, "ignore")
    plain = body.decode(encoding)
    if plain.startswith(("\ufeff", "\ufffe", "ï»¿", "ÿþ", "þÿ")):
        return
    response = TextResponse("http://a/", body=body, encoding=encoding)
    assert response.text == plain


@given(st.binary(max_size=60))
def test_any_bytes_have_a_text(body):
    for cls in (TextResponse, HtmlResponse, XmlResponse):
        response = cls("http://a/", body=body)
        assert isinstance(response.text, str)
        codecs.lookup(response.encoding)


@given(st.text(max_size=9))
def test_what_a_mark_of_utf_16_begins_is_utf_16_whatever_follows(text):
    body = codecs.BOM_UTF16_LE + ("\0" + text).encode("utf-16-le", "surrogatepass")
    response = HtmlResponse("http://a/", body=body, headers={"Content-Type": "text/html; charset=utf-8"})
    assert (response.encoding, response.text) == ("utf-16-le", "\0" + text)


def test_there_is_no_mark_of_utf_32():
    assert TextResponse("http://a/", body=b"\0\0\xfe\xff", encoding="cp1252").text == "\0\0þÿ"


def test_a_byte_order_mark_is_no_text():
    assert decode(codecs.BOM_UTF8 + b"x", "utf-8") == "x"
    assert TextResponse("http://a/", body=codecs.BOM_UTF16_LE + "x".encode("utf-16-le")).text == "x"


_BEGINNINGS = [
    "<!DOCTYPE html>",
    "<html lang='en'>",
    '<html lang="en">',
    "<html>",
    "<head>",
    "\n",
    " ",
    "<!-- -->",
    "x",
]
_NAMED = [
    '<meta charset="utf-8">',
    "<META CHARSET=koi8-r>",
    '<meta charset="latin1"/>',
    '<meta charset="nonsense">',
    "",
]


@given(st.lists(st.sampled_from(_BEGINNINGS), max_size=5), st.sampled_from(_NAMED), st.sampled_from(_NAMED))
def test_the_encoding_that_a_usual_head_names_is_the_one_that_a_thorough_look_finds(beginning, first, second):
    body = "".join((*beginning, first, "<title>T</title>", second)).encode()
    for page in (body, b"<!doctype html><html><head>" + body):
        assert HtmlResponse("http://127.0.0.1/", body=page)._body_declared_encoding() == declared_in_body(page)


@pytest.mark.parametrize("encoding", ["utf-8", "iso2022_jp", "utf-16", "cp1252"])
def test_a_base_is_found_in_the_first_characters_however_many_bytes_they_take(encoding):
    wide = "\xe9" if encoding == "cp1252" else "\u3042"
    for letter, count in (("a", 4000), (wide, 3900), ("a", 5000)):
        text = f"<html><!--{letter * count}--><BASE href='http://127.0.0.2/'>"
        page = HtmlResponse("http://127.0.0.1/", body=text.encode(encoding), encoding=encoding)
        assert page.urljoin("x") == ("http://127.0.0.2/x" if count < 4096 else "http://127.0.0.1/x")


def test_only_text_can_be_selected_from():
    response = Response("http://a/", body=b"\0")
    for ask in (response.css, response.xpath, response.jmespath):
        with pytest.raises(NotSupported):
            ask("a")
    with pytest.raises(AttributeError):
        _ = response.text


def test_null_is_an_answer_that_is_parsed_once():
    response = JsonResponse("http://a/", body=b"null")
    with mock.patch.object(json, "loads", wraps=json.loads) as loads:
        assert response.json() is None
        assert response.json() is None
    assert loads.call_count == 1


def test_a_response_survives_a_dict():
    response = XmlResponse("http://a/", status=404, headers={"A": ["1", "2"]}, body=b"<x/>", flags=["f"])
    again = response_from_dict(response.to_dict())
    assert type(again) is XmlResponse
    assert (again.url, again.status, again.body, again.flags) == ("http://a/", 404, b"<x/>", ["f"])
    assert again.headers == response.headers


@pytest.mark.parametrize(
    ("arguments", "cls"),
    [
        ({"url": "http://a/x.pdf"}, Response),
        ({"url": "http://a/", "body": b"%PDF-1.7\n\x00\x01"}, Response),
        ({"url": "http://a/feed.rss"}, XmlResponse),
        ({"url": "http://a/x.json"}, JsonResponse),
        ({"url": "http://a/", "body": b"  <!DOCTYPE html><p>"}, HtmlResponse),
        ({"url": "http://a/", "body": b"plain"}, TextResponse),
    ],
)
def test_the_class_of_a_response_fits_what_is_known(arguments, cls):
    assert ResponseTypes().from_args(**arguments) is cls


def test_a_form_is_filled_in_as_a_browser_would():
    with pytest.warns(ScrapyDeprecationWarning):
        request = FormRequest.from_response(page(encoding="utf-8"), formdata={"b": None, "d": "é"})
    assert (request.method, request.url) == ("POST", "http://example.com/dir/go")
    assert request.body == b"a=1&c=3&d=%C3%A9"


def test_cookies_go_back_to_where_they_came_from():
    jar = CookieJar()
    origin = Request("http://shop.example.com/login")
    jar.extract_cookies(
        Response(origin.url, headers={"Set-Cookie": ["s=1; Path=/", "w=2; Domain=example.com"]}), origin
    )
    sent = {}
    for url in ("http://shop.example.com/a", "http://www.example.com/login", "http://other.com/", "http://127.0.0.1/"):
        request = Request(url)
        jar.add_cookie_header(request)
        sent[url] = request.headers.get("Cookie")
    assert list(sent.values()) == [b"s=1; w=2", b"w=2", None, None]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "[::1]"])
def test_a_host_without_domain_keeps_its_cookies(host):
    jar, request = CookieJar(), Request(f"http://{host}/a")
    jar.extract_cookies(Response(request.url, headers={"Set-Cookie": "s=1"}), request)
    jar.add_cookie_header(request)
    assert request.headers["Cookie"] == b"s=1"


@given(st.integers(0, 400))
def test_gzip_that_ends_early_gives_what_there_is(cut):
    text = bytes(range(256)) * 40
    data = gzip.compress(text, 0)
    try:
        assert text.startswith(gunzip(data[: len(data) - cut * 20]))
    except EOFError:
        assert len(data) - cut * 20 < 8200


def test_a_gzip_bomb_is_stopped_early():
    with pytest.raises(DecompressedTooLargeError):
        gunzip(gzip.compress(b"\0" * 10_000_000), max_size=100_000)


def test_a_sitemap_is_read_again_each_time():
    sitemap = Sitemap(b"\n<?xml version='1.0'?><urlset><url><loc> http://a/ </loc></url><url><x>1</x></url></urlset>")
    assert sitemap.type == "urlset"
    assert list(sitemap) == list(sitemap) == [{"loc": "http://a/"}]
    assert list(Sitemap(b"")) == []
    assert Sitemap(b"not xml").type == ""


def test_sitemaps_of_robots_are_made_absolute():
    robots = b"User-agent: *\nsitemap : /a.xml\nSitemap: http://b/c.xml#\xff"
    assert next(sitemaps_in_robots(robots, "http://x/robots.txt")) == "http://x/a.xml"


def test_feeds_are_read_node_by_node_and_row_by_row(caplog):
    xml = "<r xmlns:g='urn:g'>" + "".join(f"<g:n>{i}</g:n>" for i in range(1000)) + "</r>"
    assert sum(int(node.xpath("text()").get()) for node in xml_nodes(xml, "g:n")) == 499_500
    assert list(csv_rows("a,b\n1,2\n3\n")) == [{"a": "1", "b": "2"}]
    assert "ignoring row 3" in caplog.text


def test_where_a_page_sends_the_browser():
    body = b"<head><meta http-equiv=refresh content='3; url=next'></head>"
    assert meta_refresh(page(body)) == (3.0, "http://example.com/dir/next")
    assert meta_refresh(page()) == (None, None)
    assert status_message("404") == "404 Not Found"
