"""A response as one text that gives back the same response: for caches.

The one rule: JSON, so that reading it runs no code but the response's own class, which must be a Response.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from shoal.crawl import plain_data
from shoal.crawl.components import load_object
from shoal.crawl.headers import Headers
from shoal.crawl.names import public_module
from shoal.crawl.response_base import Response
from shoal.crawl.response_class import response_class

if TYPE_CHECKING:
    from collections.abc import Mapping

# Kept beside the record where a storage has places of its own for them.
_APART = ("body", "headers")


def record_of(response: Response, *, apart: bool = False) -> str:
    """The response as text; `apart` leaves out body and headers."""
    members = response.to_dict()
    members.pop("flags", None)
    if apart:
        for name in _APART:
            members.pop(name)
    if isinstance(members.get("ip_address"), (IPv4Address, IPv6Address)):
        members["ip_address"] = str(members["ip_address"])
    cls = type(response)
    members["_class"] = f"{public_module(cls.__module__, cls.__qualname__)}.{cls.__qualname__}"
    return plain_data.dumps(members)


def response_of(record: str, **apart: Any) -> Response:
    """The response of a record. Raises ValueError, TypeError, ImportError or NameError for one that cannot be read."""
    members: dict[str, Any] = {**plain_data.loads(record), **apart}
    cls = load_object(members.pop("_class"))
    if not (isinstance(cls, type) and issubclass(cls, Response)):
        raise ValueError(f"the cached response is of a class that is no response: {cls!r}")
    if members.get("ip_address"):
        members["ip_address"] = ip_address(members["ip_address"])
    members["headers"] = Headers(members["headers"])
    # What came without a class of its own gets the class that its headers and body suggest.
    if cls is Response:
        cls = response_class(members["headers"], members["url"], members["body"])
    return cls(**members)


def plain_response(url: str, status: int, headers: Mapping[Any, Any], body: bytes) -> Response:
    """A response of which only this is known, as caches of older releases kept it."""
    fields = Headers(headers)
    return response_class(fields, url, body)(url=url, status=status, headers=fields, body=body)
