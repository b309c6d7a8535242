"""Which links are wanted: by URL, host, file extension and text.

The one rule: what is denied stays denied, whatever allows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import Pattern
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlparse

from shoal.crawl.urls import url_is_from_any_domain

if TYPE_CHECKING:
    from shoal.crawl.link import Link

Regexes: TypeAlias = "str | Pattern[str] | Iterable[str | Pattern[str]]"
Strings: TypeAlias = "str | Iterable[str] | None"

# Files that hold no links: archives, images, sound, moving pictures, office documents, programs and the rest.
_NO_LINKS = """
    7z 7zip apk bz2 cdr dmg gz iso jar rar tar tar.gz xz zip
    ai bmp dxf drw eps gif ico jpeg jpg mng pct png ps psp pst svg tif tiff webp
    aac aiff au mid mp3 ogg ra wav wma
    3gp asf asx avi flv m4a m4v mov mp4 mpg qt rm swf webm wmv
    doc docb docm docx dotm dotx odg odp ods odt potm potx pps ppt pptm pptx xls xlsm xlsx xltm xltx
    bat bin cpl css exe hta js msi msp pdf py rb rss sh
"""
IGNORED_EXTENSIONS = _NO_LINKS.split()

_path = re.compile(r"[a-z]+://[^/?#]*([^?#]*)").match
_SCHEMES = ("http://", "https://", "file://", "ftp://")


def as_list(value: Strings) -> list[str]:
    """One string, several, or None, as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def compiled(value: Regexes | None) -> list[Pattern[str]]:
    """One regular expression, several, or None, each a string or compiled, as compiled ones."""
    if value is None:
        return []
    several = [value] if isinstance(value, (str, Pattern)) else value
    return [re.compile(one) for one in several]


def matches_any(text: str, expressions: Iterable[Pattern[str]]) -> bool:
    """Whether one of the expressions is found anywhere in `text`."""
    return any(expression.search(text) for expression in expressions)


def path_of(url: str) -> str:
    """The path of a URL that has a host, without its parameters, as urllib.parse.urlparse has it."""
    found = _path(url)
    return urlparse(url).path if found is None or ";" in found[1] else found[1]


class LinkRules:
    """The filters of a link extractor; an empty `allow`, `allow_domains` or `texts` allows everything."""

    def __init__(
        self,
        allow: Regexes,
        deny: Regexes,
        allow_domains: Strings,
        deny_domains: Strings,
        deny_extensions: Strings,
        restrict_text: Regexes | None,
    ) -> None:
        self.allow = compiled(allow)
        self.deny = compiled(deny)
        self.texts = compiled(restrict_text)
        self.allow_domains = {domain.lower() for domain in as_list(allow_domains)}
        self.deny_domains = {domain.lower() for domain in as_list(deny_domains)}
        ignored = IGNORED_EXTENSIONS if deny_extensions is None else as_list(deny_extensions)
        self.deny_extensions = tuple("." + extension.lower() for extension in ignored)

    def matches(self, url: str) -> bool:
        """Whether a URL is allowed by its host and its text; its extension does not count."""
        return self._host_allowed(url) and self._url_allowed(url)

    def allows(self, link: Link) -> bool:
        """Whether a link is wanted."""
        return (
            link.url.startswith(_SCHEMES)
            and self._url_allowed(link.url)
            and self._host_allowed(link.url)
            and not (self.deny_extensions and path_of(link.url).lower().endswith(self.deny_extensions))
            and (not self.texts or matches_any(link.text, self.texts))
        )

    def _url_allowed(self, url: str) -> bool:
        if self.allow and not matches_any(url, self.allow):
            return False
        return not (self.deny and matches_any(url, self.deny))

    def _host_allowed(self, url: str) -> bool:
        if self.allow_domains and not url_is_from_any_domain(url, self.allow_domains):
            return False
        return not (self.deny_domains and url_is_from_any_domain(url, self.deny_domains))
