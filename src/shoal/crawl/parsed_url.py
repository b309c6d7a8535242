"""The parts of a request's or response's URL, split once.

The one rule: the parts are kept with the object, and the URL of an object never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import ParseResult, urlparse

if TYPE_CHECKING:
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response


def parsed_url(owner: Request | Response) -> ParseResult:
    """`urllib.parse.urlparse(owner.url)`, the same object each time."""
    parts: ParseResult | None = owner._parsed_url
    if parts is None:
        parts = owner._parsed_url = urlparse(owner.url)
    return parts
