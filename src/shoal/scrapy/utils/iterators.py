"""Scrapy's `scrapy.utils.iterators`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.feed_rows import csv_rows, text_of
from shoal.crawl.feed_rows import xml_nodes as xmliter_lxml
from shoal.crawl.response import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["_body_or_str", "csviter", "xmliter", "xmliter_lxml"]

xmliter = xmliter_lxml


def csviter(
    obj: Response | str | bytes,
    delimiter: str | None = None,
    headers: list[str] | None = None,
    encoding: str | None = None,  # noqa: ARG001  ignored by Scrapy, too
    quotechar: str | None = None,
) -> Iterator[dict[str, str]]:
    """The rows of a CSV feed as dicts."""
    return csv_rows(obj, delimiter, headers, quotechar)


def _body_or_str(obj: Response | str | bytes, unicode: bool = True) -> str | bytes:
    if unicode:
        return text_of(obj)
    return obj.body if isinstance(obj, Response) else text_of(obj).encode()
