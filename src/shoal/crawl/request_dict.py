"""Requests as plain dicts and back, for queues that outlive the process.

The one rule: a callback is stored by the name of a method of the spider, never as code.
"""

from __future__ import annotations

from inspect import getmembers, ismethod
from typing import TYPE_CHECKING, Any

from shoal.crawl.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable


def request_to_dict(request: Request, spider: Any) -> dict[str, Any]:
    """The members of `request`; `_class` is there when it is of another class than Request.

    Raises ValueError when callback or errback is not a method of `spider`.
    """
    members: dict[str, Any] = {name: getattr(request, name) for name in request.attributes}
    members["headers"] = dict(request.headers)
    for name in ("callback", "errback"):
        if callable(members.get(name)):
            members[name] = method_name(spider, members[name])
    if type(request) is not Request:
        members["_class"] = f"{type(request).__module__}.{type(request).__qualname__}"
    return members


def request_from_dict(d: dict[str, Any], *, spider: Any = None) -> Request:
    """The request that `to_dict` took apart; names of callbacks become methods of `spider`.

    Raises ValueError when `spider` has no method of that name.
    """
    request_class: type[Request] = Request
    if "_class" in d:
        from shoal.crawl.components import load_object

        request_class = load_object(d["_class"])
    members = {name: value for name, value in d.items() if name in request_class.attributes}
    for name in ("callback", "errback"):
        if members.get(name) and spider is not None:
            members[name] = _method(spider, members[name])
    return request_class(**members)


def method_name(owner: Any, function: Callable[..., Any]) -> str:
    """The name under which `owner` has the method `function`. Raises ValueError when it has none."""
    code = getattr(function, "__func__", None)
    if code is not None:
        # Nearly always the method's own name; all members are looked through only when it is an alias.
        own = getattr(owner, function.__name__, None)
        if getattr(own, "__func__", None) is code:
            return function.__name__
        for name, member in getmembers(owner, predicate=ismethod):
            if member.__func__ is code:
                return name
    raise ValueError(f"Function {function} is not an instance method in: {owner}")


def _method(owner: Any, name: Any) -> Any:
    try:
        return getattr(owner, str(name))
    except AttributeError:
        raise ValueError(f"Method {name!r} not found in: {owner}") from None
