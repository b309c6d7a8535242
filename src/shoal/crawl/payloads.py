"""Requests that carry JSON or an XML-RPC call.

The one rule: a body given as a body wins over data to be encoded, and says so.
"""

from __future__ import annotations

import json
import warnings
import xmlrpc.client
from typing import Any, ClassVar

from shoal.crawl.request import Request

_RPC_ARGUMENTS = ("params", "methodname", "methodresponse", "encoding", "allow_none")


class JsonRequest(Request):
    """A request whose body is `data` as JSON, by POST unless a method is given. `dumps_kwargs` go to `json.dumps`.

    With `body` given, `data` is ignored, with a warning.
    """

    __slots__ = ("dumps_kwargs",)

    attributes: tuple[str, ...] = (*Request.attributes, "dumps_kwargs")

    _HEADERS: ClassVar = (
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/javascript, */*; q=0.01"),
    )

    def __init__(self, *args: Any, dumps_kwargs: dict[str, Any] | None = None, data: Any = None, **kwargs: Any) -> None:
        self.dumps_kwargs = {"sort_keys": True, **(dumps_kwargs or {})}
        self._encode(data, kwargs, {"method": "POST"})
        super().__init__(*args, **kwargs)
        for name, value in self._HEADERS:
            self.headers.setdefault(name, value)

    def replace(self, *args: Any, data: Any = None, **kwargs: Any) -> Any:
        """As `Request.replace`; `data` becomes the new body unless `body` is given, too."""
        self._encode(data, kwargs, {})
        return super().replace(*args, **kwargs)

    def _encode(self, data: Any, kwargs: dict[str, Any], defaults: dict[str, Any]) -> None:
        if data is None:
            return
        if kwargs.get("body") is not None:
            warnings.warn("Both body and data passed. data will be ignored", stacklevel=3)
            return
        kwargs["body"] = json.dumps(data, **self.dumps_kwargs)
        for name, value in defaults.items():
            kwargs.setdefault(name, value)


class XmlRpcRequest(Request):
    """A request that calls an XML-RPC method: `params`, `methodname`, ... as in `xmlrpc.client.dumps`."""

    __slots__ = ()

    def __init__(self, *args: Any, encoding: str | None = None, **kwargs: Any) -> None:
        if "body" not in kwargs and "params" in kwargs:
            call = {name: kwargs.pop(name) for name in _RPC_ARGUMENTS if name in kwargs}
            kwargs["body"] = xmlrpc.client.dumps(**call, encoding=encoding)
        kwargs.setdefault("method", "POST")
        kwargs.setdefault("dont_filter", True)
        if encoding is not None:
            kwargs["encoding"] = encoding
        super().__init__(*args, **kwargs)
        self.headers.setdefault("Content-Type", "text/xml")
