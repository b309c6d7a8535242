"""Scrapy's `scrapy.http`: requests, responses and headers under one name."""

from shoal.crawl.forms import FormRequest
from shoal.crawl.headers import Headers
from shoal.crawl.payloads import JsonRequest, XmlRpcRequest
from shoal.crawl.request import Request
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
