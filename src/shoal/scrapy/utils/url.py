"""Scrapy's `scrapy.utils.url`; names that it once took over from w3lib are found here, too."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import w3lib.url
from w3lib.url import any_to_uri

from shoal.crawl.urls import (
    add_http_if_no_scheme,
    is_posix_path,
    is_windows_path,
    strip_url,
    url_has_any_extension,
    url_is_from_any_domain,
)

if TYPE_CHECKING:
    from urllib.parse import ParseResult

__all__ = [
    "add_http_if_no_scheme",
    "guess_scheme",
    "strip_url",
    "url_has_any_extension",
    "url_is_from_any_domain",
    "url_is_from_spider",
]


def url_is_from_spider(url: str | ParseResult, spider: Any) -> bool:
    """Whether the URL's host is that of a spider class: its name or one of its allowed domains."""
    allowed = getattr(spider, "allowed_domains", None) or ()
    if isinstance(allowed, property):
        warnings.warn(
            f"{spider.__name__}.allowed_domains is a property: it has no value on the class, and is ignored here.",
            stacklevel=2,
        )
        allowed = ()
    return url_is_from_any_domain(url, [spider.name, *allowed])


def _is_filesystem_path(string: str) -> bool:
    return is_posix_path(string) or is_windows_path(string)


def guess_scheme(url: str) -> str:
    """`url` with a scheme: file:// when it looks like a path, else http://."""
    return any_to_uri(url) if _is_filesystem_path(url) else add_http_if_no_scheme(url)


def __getattr__(name: str) -> Any:
    if name not in w3lib.url.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(w3lib.url, name)
