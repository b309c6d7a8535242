"""Feeds that go elsewhere: FTP servers, Amazon S3, Google Cloud Storage.

The one rule: the finished file is sent in one piece, in a thread, and its temporary copy is closed in any case.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.feeds.storages import BlockingFeedStorage
from shoal.crawl.ftp_upload import ftp_store_file

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler

logger = logging.getLogger("scrapy.extensions.feedexport")


def _cannot_append(service: str, feed_options: dict[str, Any] | None) -> None:
    if feed_options and feed_options.get("overwrite", True) is False:
        logger.warning(
            "%s does not support appending to files. To silence this, take 'overwrite' out of the options of the "
            "feed, or set it to True.",
            service,
        )


class S3FeedStorage(BlockingFeedStorage):
    """An object of an S3 bucket: `s3://bucket/key`, or with the keys as user and password. Needs boto3."""

    def __init__(
        self,
        uri: str,
        access_key: str | None = None,
        secret_key: str | None = None,
        acl: str | None = None,
        endpoint_url: str | None = None,
        *,
        feed_options: dict[str, Any] | None = None,
        session_token: str | None = None,
        region_name: str | None = None,
        max_pool_connections: int | None = None,
    ) -> None:
        try:
            session = import_module("boto3.session")
            config = import_module("botocore.config")
        except ImportError as missing:
            raise NotConfigured("missing boto3 library") from missing
        where = urlparse(uri)
        if not where.hostname:
            raise ValueError(f"Got a storage URI without a bucket: {uri}")
        self.bucketname: str = where.hostname
        self.keyname = where.path.removeprefix("/")
        self.access_key = where.username or access_key
        self.secret_key = where.password or secret_key
        self.session_token = session_token
        self.acl = acl
        self.endpoint_url = endpoint_url
        self.region_name = region_name
        self.max_pool_connections = max_pool_connections
        pool = {} if max_pool_connections is None else {"max_pool_connections": max_pool_connections}
        self.s3_client: Any = session.Session().client(
            "s3",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            aws_session_token=self.session_token,
            endpoint_url=self.endpoint_url,
            region_name=self.region_name,
            config=config.Config(**pool),
        )
        _cannot_append("S3", feed_options)

    @classmethod
    def from_crawler(cls, crawler: Crawler, uri: str, *, feed_options: dict[str, Any] | None = None) -> Self:
        """With the AWS_* and FEED_STORAGE_S3_ACL settings."""
        settings = crawler.settings
        return cls(
            uri,
            access_key=settings["AWS_ACCESS_KEY_ID"],
            secret_key=settings["AWS_SECRET_ACCESS_KEY"],
            session_token=settings["AWS_SESSION_TOKEN"],
            acl=settings["FEED_STORAGE_S3_ACL"] or None,
            endpoint_url=settings["AWS_ENDPOINT_URL"] or None,
            region_name=settings["AWS_REGION_NAME"] or None,
            max_pool_connections=pool_size(settings),
            feed_options=feed_options,
        )

    def _store_in_thread(self, file: IO[bytes]) -> None:
        with file:
            file.seek(0)
            extra = {"ExtraArgs": {"ACL": self.acl}} if self.acl else {}
            self.s3_client.upload_fileobj(Bucket=self.bucketname, Key=self.keyname, Fileobj=file, **extra)


def pool_size(settings: Any) -> int:
    """How many connections to S3 to keep: AWS_MAX_POOL_CONNECTIONS, else as many as there are threads to use them."""
    return settings.getint("AWS_MAX_POOL_CONNECTIONS") or settings.getint("REACTOR_THREADPOOL_MAXSIZE")  # type: ignore[no-any-return]


class GCSFeedStorage(BlockingFeedStorage):
    """An object of a Google Cloud Storage bucket: `gs://bucket/key`. Needs google-cloud-storage."""

    def __init__(
        self, uri: str, project_id: str | None, acl: str | None, *, feed_options: dict[str, Any] | None = None
    ) -> None:
        where = urlparse(uri)
        if not where.hostname:
            raise ValueError(f"Got a storage URI without a bucket: {uri}")
        self.project_id = project_id
        self.acl = acl
        self.bucket_name: str = where.hostname
        self.blob_name = where.path.removeprefix("/")
        _cannot_append("GCS", feed_options)

    @classmethod
    def from_crawler(cls, crawler: Crawler, uri: str, *, feed_options: dict[str, Any] | None = None) -> Self:
        """With GCS_PROJECT_ID and FEED_STORAGE_GCS_ACL."""
        settings = crawler.settings
        return cls(uri, settings["GCS_PROJECT_ID"], settings["FEED_STORAGE_GCS_ACL"] or None, feed_options=feed_options)

    def _store_in_thread(self, file: IO[bytes]) -> None:
        try:
            file.seek(0)
            client = import_module("google.cloud.storage").Client(project=self.project_id)
            blob = client.bucket(self.bucket_name).blob(self.blob_name)
            blob.upload_from_file(file, predefined_acl=self.acl)
        finally:
            file.close()


class FTPFeedStorage(BlockingFeedStorage):
    """A file of an FTP server, `ftp:` or, over TLS, `ftps:`. Feed option `overwrite` (True)."""

    def __init__(self, uri: str, use_active_mode: bool = False, *, feed_options: dict[str, Any] | None = None) -> None:
        where = urlparse(uri)
        if not where.hostname:
            raise ValueError(f"Got a storage URI without a hostname: {uri}")
        self.host: str = where.hostname
        self.port: int = where.port or 21
        self.username: str = unquote(where.username or "")
        self.password: str = unquote(where.password or "")
        self.path: str = where.path
        self.use_active_mode = use_active_mode
        self.tls: bool = where.scheme == "ftps"
        self.overwrite: bool = not feed_options or feed_options.get("overwrite", True)

    @classmethod
    def from_crawler(cls, crawler: Crawler, uri: str, *, feed_options: dict[str, Any] | None = None) -> Self:
        """With FEED_STORAGE_FTP_ACTIVE."""
        return cls(uri, crawler.settings.getbool("FEED_STORAGE_FTP_ACTIVE"), feed_options=feed_options)

    def _store_in_thread(self, file: IO[bytes]) -> None:
        ftp_store_file(
            path=self.path,
            file=file,
            host=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_active_mode=self.use_active_mode,
            overwrite=self.overwrite,
            tls=self.tls,
        )
