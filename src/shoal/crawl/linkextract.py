"""Finds the links of a page.

The one rule: a link that cannot be made into a URL is left out, as a browser would not follow it either; it never
makes the other links of the page get lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from lxml import etree
from parsel.csstranslator import HTMLTranslator
from w3lib.html import strip_html5_whitespace
from w3lib.url import canonicalize_url

from shoal.crawl.link import Link
from shoal.crawl.linkrules import LinkRules, Regexes, Strings, as_list
from shoal.crawl.urls import Joiner, safe_url

if TYPE_CHECKING:
    from lxml.etree import _Element

    from shoal.crawl.response import TextResponse

Process: TypeAlias = Callable[[Any], Any]

_text_of = etree.XPath("string()", smart_strings=False)


class NameFilter:
    """Names (of tags or attributes) to look at: those listed, or all with `*`, but none that is denied."""

    def __init__(self, allowed: Iterable[str], denied: Iterable[str] = ()) -> None:
        self.allowed = set(allowed)
        self.denied = set(denied)

    def __call__(self, name: str) -> bool:
        """Whether to look at `name`."""
        return (name in self.allowed or "*" in self.allowed) and name not in self.denied


def _local(tag: str) -> str:
    """A tag without its namespace, in which XHTML has all of its tags."""
    return tag.rpartition("}")[2]


def _listed(test: Callable[[str], bool]) -> list[str]:
    """The names that pass `test` when it lists them; else `*`, which means that all must be tried."""
    if not isinstance(test, NameFilter) or "*" in test.allowed:
        return ["*"]
    return [name for name in test.allowed if name not in test.denied] or ["*"]


def _as_test(name: str | Callable[[str], bool]) -> Callable[[str], bool]:
    return name if callable(name) else NameFilter([name])


def _text(element: _Element) -> str:
    return str(_text_of(element)) if len(element) else element.text or ""


class LxmlParserLinkExtractor:
    """Finds links by tag and attribute; `tag` and `attr` are names or tests of names.

    `process` gets each URL, joined to the base, and returns what to use instead, or None to leave the link out.
    With `unique` the first of several same links stays: the same by their URLs when these are `canonicalized`
    already, else by their canonical URLs.
    """

    def __init__(
        self,
        tag: str | Callable[[str], bool] = "a",
        attr: str | Callable[[str], bool] = "href",
        process: Process | None = None,
        unique: bool = False,
        strip: bool = True,
        canonicalized: bool = False,
    ) -> None:
        self.scan_tag = _as_test(tag)
        self.scan_attr = _as_test(attr)
        self.process_attr = process
        self.unique = unique
        self.strip = strip
        self.canonicalized = canonicalized

    def extract_links(self, response: TextResponse) -> list[Link]:
        """The links of the whole page, in the order of the page."""
        return self.without_repeats(self.links_below(response.selector.root, response))

    def links_below(self, root: _Element, response: TextResponse) -> list[Link]:
        """The links of the part of the page under `root`, itself included, before repeats are left out."""
        to_response = Joiner(response.url)
        encoding = response.encoding
        links = []
        for element, value in self._values(root):
            url = self._url(value, response.urljoin, to_response, encoding)
            if url is not None:
                nofollow = "nofollow" in (element.get("rel") or "").replace(",", " ").split()
                links.append(Link(url, _text(element), nofollow=nofollow))
        return links

    def without_repeats(self, links: list[Link]) -> list[Link]:
        """The links, the first of each when `unique`."""
        if not self.unique:
            return links
        first: dict[str, Link] = {}
        for link in links:
            first.setdefault(link.url if self.canonicalized else canonicalize_url(link.url), link)
        return list(first.values())

    def _values(self, root: _Element) -> Iterator[tuple[_Element, str]]:
        """The values to look at, with their elements. Names that are known are looked up by lxml itself."""
        tags = _listed(self.scan_tag)
        names = _listed(self.scan_attr)
        only = names[0] if len(names) == 1 and names[0] != "*" else None
        for element in root.iter(*(tag if tag == "*" else "{*}" + tag for tag in tags)):
            if tags == ["*"] and not self.scan_tag(_local(element.tag)):
                continue
            if only is None:
                yield from ((element, str(text)) for name, text in element.attrib.items() if self.scan_attr(str(name)))
            elif (value := element.get(only)) is not None:
                yield element, value

    def _url(self, value: str, to_base: Callable[[str], str], to_response: Joiner, encoding: str) -> str | None:
        if self.strip:
            value = strip_html5_whitespace(value)
        try:
            joined = to_base(value)
            if self.process_attr is not None:
                joined = self.process_attr(joined)
            return None if joined is None else to_response(safe_url(joined, encoding))
        except ValueError:  # a URL such as http://[host/ or http://host:port/
            return None


class LxmlLinkExtractor:
    """Finds the links of a page that are wanted, each once, in the order of the page.

    `allow`, `deny`, `restrict_text`: regular expressions searched in the URL, or in the text of the link.
    `allow_domains`, `deny_domains`: hosts, with all below them. `deny_extensions`: endings of paths without the dot
    (None: those of files that hold no links). `restrict_xpaths`, `restrict_css`: the parts of the page to look into.
    `tags`, `attrs`: where links stand (`*`: anywhere), less `deny_tags` and `deny_attrs`. `canonicalize`: change URLs
    into their canonical form, which servers may answer differently. `process_value`: see LxmlParserLinkExtractor.
    Each may be one value or several.
    """

    _csstranslator = HTMLTranslator()

    def __init__(
        self,
        allow: Regexes = (),
        deny: Regexes = (),
        allow_domains: Strings = (),
        deny_domains: Strings = (),
        restrict_xpaths: Strings = (),
        tags: Strings = ("a", "area"),
        attrs: Strings = ("href",),
        canonicalize: bool = False,
        unique: bool = True,
        process_value: Process | None = None,
        deny_extensions: Strings = None,
        restrict_css: Strings = (),
        strip: bool = True,
        restrict_text: Regexes | None = None,
        deny_tags: Strings = (),
        deny_attrs: Strings = (),
    ) -> None:
        self.link_extractor = LxmlParserLinkExtractor(
            tag=NameFilter(as_list(tags), as_list(deny_tags)),
            attr=NameFilter(as_list(attrs), as_list(deny_attrs)),
            process=process_value,
            unique=unique,
            strip=strip,
            canonicalized=True,  # by the time repeats are left out, URLs are in the form they shall have
        )
        self.rules = LinkRules(allow, deny, allow_domains, deny_domains, deny_extensions, restrict_text)
        self.canonicalize = canonicalize
        self.restrict_xpaths = as_list(restrict_xpaths) + [
            self._csstranslator.css_to_xpath(expression) for expression in as_list(restrict_css)
        ]

    def matches(self, url: str) -> bool:
        """Whether the URL passes the filters by host and by URL."""
        return self.rules.matches(url)

    def extract_links(self, response: TextResponse) -> list[Link]:
        """The wanted links of the page, or of the parts of it to which this extractor is restricted."""
        links = [link for root in self._roots(response) for link in self._extract_links(root, response)]
        return self._process_links(links)

    def _roots(self, response: TextResponse) -> list[_Element]:
        page = response.selector
        if page.type not in ("html", "xml"):
            return []
        if not self.restrict_xpaths:
            return [page.root]
        found = [part.root for xpath in self.restrict_xpaths for part in page.xpath(xpath)]
        return [root for root in found if isinstance(root, etree._Element)]

    def _extract_links(self, root: _Element, response: TextResponse) -> list[Link]:
        return self.link_extractor.links_below(root, response)

    def _link_allowed(self, link: Link) -> bool:
        return self.rules.allows(link)

    def _process_links(self, links: list[Link]) -> list[Link]:
        """The links that are wanted, canonical if they shall be, without repeats."""
        wanted = [link for link in links if self._link_allowed(link)]
        if self.canonicalize:
            for link in wanted:
                link.url = canonicalize_url(link.url)
        return self.link_extractor.without_repeats(wanted)
