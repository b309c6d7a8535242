"""The base of pipelines that fetch what an item points at, and hand the item on when it is there.

The one rule: the same request is fetched once a crawl, however many items ask for it, and a failure is a result.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
import warnings
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypedDict

from shoal.crawl.awaiting import settle
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.failure import Failure, exc_info
from shoal.crawl.mappings import SequenceExclude
from shoal.crawl.outputs import as_iterable
from shoal.crawl.pipelines.older import drop_late_item, what_init_takes
from shoal.crawl.request import NO_CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.spider import Spider

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.pipelines.media")


class FileInfo(TypedDict):
    """What an item gets to know about a file of its."""

    url: str
    path: str
    checksum: str | None
    status: str


FileInfoOrError = tuple[bool, Any]


class FileException(Exception):  # noqa: N818  Scrapy's name
    """A file could not be fetched or kept; it has been logged already."""


class _MediaRequestFiltered(FileException):
    """A middleware wanted the file not to be fetched: no error."""


class MediaPipeline:
    """Fetches the requests of `get_media_requests` for each item. Subclasses override the methods in the lower half."""

    LOG_FAILED_RESULTS = True
    crawler: Crawler

    class SpiderInfo:
        """What has been fetched so far: results by fingerprint, and who waits for those that are being fetched."""

        def __init__(self, spider: Spider | None) -> None:
            self.spider = spider
            self.downloading: set[bytes] = set()
            self.downloaded: dict[bytes, Any] = {}
            self.waiting: defaultdict[bytes, list[asyncio.Future[Any]]] = defaultdict(list)

    def __init__(self, download_func: None = None, settings: Any = None, *, crawler: Any = None) -> None:
        del download_func, settings
        self.spiderinfo = self.SpiderInfo(None)
        self.handle_httpstatus_list: SequenceExclude | None = None
        drop_late_item(self)
        if crawler is not None:
            self._belong_to(crawler)

    def _belong_to(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._fingerprinter = crawler.request_fingerprinter
        key = self._key_for_pipe("MEDIA_ALLOW_REDIRECTS", "MediaPipeline", crawler.settings)
        self.allow_redirects = crawler.settings.getbool(key, False)
        if self.allow_redirects:
            self.handle_httpstatus_list = SequenceExclude(range(300, 400))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A pipeline of that crawl, also by way of a `from_settings` that a project may have."""
        if hasattr(cls, "from_settings"):
            pipeline: Self = cls.from_settings(crawler.settings)  # type: ignore[attr-defined]
        else:
            pipeline = cls(**what_init_takes(cls, crawler))
        if "crawler" not in pipeline.__dict__:
            pipeline._belong_to(crawler)
        return pipeline

    def _key_for_pipe(self, key: str, base_class_name: str | None = None, settings: Any = None) -> str:
        """The name of a setting for this class: a subclass may have its own, which begin with its name."""
        name = type(self).__name__
        own = f"{name.upper()}_{key}"
        if not base_class_name or name == base_class_name or (settings is not None and own not in settings):
            return key
        return own

    def open_spider(self, spider: Spider | None = None) -> None:
        """Begin with nothing fetched."""
        self.spiderinfo = self.SpiderInfo(spider or self.crawler.spider)

    async def process_item(self, item: Any, spider: Spider | None = None) -> Any:
        """The item, when all that it points at is fetched or has failed."""
        del spider
        info = self.spiderinfo
        wanted = [
            self._process_request(request, info, item) for request in as_iterable(self.get_media_requests(item, info))
        ]
        fetched = [await wanted[0]] if len(wanted) == 1 else await asyncio.gather(*wanted)
        results = [(not _is_failure(result), result) for result in fetched]
        return await settle(self.item_completed(results, item, info))

    async def _process_request(self, request: Request, info: SpiderInfo, item: Any) -> Any:
        fingerprint = self._fingerprinter.fingerprint(request)
        errback, request.errback = request.errback, None
        request.callback = NO_CALLBACK
        result = await self._once(request, fingerprint, info, item)
        if errback is not None and _is_failure(result):
            return await _outcome(errback, result)
        return result

    async def _once(self, request: Request, fingerprint: bytes, info: SpiderInfo, item: Any) -> Any:
        """The result for the request; whoever asks first fetches, the others wait."""
        if fingerprint in info.downloaded:
            return info.downloaded[fingerprint]
        waiter = asyncio.get_running_loop().create_future()
        info.waiting[fingerprint].append(waiter)
        if fingerprint not in info.downloading:
            info.downloading.add(fingerprint)
            try:
                result = await self._fetch(request, info, item)
            except BaseException:
                # The crawl is being torn down: nobody may wait for what never comes.
                for other in info.waiting.pop(fingerprint, ()):
                    other.cancel()
                raise
            self._cache_result_and_execute_waiters(result, fingerprint, info)
        return await waiter

    async def _fetch(self, request: Request, info: SpiderInfo, item: Any) -> Any:
        result = await _outcome(self.media_to_download, request, info, item=item)
        if result is not None:
            return result
        self._modify_media_request(request)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as problem:
            return await self._failed(Failure(problem), request, info)
        return await _outcome(self.media_downloaded, response, request, info, item=item)

    async def _failed(self, failure: Failure, request: Request, info: SpiderInfo) -> Any:
        try:
            result = await settle(self.media_failed(failure, request, info))
        except Exception as problem:
            return Failure(problem)
        if _is_failure(result):
            warnings.warn(
                f"{type(self).__name__}.media_failed returned a Failure instance. This is deprecated: raise instead.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
        return result

    def _cache_result_and_execute_waiters(self, result: Any, fp: bytes, info: SpiderInfo) -> None:
        if _is_failure(result):
            _release_memory(result.value)
        info.downloading.discard(fp)
        info.downloaded[fp] = result
        for waiter in info.waiting.pop(fp, ()):
            if not waiter.done():
                waiter.set_result(result)

    def _modify_media_request(self, request: Request) -> None:
        """Have answers of any status come here, except for redirects where they are followed."""
        if self.handle_httpstatus_list is not None:
            request.meta["handle_httpstatus_list"] = self.handle_httpstatus_list
        else:
            request.meta["handle_httpstatus_all"] = True

    # What subclasses override. All but `item_completed` and `get_media_requests` may be coroutines, too.

    def media_to_download(self, request: Request, info: SpiderInfo, *, item: Any = None) -> Any:
        """What is there already, so that nothing needs to be fetched; None where it must be."""
        raise NotImplementedError

    def get_media_requests(self, item: Any, info: SpiderInfo) -> Iterable[Request]:
        """The requests for what the item points at."""
        raise NotImplementedError

    def media_downloaded(self, response: Response, request: Request, info: SpiderInfo, *, item: Any = None) -> Any:
        """The result for a request that was answered."""
        raise NotImplementedError

    def media_failed(self, failure: Failure, request: Request, info: SpiderInfo) -> Any:
        """The result for a request that was not answered; or raise."""
        raise NotImplementedError

    def file_path(
        self, request: Request, response: Response | None = None, info: Any = None, *, item: Any = None
    ) -> str:
        """Where the file is kept, below the root of the store."""
        raise NotImplementedError

    def item_completed(self, results: list[FileInfoOrError], item: Any, info: SpiderInfo) -> Any:
        """The item to hand on. `results`: a pair for each request, of True and its result, or False and a Failure."""
        if self.LOG_FAILED_RESULTS:
            for succeeded, result in results:
                if not succeeded and not isinstance(result.value, _MediaRequestFiltered):
                    logger.error(
                        "%(class)s found errors processing %(item)s",
                        {"class": type(self).__name__, "item": item},
                        exc_info=exc_info(result),
                        extra={"spider": info.spider},
                    )
        return item


async def _outcome(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What the call returns, or the Failure it ends in."""
    try:
        return await settle(call(*args, **kwargs))
    except Exception as problem:
        return Failure(problem)


def _is_failure(result: Any) -> bool:
    """Whether it is a Failure, ours or of a library that projects may use."""
    return hasattr(result, "raiseException") and hasattr(result, "value")


def _release_memory(problem: BaseException) -> None:
    """Let go of the responses that the frames of a kept exception refer to; the traceback stays readable."""
    if isinstance(problem.__context__, StopIteration):
        problem.__context__ = None
    cause: BaseException | None = problem
    while cause is not None:
        traceback.clear_frames(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
