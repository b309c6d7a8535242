"""The chain of downloader middlewares around a download.

The one rule: hooks run one after the other in the caller's own step; nothing is awaited unless a hook gave something
to wait for. `process_request` goes from the engine towards the network, the other two come back.
"""

from __future__ import annotations

import asyncio
import warnings
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from shoal.crawl.awaiting import as_awaitable, settle
from shoal.crawl.chain import MiddlewareManager
from shoal.crawl.components import component_order, object_path
from shoal.crawl.exceptions import InvalidOutput, ScrapyDeprecationWarning
from shoal.crawl.request import Request
from shoal.crawl.response_base import Response
from shoal.crawl.spider_argument import without_spider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shoal.crawl.settings import BaseSettings

    Hook = Callable[..., Any]

_NETWORKWARDS = ("process_request",)
_ENGINEWARDS = ("process_response", "process_exception")


class DownloaderMiddlewareManager(MiddlewareManager):
    """Asks each middleware about each request, response and failed download."""

    component_name = "downloader middleware"

    @classmethod
    def _get_mwlist_from_settings(cls, settings: BaseSettings) -> list[Any]:
        return component_order(settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES"))

    def _add_middleware(self, middleware: Any) -> None:
        for name in _NETWORKWARDS:
            if hasattr(middleware, name):
                self.methods[name].append(without_spider(getattr(middleware, name), self.crawler))
        for name in _ENGINEWARDS:
            if hasattr(middleware, name):
                self.methods[name].appendleft(without_spider(getattr(middleware, name), self.crawler))

    async def download_async(
        self, download_func: Callable[[Request], Awaitable[Response]], request: Request
    ) -> Response | Request:
        """The response to `request`, or the request that a middleware wants instead.

        `download_func(request)` fetches what no middleware answers. Raises what the download or a middleware raised,
        InvalidOutput for a hook that gave something else than it may, and TypeError for a download without a response.
        """
        try:
            result = await self._outward(request)
            if result is None:
                result = await download_func(request)
        except Exception as problem:
            result = await self._after_failure(request, problem)
        if result is None:
            raise TypeError("Received None in process_response")
        if isinstance(result, Request):
            return result
        # Whatever only looks at the response costs a call; who changes it, or is waited for, takes the rest along.
        response, hooks = result, self.methods["process_response"]
        for number, hook in enumerate(hooks):
            answer = hook(request=request, response=response)
            if answer is not response:
                return await self._homeward(request, answer, hook, list(hooks)[number + 1 :])
        return response

    def download(self, download_func: Callable[..., Any], request: Request, spider: Any) -> asyncio.Future[Any]:
        """`download_async` as it was called of old, begun at once; `download_func` gets the spider, too."""
        warnings.warn(
            "DownloaderMiddlewareManager.download() is deprecated, use download_async() instead",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )

        async def fetch(request: Request) -> Any:
            return await settle(download_func(request, spider))

        return asyncio.ensure_future(self.download_async(fetch, request))

    async def _outward(self, request: Request) -> Response | Request | None:
        """What the middlewares answer instead of a download, None when they let the request pass."""
        for hook in self.methods["process_request"]:
            result = hook(request=request)
            if result is None:
                continue
            if type(result) is CoroutineType:  # the usual case
                result = await result
            elif not isinstance(result, (Response, Request)):
                result = await _settled(result, hook)
            if result is not None:
                return _checked(result, hook, "None, Response or Request")
        return None

    async def _homeward(self, request: Request, answer: Any, giver: Hook, following: list[Hook]) -> Response | Request:
        """What becomes of the answer of the hook `giver` by those that follow."""
        response = await _settled_response(answer, giver)
        for hook in following:
            if isinstance(response, Request):
                return response
            answer = hook(request=request, response=response)
            if answer is not response:
                response = await _settled_response(answer, hook)
        return response

    async def _after_failure(self, request: Request, problem: Exception) -> Response | Request:
        for hook in self.methods["process_exception"]:
            result = hook(request=request, exception=problem)
            if result is None:
                continue
            if not isinstance(result, (Response, Request)):
                result = await _settled(result, hook)
            if result is not None:
                return _checked(result, hook, "None, Response or Request")
        raise problem


async def _settled(value: Any, hook: Hook) -> Any:
    """What a hook's result stands for, after waiting where it has to be waited for."""
    if hasattr(value, "asFuture"):
        warnings.warn(
            f"{object_path(hook)} returned a Deferred, this is deprecated. Please refactor it to return a coroutine.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
    waiting = as_awaitable(value)
    return value if waiting is None else await waiting


async def _settled_response(answer: Any, hook: Hook) -> Response | Request:
    if isinstance(answer, (Response, Request)):
        return answer
    return _checked(await _settled(answer, hook), hook, "Response or Request")


def _checked(result: Any, hook: Hook, wanted: str) -> Response | Request:
    if isinstance(result, (Response, Request)):
        return result
    raise InvalidOutput(f"Middleware {hook.__qualname__} must return {wanted}, got {type(result)}")
