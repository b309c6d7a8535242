"""scrapy.contracts.default: the contracts every spider may use."""

from __future__ import annotations

from shoal.crawl.contracts.standard import (
    BodyContract,
    CallbackKeywordArgumentsContract,
    CookieContract,
    HeaderContract,
    MetadataContract,
    MethodContract,
    ReturnsContract,
    ScrapesContract,
    UrlContract,
)

__all__ = [
    "BodyContract",
    "CallbackKeywordArgumentsContract",
    "CookieContract",
    "HeaderContract",
    "MetadataContract",
    "MethodContract",
    "ReturnsContract",
    "ScrapesContract",
    "UrlContract",
]
