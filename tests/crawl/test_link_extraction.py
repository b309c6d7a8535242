"""Which links are found in a page, and which are wanted."""

from __future__ import annotations

import pickle
import re
from urllib.parse import urljoin, urlparse

import pytest
from hypothesis import given
from hypothesis import strategies as st
from w3lib.url import safe_url_string

from shoal.crawl.link import Link
from shoal.crawl.linkextract import LxmlLinkExtractor, LxmlParserLinkExtractor
from shoal.crawl.linkrules import IGNORED_EXTENSIONS, path_of
from shoal.crawl.response import HtmlResponse, JsonResponse, TextResponse, XmlResponse

URL = "http://site.test/dir/page.html"


def page(body: str, url: str = URL) -> HtmlResponse:
    return HtmlResponse(url, body=body.encode(), encoding="utf-8")


def urls(body: str, **options: object) -> list[str]:
    return [link.url for link in LxmlLinkExtractor(**options).extract_links(page(body))]  # type: ignore[arg-type]


def test_links_come_in_the_order_of_the_page_each_once() -> None:
    assert urls('<a href=b>1</a><area href=/a><a href=b>2</a><a href="c#x">3</a>') == [
        "http://site.test/dir/b",
        "http://site.test/a",
        "http://site.test/dir/c#x",
    ]


def test_the_text_of_a_link_is_all_text_in_it_without_comments() -> None:
    links = LxmlLinkExtractor().extract_links(page("<a href=x>one <b>two</b><!-- no --> three</a>"))
    assert links == [Link("http://site.test/dir/x", text="one two three")]


@pytest.mark.parametrize("rel", ["nofollow", "external nofollow", "external,nofollow"])
def test_nofollow_is_marked_not_left_out(rel: str) -> None:
    assert LxmlLinkExtractor().extract_links(page(f"<a rel='{rel}' href=x></a>"))[0].nofollow


def test_links_are_relative_to_the_base_of_the_page() -> None:
    assert urls('<base href="http://other.test/b/"><a href=x></a>') == ["http://other.test/b/x"]


@pytest.mark.parametrize("bad", ["http://[x/", "http://host:port/", "javascript:void(0)", "mailto:a@b.c", "tel:1"])
def test_a_link_that_is_no_page_is_left_out_and_the_others_stay(bad: str) -> None:
    assert urls(f'<a href="{bad}"></a><a href="ok"></a>') == ["http://site.test/dir/ok"]


def test_files_without_links_are_left_out_unless_asked_for() -> None:
    body = "".join(f"<a href='f.{extension.upper()}'></a>" for extension in IGNORED_EXTENSIONS)
    assert urls(body) == []
    assert len(urls(body, deny_extensions=[])) == len(IGNORED_EXTENSIONS)
    assert urls("<a href=a.htm></a><a href=b.pdf></a>", deny_extensions="htm") == ["http://site.test/dir/b.pdf"]


def test_what_is_denied_stays_denied_whatever_allows_it() -> None:
    body = "<a href=item/1></a><a href=item/2></a><a href=other></a>"
    assert urls(body, allow="item", deny=re.compile("2$")) == ["http://site.test/dir/item/1"]
    assert urls(body, allow_domains="SITE.test", deny_domains=["site.test"]) == []


def test_hosts_below_an_allowed_domain_are_allowed_and_lookalikes_are_not() -> None:
    body = "<a href='http://a.shop.test/'></a><a href='http://myshop.test/'></a>"
    assert urls(body, allow_domains="shop.test") == ["http://a.shop.test/"]


def test_parts_of_the_page_are_chosen_by_css_and_xpath_and_a_link_in_both_comes_once() -> None:
    body = "<nav><a href=n></a></nav><div id=x><a href=1></a></div><p><a href=2></a></p>"
    assert urls(body, restrict_css="#x", restrict_xpaths=["//p", "//div"]) == [
        "http://site.test/dir/2",
        "http://site.test/dir/1",
    ]
    assert urls(body, restrict_xpaths="//p/text()") == []


def test_links_are_chosen_by_their_text() -> None:
    assert urls("<a href=1>Next page</a><a href=2>Back</a>", restrict_text="(?i)next") == ["http://site.test/dir/1"]


def test_tags_and_attributes_may_be_named_starred_and_denied() -> None:
    body = "<a href=1></a><img src=2 data-src=3><div data-url=4></div>"
    assert urls(body, tags="img", attrs=["src", "data-src"]) == ["http://site.test/dir/2", "http://site.test/dir/3"]
    assert urls(body, tags="*", attrs="*", deny_attrs="src", deny_tags=["div"]) == [
        "http://site.test/dir/1",
        "http://site.test/dir/3",
    ]
    assert urls(body, tags=None) == []


def test_a_value_may_be_changed_or_refused_before_it_becomes_a_link() -> None:
    body = "<a href=\"javascript:go('../x')\"></a><a href=y></a>"

    def inside(value: str) -> str | None:
        found = re.search(r"go\('(.*?)'", value)
        return found and found.group(1)

    assert urls(body, process_value=inside) == ["http://site.test/x"]


def test_canonical_urls_are_made_only_when_asked_for() -> None:
    body = "<a href='?b=2&a=1#f'></a><a href='?a=1&b=2'></a>"
    assert len(urls(body)) == 2
    assert urls(body, canonicalize=True) == [URL + "?a=1&b=2"]


def test_xhtml_sent_as_xml_has_links_too_and_json_has_none() -> None:
    xhtml = b'<html xmlns="http://www.w3.org/1999/xhtml"><body><a href="x">t</a></body></html>'
    assert LxmlLinkExtractor().extract_links(XmlResponse(URL, body=xhtml)) == [Link("http://site.test/dir/x", "t")]
    assert LxmlLinkExtractor().extract_links(JsonResponse(URL, body=b'{"a": 1}')) == []


def test_an_extractor_can_be_pickled_for_another_process() -> None:
    extractor = pickle.loads(pickle.dumps(LxmlLinkExtractor(allow="x", restrict_css="p")))
    assert extractor.extract_links(page("<p><a href=x></a></p>")) == [Link("http://site.test/dir/x")]


def test_the_plain_extractor_takes_tests_of_names() -> None:
    extractor = LxmlParserLinkExtractor(tag=lambda tag: tag in ("a", "link"), attr=lambda name: name.endswith("ref"))
    found = extractor.extract_links(page("<link href=1><a xref=2></a><p href=3></p>"))
    assert [link.url for link in found] == ["http://site.test/dir/1", "http://site.test/dir/2"]


@given(st.text(alphabet="ab/.?=&#:%20 -_~é;,+", max_size=12))
def test_every_url_is_the_one_the_slow_way_gives(reference: str) -> None:
    escaped = reference.replace("&", "&amp;")
    response: TextResponse = page(f'<a href="{escaped}">t</a>')
    found = [link.url for link in LxmlParserLinkExtractor().extract_links(response)]
    try:
        joined = urljoin(URL, reference.strip(" \t\n\r\x0c"))
        expected = [urljoin(URL, safe_url_string(joined, encoding="utf-8"))]
    except ValueError:
        expected = []
    assert found == expected


@given(st.from_regex(r"https?://[a-z.:0-9]{1,8}[a-z.;/?#=]{0,12}", fullmatch=True))
def test_the_path_is_the_one_urllib_finds(url: str) -> None:
    assert path_of(url) == urlparse(url).path


def test_a_host_that_ends_like_a_file_is_no_file() -> None:
    assert urls("<a href='http://host.zip'></a><a href='http://host.zip/a.zip;v=1?x'></a>") == ["http://host.zip"]


def test_a_link_shows_itself_as_python_that_makes_it_again() -> None:
    link = Link("http://site.test/", "t", "f", nofollow=True)
    assert eval(repr(link)) == link
    assert link != "http://site.test/"
    with pytest.raises(TypeError, match="bytes"):
        Link(b"http://site.test/")  # type: ignore[arg-type]
