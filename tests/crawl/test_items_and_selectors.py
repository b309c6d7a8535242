"""Items with declared fields, selectors and item loaders."""

from __future__ import annotations

import pickle
from typing import Any

import parsel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itemadapter import ItemAdapter
from itemloaders.processors import MapCompose, TakeFirst

from shoal.crawl.item import Field, Item
from shoal.crawl.loader import ItemLoader
from shoal.crawl.response import HtmlResponse, JsonResponse, Response, TextResponse, XmlResponse
from shoal.crawl.selector import Selector, kind_of

URL = "http://site.test/"


class Book(Item):
    title = Field()
    price = Field(serializer=float)


class Signed(Book):
    price = Field(serializer=str)
    author = Field()


def test_a_misspelt_field_is_refused_by_name() -> None:
    book = Book(title="A")
    with pytest.raises(KeyError, match="Book does not support field: titel"):
        book["titel"] = "B"


def test_a_field_is_no_attribute_and_the_error_says_how_to_write_it() -> None:
    book = Book(title="A")
    with pytest.raises(AttributeError, match=r"item\['title'\]"):
        _ = book.title  # type: ignore[truthy-function]
    with pytest.raises(AttributeError, match=r"item\['title'\]"):
        book.title = "B"


def test_fields_of_ancestors_come_first_and_keep_their_place_when_redefined() -> None:
    assert list(Signed.fields) == ["title", "price", "author"]
    assert Signed.fields["price"] == {"serializer": str}
    assert Book.fields["price"] == {"serializer": float}


def test_a_copy_has_its_own_values_and_a_deep_copy_its_own_lists() -> None:
    book = Book(title=["A"])
    copy, deep = book.copy(), book.deepcopy()
    book["price"] = 1
    book["title"].append("B")
    assert dict(copy) == {"title": ["A", "B"]}
    assert dict(deep) == {"title": ["A"]}


def test_items_are_equal_by_value_and_told_apart_in_sets() -> None:
    assert Book(title="A") == Book(title="A")
    assert len({Book(title="A"), Book(title="A")}) == 2


def test_an_item_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Book(title="A"))) == Book(title="A")


def test_item_adapter_knows_the_fields_of_an_item() -> None:
    adapter = ItemAdapter(Book(title="A"))
    assert list(adapter.field_names()) == ["title", "price"]
    assert adapter.get_field_meta("price")["serializer"] is float
    assert adapter.asdict() == {"title": "A"}


@given(st.dictionaries(st.sampled_from(["title", "price", "author"]), st.integers()))
def test_an_item_is_a_dict_of_what_it_was_given(values: dict[str, int]) -> None:
    item = Signed(values)
    assert dict(item) == values
    assert len(item) == len(values)
    assert eval(repr(item)) == values


@pytest.mark.parametrize(
    ("cls", "kind"), [(HtmlResponse, "html"), (XmlResponse, "xml"), (JsonResponse, "json"), (TextResponse, None)]
)
def test_the_class_of_a_response_says_how_it_is_parsed(cls: type[TextResponse], kind: str | None) -> None:
    assert kind_of(cls(URL, body=b"x")) == kind


def test_a_text_response_is_parsed_as_what_its_body_is() -> None:
    assert Selector(TextResponse(URL, body=b'{"a": [1]}')).type == "json"
    assert Selector(TextResponse(URL, body=b"<p>x</p>")).type == "html"
    assert Selector(text="<p>x</p>").type == "html"
    assert Selector(text="<p>\xe9</p>".encode()).css("p::text").get() == "\xe9"


@pytest.mark.parametrize("encoding", ["iso-2022-jp", "utf-16", "utf-8", "gb18030", "shift_jis", "hz"])
def test_bodies_that_look_like_ascii_are_decoded_all_the_same(encoding: str) -> None:
    page = "<p>\u65e5\u672c</p>"
    assert Selector(HtmlResponse(URL, body=page.encode(encoding), encoding=encoding)).css("p::text").get() == (
        "\u65e5\u672c"
    )


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\r\0"), max_size=40))
def test_the_short_way_for_ascii_gives_what_the_long_way_gives(text: str) -> None:
    page = f"<html><body><p>{text}</p></body></html>"
    short = HtmlResponse(URL, body=page.encode(), encoding="utf-8")
    assert short.selector.get() == Selector(text=page).get()


def test_a_selector_takes_a_response_or_a_text_but_not_both() -> None:
    with pytest.raises(ValueError, match="both response and text"):
        Selector(TextResponse(URL, body=b"x"), text="y")


def test_a_selector_of_bytes_that_are_no_text_says_so() -> None:
    with pytest.raises(AttributeError, match="text"):
        Selector(Response(URL, body=b"\x89PNG"))  # type: ignore[arg-type]


XPATHS = ["//p", "//p/text()", "string(//p)", "count(//p)", "//p[re:test(@id, '^b')]", "//p[", "//x", ".", "//p/@id"]


@pytest.mark.parametrize("query", XPATHS)
def test_the_short_way_for_xpath_gives_what_parsel_gives(query: str) -> None:
    page = "<div><p id=a>1</p><p id=b>2</p></div>"

    def seen(selector: Any) -> Any:
        try:
            found = selector.xpath("//div").xpath("." + query if query.startswith("/") else query)
        except ValueError as problem:
            return str(problem)
        return [(part.get(), part.type, type(part.root)) for part in found]

    assert seen(Selector(text=page)) == seen(parsel.Selector(text=page))


def test_prefixes_variables_and_sets_take_the_long_way() -> None:
    feed = Selector(XmlResponse(URL, body=b'<r xmlns:g="urn:g"><g:a>1</g:a><b>2</b></r>'))
    assert feed.xpath("//x:a/text()", namespaces={"x": "urn:g"}).getall() == ["1"]
    assert feed.xpath("//b[. = $n]", n=2).get() == '<b xmlns:g="urn:g">2</b>'
    assert feed.xpath("set:difference(//*, //b)").xpath("name()").getall() == ["r", "g:a"]
    part = feed.xpath("/r")[0]
    part.register_namespace("y", "urn:g")
    assert part.xpath("y:a/text()").get() == "1"
    with pytest.raises(ValueError, match="y:a"):
        feed.xpath("//y:a")


_CLASSES = st.lists(st.sampled_from(["a", "b", "ab", "a-b", " ", "\t", "A"]), max_size=4).map(" ".join)


@given(st.lists(st.one_of(st.none(), _CLASSES), max_size=6), st.sampled_from(["a", "b", "a-b"]))
def test_a_class_is_found_among_others_as_the_translation_says(classes: list[str | None], wanted: str) -> None:
    parts = ["<p>0</p>" if names is None else f'<p class="{names}">{n}</p>' for n, names in enumerate(classes)]
    text = "<body>" + "".join(parts) + "</body>"
    for query in (f"p.{wanted}", f"p:not(.{wanted})", f"body .{wanted}.b", f".{wanted} + p"):
        assert Selector(text=text).css(query).getall() == parsel.Selector(text=text).css(query).getall()


def test_a_prefix_belongs_to_its_selector_and_to_those_selected_by_it() -> None:
    page = HtmlResponse("http://127.0.0.1/", body=b"<p>1</p>")
    other = HtmlResponse("http://127.0.0.1/", body=b"<p>1</p>")
    page.selector.namespaces["x"] = "urn:x"
    page.selector.register_namespace("y", "urn:y")
    assert page.xpath("//x:p | //y:p | //p")[0].namespaces.keys() >= {"x", "y"}
    assert other.selector.namespaces == Selector._default_namespaces
    with pytest.raises(ValueError, match="XPath error"):
        other.xpath("//x:p")


class BookLoader(ItemLoader):
    default_item_class = Book
    default_output_processor = TakeFirst()
    price_in = MapCompose(float)


def test_a_loader_makes_its_selector_of_the_response() -> None:
    page = HtmlResponse(URL, body=b"<h1>T</h1><b>2.5</b>")
    loader = BookLoader(response=page)
    loader.add_css("title", "h1::text")
    loader.add_xpath("price", "//b/text()")
    assert loader.load_item() == Book(title="T", price=2.5)
    assert loader.context["response"] is page


def test_a_selector_given_to_a_loader_comes_before_the_response() -> None:
    selector: Any = Selector(text="<h1>given</h1>")
    loader = BookLoader(selector=selector, response=HtmlResponse(URL, body=b"<h1>page</h1>"))
    loader.add_css("title", "h1::text")
    assert loader.load_item()["title"] == "given"


def test_a_loader_of_a_binary_response_takes_values() -> None:
    loader = BookLoader(response=Response(URL, body=b"\x89PNG"))  # type: ignore[arg-type]
    loader.add_value("title", "T")
    assert loader.selector is None
    assert loader.load_item() == Book(title="T")


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</div>",
                "<FORM a=b>",
                "<input name=q>",
                "<label",
                "<!--x-->",
                "<?x y?>",
                "&eacute;",
                "\0",
                "ö",
                " ",
                "<a href=/>t",
            ]
        )
    )
)
def test_a_page_has_the_tree_and_the_element_classes_that_parsel_gives_it(pieces: list[str]) -> None:
    page = "".join(pieces)
    ours, theirs = Selector(text=page).root, parsel.Selector(text=page, type="html").root
    assert [(type(one), one.tag, one.text, one.tail) for one in ours.iter() if isinstance(one.tag, str)] == [
        (type(one), one.tag, one.text, one.tail) for one in theirs.iter() if isinstance(one.tag, str)
    ]
    assert [type(one) for one in ours.iter()] == [type(one) for one in theirs.iter()]
