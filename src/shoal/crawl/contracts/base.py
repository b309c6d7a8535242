"""One promise of a callback, checked before or after the callback runs.

The one rule: a check wraps the callback that the request has, and the wrapped one is waited for just when the callback
is: plain stays plain.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from inspect import isawaitable
from typing import TYPE_CHECKING, Any
from unittest import TestCase

from shoal.crawl.outputs import as_iterable, is_async, results_of

if TYPE_CHECKING:
    from unittest import TestResult

    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response


def testcase_for(method: Callable[..., Any], what: str) -> TestCase:
    """A test case that shows, for unittest's reports, which part of which callback was tried."""
    spider = method.__self__.name  # type: ignore[attr-defined]

    class ContractTestCase(TestCase):
        def runTest(self) -> None:  # noqa: N802 - unittest's name
            """Never run: results are added to it."""

        def __str__(self) -> str:
            return f"[{spider}] {method.__name__} ({what})"

    return ContractTestCase()


def collected(output: Any) -> list[Any]:
    """The results of a plain callback. Raises TypeError for what only `async def` callbacks may return."""
    if isawaitable(output) or hasattr(output, "__aiter__"):
        if hasattr(output, "close"):
            output.close()
        raise TypeError("Contracts can wait for a callback only when it is defined with async def")
    return list(as_iterable(output))


def wrapped(
    callback: Callable[..., Any],
    before: Callable[[Response], None] = lambda _response: None,
    after: Callable[[list[Any]], None] = lambda _output: None,
) -> Callable[..., Any]:
    """The callback, giving a list, with something done before and after it; `async def` when it is."""
    if is_async(callback):

        @wraps(callback)
        async def waiting(response: Response, **cb_kwargs: Any) -> list[Any]:
            before(response)
            output = [result async for result in results_of(callback(response, **cb_kwargs))]
            after(output)
            return output

        return waiting

    @wraps(callback)
    def plain(response: Response, **cb_kwargs: Any) -> list[Any]:
        before(response)
        output = collected(callback(response, **cb_kwargs))
        after(output)
        return output

    return plain


class Contract:
    """Base of contracts. `args` are the words behind `@name` in the docstring of `method`.

    A subclass defines `adjust_request_args`, `pre_process(response)`, `post_process(output)`, or several of them; the
    latter two raise AssertionError (ContractFail) when the promise is not kept.
    """

    request_cls: type[Request] | None = None
    name: str

    def __init__(self, method: Callable[..., Any], *args: Any) -> None:
        self.testcase_pre = testcase_for(method, f"@{self.name} pre-hook")
        self.testcase_post = testcase_for(method, f"@{self.name} post-hook")
        self.args: tuple[Any, ...] = args

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """The arguments of the sample request, as this contract wants them."""
        return args

    def add_pre_hook(self, request: Request, results: TestResult) -> Request:
        """Check `pre_process`, if there is one, before the request's callback runs."""
        check = getattr(self, "pre_process", None)
        if check is not None and request.callback is not None:
            before = _recorded(check, self.testcase_pre, results)
            request.callback = wrapped(request.callback, before=before)
        return request

    def add_post_hook(self, request: Request, results: TestResult) -> Request:
        """Check `post_process`, if there is one, on what the request's callback gave."""
        check = getattr(self, "post_process", None)
        if check is not None and request.callback is not None:
            after = _recorded(check, self.testcase_post, results)
            request.callback = wrapped(request.callback, after=after)
        return request


def _recorded(check: Callable[[Any], Any], case: TestCase, results: TestResult) -> Callable[[Any], None]:
    """The check, its outcome put into `results`."""

    def run(value: Any) -> None:
        try:
            results.startTest(case)
            check(value)
            results.stopTest(case)
        except AssertionError:
            results.addFailure(case, sys.exc_info())
        except Exception:
            results.addError(case, sys.exc_info())
        else:
            results.addSuccess(case)

    return run
