"""The contracts every spider may use.

The one rule: what stands behind the name is taken word by word; JSON is those words joined again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from itemadapter import ItemAdapter, is_item

from shoal.crawl.contracts.base import Contract
from shoal.crawl.exceptions import ContractFail
from shoal.crawl.request import Request


class UrlContract(Contract):
    """`@url URL`: the sample page. Callbacks without it are not tried."""

    name = "url"

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """The URL."""
        return {**args, "url": self.args[0]}


class CallbackKeywordArgumentsContract(Contract):
    """`@cb_kwargs JSON`: the keyword arguments of the callback."""

    name = "cb_kwargs"

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """The keyword arguments."""
        return {**args, "cb_kwargs": json.loads(" ".join(self.args))}


class MetadataContract(Contract):
    """`@meta JSON`: the meta of the request."""

    name = "meta"

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """The meta."""
        return {**args, "meta": json.loads(" ".join(self.args))}


class MethodContract(Contract):
    """`@method POST`: the method of the request."""

    name = "method"

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """The method."""
        return {**args, "method": self.args[0]}


class BodyContract(Contract):
    """`@body TEXT`: the body of the request."""

    name = "body"

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """The body."""
        return {**args, "body": " ".join(self.args)}


class HeaderContract(Contract):
    """`@header NAME VALUE`: a header of the request; a line for each."""

    name = "header"

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """The headers so far, and this one."""
        return {**args, "headers": {**(args.get("headers") or {}), self.args[0]: " ".join(self.args[1:])}}


class CookieContract(Contract):
    """`@cookie NAME VALUE`: a cookie of the request; a line for each."""

    name = "cookie"

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """The cookies so far, and this one."""
        return {**args, "cookies": {**(args.get("cookies") or {}), self.args[0]: " ".join(self.args[1:])}}


def _is_request(result: Any) -> bool:
    return isinstance(result, Request)


class ReturnsContract(Contract):
    """`@returns items|requests [LEAST [MOST]]`: how many the callback gives. Raises ValueError for other words."""

    name = "returns"
    object_type_verifiers: dict[str | None, Callable[[Any], bool]] = {  # noqa: RUF012
        "request": _is_request,
        "requests": _is_request,
        "item": is_item,
        "items": is_item,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(self.args) not in (1, 2, 3):
            raise ValueError(f"Incorrect argument quantity: expected 1, 2 or 3, got {len(self.args)}")
        self.obj_name: str = self.args[0]
        self.obj_type_verifier = self.object_type_verifiers[self.obj_name]
        self.min_bound: float = int(self.args[1]) if len(self.args) > 1 else 1
        self.max_bound: float = int(self.args[2]) if len(self.args) > 2 else float("inf")

    def post_process(self, output: list[Any]) -> None:
        """Count them."""
        count = sum(1 for result in output if self.obj_type_verifier(result))
        if not self.min_bound <= count <= self.max_bound:
            exact = self.min_bound == self.max_bound
            expected = self.min_bound if exact else f"{self.min_bound}..{self.max_bound}"
            raise ContractFail(f"Returned {count} {self.obj_name}, expected {expected}")


class ScrapesContract(Contract):
    """`@scrapes FIELD FIELD ...`: the fields every item must have."""

    name = "scrapes"

    def post_process(self, output: list[Any]) -> None:
        """Look for them."""
        for item in filter(is_item, output):
            missing = [field for field in self.args if field not in ItemAdapter(item)]
            if missing:
                raise ContractFail(f"Missing fields: {', '.join(missing)}")
