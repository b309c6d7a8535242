"""Scrapy's `scrapy.utils.gz`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.gunzip import gunzip, is_gzip

if TYPE_CHECKING:
    from shoal.crawl.response import Response

__all__ = ["gunzip", "gzip_magic_number"]


def gzip_magic_number(response: Response) -> bool:
    """Whether the body begins as gzip does."""
    return is_gzip(response.body)
