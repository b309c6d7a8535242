"""Reads the contracts of a spider's callbacks and makes the sample requests that try them.

The one rule: a sample request gives nothing to the crawl, only results to the report.
"""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any

from shoal.crawl.contracts.base import Contract, testcase_for
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.outputs import is_async, results_of
from shoal.crawl.request import Request

if TYPE_CHECKING:
    from unittest import TestResult

    from shoal.crawl.response_base import Response
    from shoal.crawl.spider import Spider

_contract_line = re.compile(r"^\s*@(\w+)[^\S\n]*(.*)$", re.MULTILINE)
_may_have_contracts = re.compile(r"^\s*@", re.MULTILINE).search


class ContractsManager:
    """Finds and applies contracts of the classes given."""

    def __init__(self, contracts: Iterable[type[Contract]]) -> None:
        self.contracts: dict[str, type[Contract]] = {}
        for contract in contracts:
            self.contracts[contract.name] = contract
            for hook in ("add_pre_hook", "add_post_hook"):
                if getattr(contract, hook) is not getattr(Contract, hook):
                    warnings.warn(
                        f"{contract.__name__} overrides {hook}(), which is deprecated: define pre_process() or "
                        "post_process() instead.",
                        ScrapyDeprecationWarning,
                        stacklevel=2,
                    )

    def tested_methods_from_spidercls(self, spidercls: type[Spider]) -> list[str]:
        """The names of the methods whose docstrings have a line that begins with `@`."""
        members = inspect.getmembers(spidercls, callable)
        return [name for name, member in members if _may_have_contracts(member.__doc__ or "")]

    def extract_contracts(self, method: Callable[..., Any]) -> list[Contract]:
        """The contracts in the method's docstring; names that nobody knows are passed over."""
        lines = _contract_line.findall(method.__doc__ or "")
        return [self.contracts[name](method, *words.split()) for name, words in lines if name in self.contracts]

    def from_spider(self, spider: Spider, results: TestResult) -> list[Request]:
        """The sample requests of all callbacks. A contract that cannot be read is an error in `results`."""
        requests = []
        for name in self.tested_methods_from_spidercls(type(spider)):
            method = getattr(spider, name)
            try:
                requests.append(self.from_method(method, results))
            except Exception:
                results.addError(testcase_for(method, "contract"), sys.exc_info())
        return [request for request in requests if request is not None]

    def from_method(self, method: Callable[..., Any], results: TestResult) -> Request | None:
        """The sample request of one callback; None when its contracts do not give all that a request needs."""
        contracts = self.extract_contracts(method)
        if not contracts:
            return None
        request_cls: type[Request] = Request
        for contract in contracts:
            request_cls = contract.request_cls or request_cls
        needed, args = _arguments_of(request_cls)
        # Several callbacks may be tried on one page.
        args.update(dont_filter=True, callback=method)
        for contract in contracts:
            args = contract.adjust_request_args(args)
        if not needed <= set(args):
            return None
        request = request_cls(**args)
        for contract in reversed(contracts):
            request = contract.add_post_hook(contract.add_pre_hook(request, results), results)
        _report_only(request, method, results)
        return request


def _arguments_of(request_cls: type[Request]) -> tuple[set[str], dict[str, Any]]:
    """The names a request cannot do without, and the others with their defaults."""
    parameters = list(inspect.signature(request_cls.__init__).parameters.values())[1:]
    named = [one for one in parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    needed = {one.name for one in named if one.default is one.empty}
    return needed, {one.name: one.default for one in named if one.default is not one.empty}


def _report_only(request: Request, method: Callable[..., Any], results: TestResult) -> None:
    """Let the request's callback and errback give nothing, and put their errors into `results`."""
    callback = request.callback
    assert callback is not None
    in_callback = testcase_for(method, "callback")

    @wraps(callback)
    async def waiting(response: Response, **cb_kwargs: Any) -> None:
        try:
            async for _ in results_of(callback(response, **cb_kwargs)):
                pass
        except Exception:
            results.addError(in_callback, sys.exc_info())

    @wraps(callback)
    def plain(response: Response, **cb_kwargs: Any) -> None:
        try:
            list(callback(response, **cb_kwargs) or ())
        except Exception:
            results.addError(in_callback, sys.exc_info())

    def errback(failure: Any) -> None:
        error = (failure.type, failure.value, failure.getTracebackObject())
        results.addError(testcase_for(method, "errback"), error)

    request.callback = waiting if is_async(callback) else plain
    request.errback = errback
