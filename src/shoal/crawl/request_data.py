"""A request as a small dict of plain values, and back: for queues on disk.

The one rule: only what is not as usual is kept; a usual request is its URL and the name of its callback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.components import load_object
from shoal.crawl.request import Request
from shoal.crawl.request_dict import method_name, request_from_dict, request_to_dict

if TYPE_CHECKING:
    from shoal.crawl.spider import Spider

# Member -> the value that is not kept.
_USUAL = {"method": "GET", "_body": b"", "_encoding": "utf-8", "priority": 0, "dont_filter": False}
_KEPT_UNLESS_EMPTY = ("_cookies", "_meta", "_flags", "_cb_kwargs")


def request_members(request: Request, spider: Spider | None) -> dict[str, Any]:
    """The members of `request` that are not as usual.

    Raises ValueError when callback or errback is not a method of `spider`.
    """
    if type(request) is not Request:
        return request_to_dict(request, spider)
    members: dict[str, Any] = {"url": request._url}
    for name in ("callback", "errback"):
        function = getattr(request, name)
        if function is not None:
            members[name] = method_name(spider, function)
    for name, usual in _USUAL.items():
        value = getattr(request, name)
        if value != usual:
            members[name.lstrip("_")] = value
    for name in _KEPT_UNLESS_EMPTY:
        value = getattr(request, name)
        if value:
            members[name[1:]] = value
    if request._headers:
        members["headers"] = dict(request._headers)
    return members


def request_from_members(members: dict[str, Any], spider: Spider | None) -> Request:
    """The request that `request_members` took apart.

    Raises ValueError when `spider` has no such callback, or when the class it names is none of requests.
    """
    if "_class" in members and not _is_request_class(load_object(members["_class"])):
        raise ValueError(f"{members['_class']!r} is no class of requests")
    return request_from_dict(members, spider=spider)


def _is_request_class(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, Request)
