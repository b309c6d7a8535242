"""The selectors of Scrapy before 1.0: `hxs = HtmlXPathSelector(response)`, `hxs.select("//a/@href").extract()`."""

from __future__ import annotations

from typing import Any

from shoal.crawl.selector import Selector, SelectorList

__all__ = ["HtmlXPathSelector", "XPathSelector", "XPathSelectorList", "XmlXPathSelector"]


class XPathSelectorList(SelectorList):
    """A list of old selectors."""

    __slots__ = ()

    def select(self, xpath: str) -> Any:
        """What `xpath` selects in each."""
        return self.xpath(xpath)

    def extract_unquoted(self) -> list[str]:
        """The texts."""
        return self.getall()


class XPathSelector(Selector):
    """An old selector: `select` for `xpath`."""

    __slots__ = ()
    selectorlist_cls = XPathSelectorList
    _default_type: str | None = None

    def __init__(self, response: Any = None, text: Any = None, type: str | None = None, **kwargs: Any) -> None:
        if "root" not in kwargs:
            type = type or self._default_type
        super().__init__(response, text, type, **kwargs)

    def select(self, xpath: str) -> Any:
        """What `xpath` selects."""
        return self.xpath(xpath)

    def extract_unquoted(self) -> Any:
        """The text."""
        return self.get()


class HtmlXPathSelector(XPathSelector):
    """An old selector of HTML."""

    __slots__ = ()
    _default_type = "html"


class XmlXPathSelector(XPathSelector):
    """An old selector of XML."""

    __slots__ = ()
    _default_type = "xml"
