"""Scrapy's `scrapy.utils.sitemap`: Shoal's reader, which also takes str with a warning."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.sitemap import Sitemap as _Sitemap
from shoal.crawl.sitemap import sitemaps_in_robots

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Sitemap", "sitemap_urls_from_robots"]


class Sitemap(_Sitemap):
    """The entries of a sitemap."""

    def __init__(self, xmltext: str | bytes) -> None:
        super().__init__(_as_bytes(xmltext, "xmltext"))


def sitemap_urls_from_robots(robots_text: str | bytes, base_url: str | None = None) -> Iterable[str]:
    """The URLs of the Sitemap lines of a robots.txt."""
    yield from sitemaps_in_robots(_as_bytes(robots_text, "robots_text"), base_url)


def _as_bytes(text: str | bytes, name: str) -> bytes:
    if isinstance(text, bytes):
        return text
    warnings.warn(
        f"Passing `str` type as `{name}` is deprecated, pass `bytes` instead.", ScrapyDeprecationWarning, stacklevel=3
    )
    return text.encode()
