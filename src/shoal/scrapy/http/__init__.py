"""Scrapy's `scrapy.http`: requests, responses and headers under one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.headers import Headers
from shoal.crawl.lazily import later
from shoal.crawl.request import Request

if TYPE_CHECKING:
    from shoal.crawl.forms import FormRequest
    from shoal.crawl.payloads import JsonRequest, XmlRpcRequest
    from shoal.crawl.response import HtmlResponse, JsonResponse, Response, TextResponse, XmlResponse

__all__ = [
    "FormRequest",
    "Headers",
    "HtmlResponse",
    "JsonRequest",
    "JsonResponse",
    "Request",
    "Response",
    "TextResponse",
    "XmlResponse",
    "XmlRpcRequest",
]

__getattr__ = later(
    __name__,
    {
        "FormRequest": "shoal.crawl.forms",
        "JsonRequest": "shoal.crawl.payloads",
        "XmlRpcRequest": "shoal.crawl.payloads",
        "HtmlResponse": "shoal.crawl.response",
        "JsonResponse": "shoal.crawl.response",
        "Response": "shoal.crawl.response",
        "TextResponse": "shoal.crawl.response",
        "XmlResponse": "shoal.crawl.response",
    },
)
