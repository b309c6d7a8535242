"""What queries find: the same as parsel finds, however a list is looked into, and whatever of it was never made."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import parsel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel.selector import SelectorList as ParselList

from shoal.crawl.found import SelectorList, Unopened
from shoal.crawl.response import HtmlResponse
from shoal.crawl.selector import Selector

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = """<html><body><p class="a b">one<b>two</b>three<!-- no -->four</p><p class="ab">five</p>
<a href="/x" class="b">x</a><a>none</a><link href=" /y "><svg><a href="/z">z</a></svg>
<script>if (a < b) "<p class=a>"</script><p class="a">six &amp; seven</p></body></html>"""

_tags = st.sampled_from(["p", "div", "span", "a", "b", "ul", "li", "table", "td", "script", "title", "link"])
_classes = st.sampled_from(["", ' class="a"', ' class=" b  a "', ' class="ab"', ' href="/x#y"', ' href=""', " id=a"])
_open = st.tuples(_tags, _classes).map(lambda pair: f"<{pair[0]}{pair[1]}>")
_close = _tags.map(lambda tag: f"</{tag}>")
_text = st.sampled_from(["x", " ", "é", "&lt;", "&#0;", "&nbsp", "<", "<!-- c -->", "<![CDATA[d]]>", "\n"])
_pages = st.lists(st.one_of(_open, _close, _text), max_size=30).map("".join)

_steps = st.sampled_from(
    ["p", "a", "*", "div", ".a", "p.b", "a[href]", "#a", "[class~=b]", "link", ":first-child", "td"]
)
_joints = st.sampled_from([" ", " > ", ", ", " + "])
_ends = st.sampled_from(["", "::text", "::attr(href)", "::attr(class)", " ::text"])
_queries = st.tuples(_steps, st.lists(st.tuples(_joints, _steps), max_size=2), _ends).map(
    lambda parts: parts[0] + "".join(joint + step for joint, step in parts[1]) + parts[2]
)


def both(page: str = PAGE) -> tuple[Selector, parsel.Selector]:
    return Selector(text=page), parsel.Selector(text=page)


@given(_pages, _queries)
def test_css_finds_what_parsel_finds(page: str, query: str) -> None:
    ours, theirs = both(page)
    found, wanted = ours.css(query), theirs.css(query)
    assert type(found) is Unopened
    assert (len(found), bool(found)) == (len(wanted), bool(wanted))
    assert found.get() == wanted.get()
    assert found.getall() == wanted.getall()
    assert [one.get() for one in found] == wanted.getall()
    if "::" not in query:
        assert [one.attrib for one in ours.css(query)] == [one.attrib for one in wanted]
        assert ours.css(query).attrib == wanted.attrib


@given(_pages, _queries, _queries)
def test_queries_in_what_was_found_find_what_parsel_finds(page: str, outer: str, inner: str) -> None:
    ours, theirs = both(page)
    assert ours.css(outer).css(inner).getall() == theirs.css(outer).css(inner).getall()
    for one, other in zip(ours.css(outer), theirs.css(outer), strict=True):
        assert one.css(inner).get("-") == other.css(inner).get("-")


@given(_pages, _queries)
def test_the_links_of_a_query_are_those_of_its_selectors(page: str, query: str) -> None:
    response = HtmlResponse("http://a.test/b/c", body=page.encode(), encoding="utf-8")
    whole = [request.url for request in response.follow_all(response.css(query))]
    assert [request.url for request in response.follow_all(css=query)] == whole
    assert len(response.follow_all(css=query).rest()) == len(whole)


@pytest.mark.parametrize("query", ["//p", "//@href", "count(//p)", "//p = 'x'", "string(//p)", "//p | //a/@href", "."])
def test_xpath_gives_what_parsel_gives(query: str) -> None:
    ours, theirs = both()
    assert ours.xpath(query).getall() == theirs.xpath(query).getall()
    assert ours.xpath(query).get() == theirs.xpath(query).get()


def test_functions_for_patterns_and_sets_are_there_for_whoever_names_them() -> None:
    ours, theirs = both()
    for query in (r"//p[re:test(@class, '^a\b')]/text()", "set:difference(//p, //p[1])/@class"):
        assert ours.xpath(query).getall() == theirs.xpath(query).getall() != []


def test_a_wrong_query_is_named() -> None:
    ours, _ = both()
    for query in ("//p[", "nobody:knows(.)", "$x"):
        with pytest.raises(ValueError, match=r"XPath error: .* in "):
            ours.xpath(query)


def names(found: Any) -> list[str]:
    return [one.xpath("name()").get() for one in found]


LOOKS: list[Callable[[Any, Any], Any]] = [
    lambda found, _: names(found),
    lambda found, _: names(list(found)),
    lambda found, _: names(found[1:]),
    lambda found, _: found[0].get(),
    lambda found, _: found[-1].attrib,
    lambda found, _: names(reversed(found)),
    lambda found, _: names([*found, 1][:-1]),
    lambda found, other: names(found + other),
    lambda found, other: names(other + found),
    lambda found, other: names([] + found + [] + other),  # noqa: RUF005  it is what is tried
    lambda found, _: names(found * 2),
    lambda found, _: names(found.copy()),
    lambda found, other: names(SelectorList(found) + other),
    lambda found, _: found.pop().get(),
    lambda found, _: found.re(r"\w+"),
    lambda found, _: found.re_first(r"t\w+"),
    lambda found, _: found.xpath("text()").getall(),
    lambda found, _: found.css("b::text").getall(),
    lambda found, _: found == [],
    lambda found, other: found == other,
    lambda found, _: repr(found).replace("shoal", "parsel"),
    lambda found, _: found.extract(),
    lambda found, _: found.extract_first("x"),
    lambda found, _: (found.append(found[0]), names(found))[1],
    lambda found, other: (found.extend(other), names(found))[1],
    lambda found, other: names(sorted(found, key=lambda one: one.get()) + other),
    lambda found, _: (found.drop(), len(found))[1],
    lambda found, _: type(found)([found[0]]).getall(),
]


@pytest.mark.parametrize("look", LOOKS, ids=[str(number) for number in range(len(LOOKS))])
def test_a_list_shows_the_same_however_it_is_looked_into(look: Callable[[Any, Any], Any]) -> None:
    ours, theirs = both()
    assert look(ours.css("p"), ours.css("a")) == look(theirs.css("p"), theirs.css("a"))


def test_no_method_of_lists_looks_into_a_list_that_is_not_opened() -> None:
    own = {*vars(Unopened), *vars(object), "__class_getitem__", "__getstate__", "attrib", "__dict__", "__weakref__"}
    assert {*vars(list), *vars(ParselList)} - own == {"__orig_bases__"}


def test_a_list_is_a_selector_list_and_plain_once_opened() -> None:
    found = both()[0].css("p")
    assert isinstance(found, SelectorList)
    assert type(found[0]) is Selector
    assert type(found) is SelectorList


def test_a_list_can_be_neither_pickled_nor_copied_in_half() -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="can't pickle"):
            attempt(both()[0].css("p"))


def test_what_was_found_stays_found_when_the_page_is_changed() -> None:
    ours, theirs = both()
    for page in (ours, theirs):
        texts, elements = page.css("p::text"), page.css("p")
        page.css("b").drop()
        assert "three" in texts.getall()
        assert len(elements) == 3


def test_prefixes_of_a_part_are_its_own() -> None:
    ours, _ = both()
    first, second = ours.css("p")[:2]
    first.register_namespace("x", "urn:x")
    assert "x" in first.namespaces
    assert "x" not in second.namespaces
    assert "x" not in ours.css("p")[0].namespaces
    assert first.xpath("x:none").getall() == []


@given(_pages)
def test_a_responses_own_selector_is_the_one_that_is_made_of_it(page: str) -> None:
    response = HtmlResponse("http://a.test/b", body=page.encode(), encoding="utf-8")
    kept, made = response.selector, Selector(response)
    assert (kept.type, kept.namespaces, kept.get(), repr(kept)) == (made.type, made.namespaces, made.get(), repr(made))
    assert kept.root.base == made.root.base == "http://a.test/b"
    assert kept.response is response
