"""The download role of the image survey: addresses in, files and manifest rows out.

The one rule: `download` is a function of its batch, which is plain data, as are the rows; so any worker can do it, in
this process, another, or on another machine with the same folder. Which of two equal files is the duplicate is not
decided here but where the rows come together (`manifest.py`).
"""

from __future__ import annotations

import asyncio
import platform
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict
from urllib.parse import urlsplit

from itemadapter import ItemAdapter

import shoal.crawl
from shoal.crawl.exceptions import DownloadCancelledError, IgnoreRequest
from shoal.crawl.pipelines.filemedia import FilesPipeline
from shoal.crawl.pipelines.media import FileException
from shoal.crawl.request import NO_CALLBACK, Request
from shoal.crawl.spider import Spider
from shoal.errors import UsageError
from shoal.surveys.credentials import Credentials, headers_for
from shoal.surveys.images.check import NotAPicture, Picture, examine, form_of_file
from shoal.surveys.images.manifest import FAILED, NAME, STORED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from shoal.crawl.pipelines.sinks import FileSink
    from shoal.crawl.response_base import Response

PICTURES, THUMBNAILS = "pictures", "thumbnails"
_MOST_AT_ONCE = 64
_A_PIECE = 20
_WORDS = {"empty-content": "an empty answer"}


class Batch(TypedDict):
    """A share of the work: plain data. `addresses`: objects with `address` and `found_on`. Bytes, seconds, pixels."""

    addresses: list[dict[str, Any]]
    folder: str
    max_bytes: int
    thumbnail: int
    delay: float
    at_once: int
    timeout: float
    tries: int
    credentials: Credentials | None


def download(batch: Batch) -> list[dict[str, Any]]:
    """Fetch a batch; a row for each address, in the order they were settled."""
    return list(rows(batch))


def rows(batch: Batch) -> Iterator[dict[str, Any]]:
    """The same, each row as soon as its file is in place. Ending the iteration ends the crawl in good order."""
    ended = Event()
    found = shoal.crawl.stream(PictureSpider, settings_for(batch), batch=batch, ended=ended)
    with asyncio.Runner() as runner:
        try:
            while (row := runner.run(_next(found, ended))) is not None:
                yield row
        finally:
            ended.set()
            runner.run(found.aclose())


async def _next(found: AsyncIterator[dict[str, Any]], ended: Event) -> dict[str, Any] | None:
    """The next row. Ctrl-C is told to the spider first of all, or the crawl would go on to its end."""
    step = asyncio.ensure_future(anext(found, None))
    try:
        return await asyncio.shield(step)
    except asyncio.CancelledError:
        ended.set()
        step.cancel()
        await asyncio.wait([step])
        raise


class Downloads:
    """What carries a batch under a worker model: see shoal.workers.

    Raises UsageError on a machine that has not the folder of the manifest: files would be where nobody looks for them.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._stopped = False

    def run(self) -> Iterator[dict[str, Any]]:
        """The rows."""
        if not Path(self._batch["folder"], NAME).exists():
            raise UsageError(
                f"the folder {self._batch['folder']} is not on {platform.node()}: with --cluster it must be one that "
                "all machines share, under the same path"
            )
        for row in rows(self._batch):
            yield row
            if self._stopped:
                return

    def stop(self) -> None:
        """Finish early."""
        self._stopped = True


def shares(batch: Batch, workers: int) -> list[Batch]:
    """The batch in as many parts. Together they are as polite as one: each waits longer and asks for less at once."""
    count = max(1, min(workers, len(batch["addresses"])))
    at_once = max(1, batch["at_once"] // count)
    delay = batch["delay"] * count
    parts = [batch["addresses"][number::count] for number in range(count)]
    return [{**batch, "addresses": part, "at_once": at_once, "delay": delay} for part in parts]


def pieces(batch: Batch, workers: int) -> list[Batch]:
    """The same as `shares`, in parts that are soon done, for at most so many workers at a time."""
    return [
        {**share, "addresses": share["addresses"][first : first + _A_PIECE]}
        for share in shares(batch, workers)
        for first in range(0, len(share["addresses"]), _A_PIECE)
    ]


def settings_for(batch: Batch) -> dict[str, Any]:
    """The settings of the crawl that fetches a batch. No more is begun than is soon done, for the sake of Ctrl-C."""
    hosts = len({urlsplit(one["address"]).netloc for one in batch["addresses"]})
    on_their_way = min(_MOST_AT_ONCE, batch["at_once"] * max(1, hosts))
    return {
        "CONCURRENT_REQUESTS": on_their_way,
        "CONCURRENT_ITEMS": 2 * on_their_way,
        "LOG_ENABLED": False,
        "ITEM_PIPELINES": {PictureFiles: 1},
        "FILES_STORE": batch["folder"],
        "FILES_STREAM": True,
        "FILES_RESUME": True,
        "FILES_CONTENT_NAMES": True,
        "FILES_MAXSIZE": batch["max_bytes"],
        "MEDIA_ALLOW_REDIRECTS": True,
        "DOWNLOAD_TIMEOUT": batch["timeout"],
        "RETRY_TIMES": batch["tries"] - 1,
        "DOWNLOAD_DELAY": batch["delay"],
        "CONCURRENT_REQUESTS_PER_DOMAIN": batch["at_once"],
    }


class PictureSpider(Spider):
    """Gives an item for each address of its batch; the pipeline makes a row of it."""

    name = "images-download"
    custom_settings: ClassVar[dict[str, Any] | None] = {  # type: ignore[misc]
        "ROBOTSTXT_OBEY": True,
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",
    }

    batch: Batch
    ended: Event

    async def start(self) -> AsyncIterator[Any]:
        """An empty page: what comes from a callback is worked on at once, what comes from here one by one."""
        yield Request("data:,", callback=self.parse)

    def parse(self, response: Response, **_arguments: Any) -> Iterator[dict[str, Any]]:
        """The items."""
        del response
        for one in self.batch["addresses"]:
            if self.ended.is_set():
                return
            yield {"address": one["address"], "found_on": one.get("found_on") or ""}


class BadStatus(FileException):
    """The site has answered with another `status` than that of a file."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class PictureFiles(FilesPipeline):
    """Files by the hash of their contents, each looked at before it is kept."""

    def open_spider(self, spider: Any = None) -> None:
        """Begin, with the spider's batch."""
        super().open_spider(spider)
        self._batch: Batch = self.crawler.spider.batch  # type: ignore[union-attr]
        self._seen: dict[str, dict[str, Any]] = {}

    def get_media_requests(self, item: Any, info: Any) -> list[Request]:
        """The request for the item's address."""
        del info
        address, found_on = item["address"], item["found_on"]
        headers = headers_for(address, self._batch["credentials"])
        if found_on:
            headers["Referer"] = found_on
        return [Request(address, callback=NO_CALLBACK, headers=headers)]

    async def media_downloaded(self, response: Response, request: Request, info: Any, *, item: Any = None) -> Any:
        """What is known of the file. Raises FileException with the reason as a clause."""
        if response.status not in (200, 206):
            raise BadStatus(response.status)
        kept = await super().media_downloaded(response, request, info, item=item)
        return {**kept, **self._seen.pop(request.url)}

    def file_path(self, request: Request, response: Any = None, info: Any = None, *, item: Any = None) -> str:
        """`pictures/`, the first two signs of the hash, and the hash. Raises FileException for what is no picture."""
        del response, info, item
        sink: FileSink = request.meta["download_sink"]
        try:
            suffix = form_of_file(sink.path())[1]
        except NotAPicture as problem:
            raise FileException(str(problem)) from None
        return f"{PICTURES}/{sink.sha256[:2]}/{sink.sha256}.{suffix}"

    async def file_downloaded(self, response: Response, request: Request, info: Any, *, item: Any = None) -> Any:
        """Look at the file in a thread, so that downloads go on; then keep it."""
        sink: FileSink = request.meta["download_sink"]
        digest, size, side = sink.sha256, sink.size, self._batch["thumbnail"]
        name = f"{THUMBNAILS}/{digest[:2]}/{digest}.jpg" if side else None
        target = Path(self._batch["folder"], name) if name else None
        try:
            picture: Picture = await asyncio.to_thread(examine, sink.path(), target, side)
        except NotAPicture as problem:
            raise FileException(str(problem)) from None
        self._seen[request.url] = {
            "sha256": digest,
            "bytes": size,
            "type": picture.form,
            "width": picture.width,
            "height": picture.height,
            "thumbnail": name,
        }
        return await super().file_downloaded(response, request, info, item=item)

    def media_failed(self, failure: Any, request: Request, info: Any) -> Any:
        """Always raises: FileException with the reason as a clause."""
        if isinstance(failure.value, IgnoreRequest):
            raise FileException(str(failure.value))
        if isinstance(failure.value, DownloadCancelledError):
            raise FileException(f"larger than {self._batch['max_bytes']:,} bytes")
        return super().media_failed(failure, request, info)

    def item_completed(self, results: Any, item: Any, info: Any) -> Any:
        """The row of the manifest."""
        del info
        succeeded, result = results[0]
        row = {**ItemAdapter(item).asdict(), "outcome": STORED if succeeded else FAILED}
        if succeeded:
            names = ("path", "sha256", "bytes", "type", "width", "height", "thumbnail")
            row |= {name: result[name] for name in names}
        else:
            why = " ".join(str(result.value).split()) or type(result.value).__name__
            row |= {"why": _WORDS.get(why, why)[:300], "status": getattr(result.value, "status", None)}
        return row | {"when": datetime.now(UTC).isoformat(timespec="seconds")}
