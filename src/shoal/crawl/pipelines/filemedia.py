"""Files that items point at, fetched and kept: `file_urls` in, `files` out.

The one rule: a file that is kept already and is not too old is not fetched again.
"""

from __future__ import annotations

import logging
import mimetypes
import os
import posixpath
import time
from contextlib import suppress
from hashlib import sha1, sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlparse

from itemadapter import ItemAdapter

from shoal.crawl.awaiting import settle
from shoal.crawl.exceptions import IgnoreRequest, NotConfigured
from shoal.crawl.feeds.remote import pool_size
from shoal.crawl.pipelines.media import FileException, FileInfo, FileInfoOrError, MediaPipeline, _MediaRequestFiltered
from shoal.crawl.pipelines.older import what_init_takes
from shoal.crawl.pipelines.remotestores import FTPFilesStore, GCSFilesStore, S3FilesStore
from shoal.crawl.pipelines.sinks import resumed, written
from shoal.crawl.pipelines.stores import FSFilesStore, md5sum
from shoal.crawl.request import NO_CALLBACK, Request

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.pipelines.files")

_DAY = 24 * 60 * 60


class FilesPipeline(MediaPipeline):
    """Keeps files in FILES_STORE under a name made from their address.

    Further settings: FILES_EXPIRES (days), FILES_URLS_FIELD, FILES_RESULT_FIELD, FILES_MAXSIZE (bytes; more is a
    failure), FILES_STREAM (write files to disk while they come, where the store is a directory; `response.body` is then
    empty), FILES_RESUME (with FILES_STREAM: a download that breaks off goes on where it was, also in the next crawl),
    FILES_CONTENT_NAMES (name files by what is in them, so that the same contents are kept once; every file is then
    fetched in every crawl). A subclass may have its own: `MYPIPELINE_FILES_EXPIRES`.
    """

    MEDIA_NAME: str = "file"
    EXPIRES: int = 90
    STORE_SCHEMES: ClassVar[dict[str, Any]] = {
        "": FSFilesStore,
        "file": FSFilesStore,
        "ftp": FTPFilesStore,
        "gs": GCSFilesStore,
        "s3": S3FilesStore,
    }
    DEFAULT_FILES_URLS_FIELD: str = "file_urls"
    DEFAULT_FILES_RESULT_FIELD: str = "files"

    def __init__(
        self,
        store_uri: str | os.PathLike[str],
        download_func: None = None,
        settings: Any = None,
        *,
        crawler: Any = None,
    ) -> None:
        """Raises NotConfigured without a store."""
        if not (store_uri and os.fspath(store_uri)):
            raise NotConfigured
        super().__init__(download_func, settings, crawler=crawler)
        settings = settings if crawler is None else crawler.settings
        self.store: Any = self._get_store(os.fspath(store_uri))
        self._configure(settings or {})

    def _configure(self, settings: Any) -> None:
        """Take what the settings say, else what the class says."""
        if not hasattr(self, "FILES_URLS_FIELD"):
            self.FILES_URLS_FIELD = self.DEFAULT_FILES_URLS_FIELD
        if not hasattr(self, "FILES_RESULT_FIELD"):
            self.FILES_RESULT_FIELD = self.DEFAULT_FILES_RESULT_FIELD
        self.expires = int(self._setting(settings, "FILES_EXPIRES", self.EXPIRES))
        self.files_urls_field: str = self._setting(settings, "FILES_URLS_FIELD", self.FILES_URLS_FIELD)
        self.files_result_field: str = self._setting(settings, "FILES_RESULT_FIELD", self.FILES_RESULT_FIELD)
        self.maxsize = int(self._setting(settings, "FILES_MAXSIZE", 0))
        self.content_names = bool(self._setting(settings, "FILES_CONTENT_NAMES", False))
        wants_stream = bool(self._setting(settings, "FILES_STREAM", False))
        self.streams = wants_stream and hasattr(self.store, "open_sink")
        self.resumes = self.streams and bool(self._setting(settings, "FILES_RESUME", False))

    def _setting(self, settings: Any, name: str, default: Any) -> Any:
        """The setting of this class, or of its base in this module."""
        return settings.get(self._key_for_pipe(name, self._base_class_name(), settings), default)

    def _base_class_name(self) -> str:
        return "FilesPipeline"

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A pipeline of that crawl, also by way of a `from_settings` that a project may have."""
        settings = crawler.settings
        cls._update_stores(settings)
        if hasattr(cls, "from_settings"):
            return super().from_crawler(crawler)
        pipeline = cls(cls._store_uri(settings), **what_init_takes(cls, crawler))
        if "crawler" not in pipeline.__dict__:
            pipeline._belong_to(crawler)
        return pipeline

    @classmethod
    def _store_uri(cls, settings: BaseSettings) -> Any:
        return settings["FILES_STORE"]

    @classmethod
    def _update_stores(cls, settings: BaseSettings) -> None:
        """Tell the classes of the stores what the settings say; they are made without any."""
        for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "ENDPOINT_URL", "REGION_NAME"):
            setattr(S3FilesStore, f"AWS_{name}", settings[f"AWS_{name}"])
        S3FilesStore.AWS_USE_SSL = settings["AWS_USE_SSL"]
        S3FilesStore.AWS_VERIFY = settings["AWS_VERIFY"]
        S3FilesStore.AWS_MAX_POOL_CONNECTIONS = pool_size(settings)
        S3FilesStore.POLICY = settings["FILES_STORE_S3_ACL"]
        GCSFilesStore.GCS_PROJECT_ID = settings["GCS_PROJECT_ID"]
        GCSFilesStore.POLICY = settings["FILES_STORE_GCS_ACL"] or None
        FTPFilesStore.FTP_USERNAME = settings["FTP_USER"]
        FTPFilesStore.FTP_PASSWORD = settings["FTP_PASSWORD"]
        FTPFilesStore.USE_ACTIVE_MODE = settings.getbool("FEED_STORAGE_FTP_ACTIVE")

    def _get_store(self, uri: str) -> Any:
        scheme = "file" if Path(uri).is_absolute() else urlparse(uri).scheme
        return self.STORE_SCHEMES[scheme](uri)

    def _modify_media_request(self, request: Request) -> None:
        super()._modify_media_request(request)
        if self.maxsize:
            request.meta.setdefault("download_maxsize", self.maxsize)
        if self.streams:
            # As it is: nothing later can decompress it, or take it from a cache.
            request.headers.setdefault("Accept-Encoding", "identity")
            sink = self.store.open_sink(url_hash(request.url)) if self.resumes else self.store.open_sink()
            request.meta.update(dont_cache=True, download_sink=sink)

    async def _fetch(self, request: Request, info: Any, item: Any) -> Any:
        try:
            return await super()._fetch(request, info, item)
        finally:
            sink = request.meta.pop("download_sink", None)
            if sink is not None:
                sink.let_go()

    async def media_to_download(self, request: Request, info: Any, *, item: Any = None) -> FileInfo | None:
        """What is kept already, when it is not older than `expires` days."""
        if self.content_names:
            return None
        try:
            path = self.file_path(request, info=info, item=item)
        except Exception:
            logger.exception("%s.file_path failed for %s", type(self).__name__, request, extra={"spider": info.spider})
            raise
        try:
            stat = await settle(self.store.stat_file(path, info))
        except Exception:
            logger.exception("%s.stat_file failed for %s", type(self.store).__name__, path)
            return None
        changed = stat.get("last_modified") if stat else None
        if not changed or (time.time() - changed) / _DAY > self.expires:
            return None
        self._log(logging.DEBUG, "File (uptodate): Downloaded %(media)s from %(request)s", request, info)
        self.inc_stats("uptodate")
        return {"url": request.url, "path": path, "checksum": stat.get("checksum"), "status": "uptodate"}

    def media_failed(self, failure: Any, request: Request, info: Any) -> Any:
        """Always raises: _MediaRequestFiltered when a middleware refused the request, else FileException."""
        if isinstance(failure.value, IgnoreRequest):
            reason = str(failure.value)
            self._log(logging.DEBUG, "File (filtered): %(media)s from %(request)s: %(problem)s", request, info, reason)
            raise _MediaRequestFiltered(reason)
        self._log(
            logging.WARNING,
            "File (unknown-error): Error downloading %(media)s from %(request)s referred in <%(referer)s>: %(problem)s",
            request,
            info,
            failure.value,
        )
        raise FileException(str(failure.value))

    async def media_downloaded(self, response: Response, request: Request, info: Any, *, item: Any = None) -> FileInfo:
        """Keep the file. Raises FileException for a status other than 200, no body, or one that cannot be kept."""
        self._refuse_useless(response, request, info)
        status = "cached" if "cached" in response.flags else "downloaded"
        message = f"File ({status}): Downloaded file from %(request)s referred in <%(referer)s>"
        self._log(logging.DEBUG, message, request, info)
        self.inc_stats(status)
        try:
            path = self.file_path(request, response=response, info=info, item=item)
            checksum = await settle(self.file_downloaded(response, request, info, item=item))
        except FileException as problem:
            self._log(logging.WARNING, _NOT_PROCESSED.format("error"), request, info, problem, problem)
            raise
        except Exception as problem:
            self._log(logging.ERROR, _NOT_PROCESSED.format("unknown-error"), request, info, problem, problem)
            raise FileException(str(problem)) from problem
        return {"url": request.url, "path": path, "checksum": checksum, "status": status}

    def _refuse_useless(self, response: Response, request: Request, info: Any) -> None:
        if response.status != 200 and not resumed(request):
            message = f"File (code: {response.status}): Error downloading file from %(request)s"
            self._log(logging.WARNING, message + " referred in <%(referer)s>", request, info)
            raise FileException("download-error")
        if not response.body and not written(request):
            message = "File (empty-content): Empty file from %(request)s referred in <%(referer)s>: no-content"
            self._log(logging.WARNING, message, request, info)
            raise FileException("empty-content")

    def _log(
        self, level: int, message: str, request: Request, info: Any, problem: object = "", error: Any = None
    ) -> None:
        referer = request.headers.get("Referer")
        values = {
            "media": self.MEDIA_NAME,
            "request": request,
            "referer": None if referer is None else referer.decode("utf-8", "replace"),
            "problem": problem,
        }
        logger.log(level, message, values, exc_info=error, extra={"spider": info.spider})

    def inc_stats(self, status: str) -> None:
        """Count the file."""
        self.crawler.stats.inc_value("file_count")
        self.crawler.stats.inc_value(f"file_status_count/{status}")

    # What subclasses override.

    def get_media_requests(self, item: Any, info: Any) -> Any:
        """A request for each address in the item's field. Raises TypeError when that is no list."""
        del info
        urls = ItemAdapter(item).get(self.files_urls_field, [])
        if not isinstance(urls, list):
            raise TypeError(f"{self.files_urls_field} must be a list of URLs, got {type(urls).__name__}")
        return [Request(url, callback=NO_CALLBACK) for url in urls]

    async def file_downloaded(self, response: Response, request: Request, info: Any, *, item: Any = None) -> str | None:
        """Keep the body; its MD5."""
        path = self.file_path(request, response=response, info=info, item=item)
        if written(request):
            sink = request.meta["download_sink"]
            self.store.keep_sink(path, sink)
            return sink.checksum  # type: ignore[no-any-return]
        contents = BytesIO(response.body)
        checksum = md5sum(contents)
        contents.seek(0)
        await settle(self.store.persist_file(path, contents, info))
        return checksum

    def item_completed(self, results: list[FileInfoOrError], item: Any, info: Any) -> Any:
        """The item, with the files that are there in its field."""
        del info
        with suppress(KeyError):
            ItemAdapter(item)[self.files_result_field] = [result for succeeded, result in results if succeeded]
        return item

    def file_path(
        self, request: Request, response: Response | None = None, info: Any = None, *, item: Any = None
    ) -> str:
        """`full/` and a hash: SHA-1 of the address, or SHA-256 of the contents with `content_names`."""
        del info, item
        if self.content_names and response is not None:
            digest = request.meta["download_sink"].sha256 if written(request) else sha256(response.body).hexdigest()
            return f"full/{digest}{_extension(request.url)}"
        return f"full/{url_hash(request.url)}{_extension(request.url)}"


_NOT_PROCESSED = "File ({}): Error processing file from %(request)s referred in <%(referer)s>: %(problem)s"


def url_hash(url: str) -> str:
    """The name of an address: its SHA-1, which Scrapy uses for it, in hexadecimal."""
    return sha1(url.encode(), usedforsecurity=False).hexdigest()


def _extension(url: str) -> str:
    """The file name extension of an address; none that is not known to be one."""
    for part in (url, urlparse(url).path):
        extension = posixpath.splitext(part)[1]
        if extension in mimetypes.types_map:
            return extension
    kind = mimetypes.guess_type(url)[0]
    return (mimetypes.guess_extension(kind) or "") if kind else ""
