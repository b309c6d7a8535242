"""Where files of media pipelines are kept elsewhere: Amazon S3, Google Cloud Storage, FTP servers.

The one rule: libraries are imported when a store is made, and every call to a server runs in a thread.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from abc import ABC, abstractmethod
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlparse

from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.ftp_upload import ftp_connect, ftp_store_file
from shoal.crawl.pipelines.stores import StatInfo, md5sum

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

logger = logging.getLogger("scrapy.pipelines.files")

# Response headers that S3 keeps, and the names of boto's arguments for them.
_S3_HEADERS = {
    "Cache-Control": "CacheControl",
    "Content-Disposition": "ContentDisposition",
    "Content-Encoding": "ContentEncoding",
    "Content-Language": "ContentLanguage",
    "Content-Length": "ContentLength",
    "Content-MD5": "ContentMD5",
    "Content-Type": "ContentType",
    "Expires": "Expires",
    "X-Amz-Acl": "ACL",
    "X-Amz-Grant-Full-Control": "GrantFullControl",
    "X-Amz-Grant-Read": "GrantRead",
    "X-Amz-Grant-Read-ACP": "GrantReadACP",
    "X-Amz-Grant-Write-ACP": "GrantWriteACP",
    "X-Amz-Object-Lock-Legal-Hold": "ObjectLockLegalHoldStatus",
    "X-Amz-Object-Lock-Mode": "ObjectLockMode",
    "X-Amz-Object-Lock-Retain-Until-Date": "ObjectLockRetainUntilDate",
    "X-Amz-Request-Payer": "RequestPayer",
    "X-Amz-Server-Side-Encryption": "ServerSideEncryption",
    "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "SSEKMSKeyId",
    "X-Amz-Server-Side-Encryption-Context": "SSEKMSEncryptionContext",
    "X-Amz-Server-Side-Encryption-Customer-Algorithm": "SSECustomerAlgorithm",
    "X-Amz-Server-Side-Encryption-Customer-Key": "SSECustomerKey",
    "X-Amz-Server-Side-Encryption-Customer-Key-MD5": "SSECustomerKeyMD5",
    "X-Amz-Storage-Class": "StorageClass",
    "X-Amz-Tagging": "Tagging",
    "X-Amz-Website-Redirect-Location": "WebsiteRedirectLocation",
}


def is_botocore_available() -> bool:
    """Whether Amazon's library is installed."""
    return find_spec("botocore") is not None


def _require_scheme(uri: str, scheme: str) -> None:
    if not uri.startswith(f"{scheme}://"):
        raise ValueError(f"Incorrect URI scheme in {uri}, expected '{scheme}'")


class _RemoteStore(ABC):
    """What stores elsewhere have in common: one call to the server, in a thread, for each question."""

    def stat_file(self, path: str, info: Any) -> Awaitable[StatInfo]:
        """What the server knows of the file: nothing, or its checksum and the time of its last change."""
        del info
        return asyncio.to_thread(self._stat, self._get_blob_path(path))

    def persist_file(
        self,
        path: str,
        buf: BytesIO,
        info: Any,
        meta: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Awaitable[Any]:
        """Send the file."""
        del info
        send, arguments = self._sending(self._get_blob_path(path), buf, meta or {}, headers or {})
        return asyncio.to_thread(send, **arguments)

    @abstractmethod
    def _get_blob_path(self, path: str) -> str:
        """Where the file of that path is kept."""

    @abstractmethod
    def _stat(self, path: str) -> StatInfo:
        """What the server says of it, asked here and now."""

    @abstractmethod
    def _sending(
        self, path: str, buf: BytesIO, meta: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[Callable[..., Any], dict[str, Any]]:
        """The call that sends it, and its arguments."""


class S3FilesStore(_RemoteStore):
    """A bucket of S3, `s3://bucket/prefix`. The attributes in capitals are set from settings by the pipeline."""

    AWS_ACCESS_KEY_ID: str | None = None
    AWS_SECRET_ACCESS_KEY: str | None = None
    AWS_SESSION_TOKEN: str | None = None
    AWS_ENDPOINT_URL: str | None = None
    AWS_REGION_NAME: str | None = None
    AWS_USE_SSL: bool | None = None
    AWS_VERIFY: bool | None = None
    AWS_MAX_POOL_CONNECTIONS: int | None = None
    POLICY = "private"
    HEADERS: ClassVar[dict[str, str]] = {"Cache-Control": "max-age=172800"}

    def __init__(self, uri: str) -> None:
        if not is_botocore_available():
            raise NotConfigured("missing botocore library")
        _require_scheme(uri, "s3")
        pool = self.AWS_MAX_POOL_CONNECTIONS
        config = import_module("botocore.config").Config(**({"max_pool_connections": pool} if pool else {}))
        self.s3_client: Any = (
            import_module("botocore.session")
            .get_session()
            .create_client(
                "s3",
                aws_access_key_id=self.AWS_ACCESS_KEY_ID,
                aws_secret_access_key=self.AWS_SECRET_ACCESS_KEY,
                aws_session_token=self.AWS_SESSION_TOKEN,
                endpoint_url=self.AWS_ENDPOINT_URL,
                region_name=self.AWS_REGION_NAME,
                use_ssl=self.AWS_USE_SSL,
                verify=self.AWS_VERIFY,
                config=config,
            )
        )
        self.bucket, _, self.prefix = uri.removeprefix("s3://").partition("/")

    def _get_blob_path(self, path: str) -> str:
        return f"{self.prefix}{path}"

    def _stat(self, path: str) -> StatInfo:
        try:
            head = self.s3_client.head_object(Bucket=self.bucket, Key=path)
        except import_module("botocore.exceptions").ClientError as problem:
            if problem.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return {}
            raise
        return {"checksum": head["ETag"].strip('"'), "last_modified": head["LastModified"].timestamp()}

    def _sending(
        self, path: str, buf: BytesIO, meta: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[Callable[..., Any], dict[str, Any]]:
        extra = self._headers_to_botocore_kwargs({**self.HEADERS, **headers})
        buf.seek(0)
        metadata = {key: str(value) for key, value in meta.items()}
        return self.s3_client.put_object, {
            "Bucket": self.bucket,
            "Key": path,
            "Body": buf,
            "Metadata": metadata,
            "ACL": self.POLICY,
            **extra,
        }

    def _headers_to_botocore_kwargs(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        """Headers as boto's arguments. Raises TypeError for one that S3 does not keep."""
        known = {name.lower(): argument for name, argument in _S3_HEADERS.items()}
        for name in headers:
            if name.lower() not in known:
                raise TypeError(f'Header "{name}" is not supported by botocore')
        return {known[name.lower()]: value for name, value in headers.items()}


class GCSFilesStore(_RemoteStore):
    """A bucket of Google Cloud Storage, `gs://bucket/prefix`. `POLICY` None: as the bucket says."""

    GCS_PROJECT_ID: str | None = None
    CACHE_CONTROL = "max-age=172800"
    POLICY: str | None = None

    def __init__(self, uri: str) -> None:
        client = import_module("google.cloud.storage").Client(project=self.GCS_PROJECT_ID)
        bucket, _, self.prefix = uri.removeprefix("gs://").partition("/")
        self.bucket: Any = client.bucket(bucket)
        needed = ["storage.objects.get", "storage.objects.create"]
        allowed = self.bucket.test_iam_permissions(needed)
        consequences = ("whether files have changed cannot be known", "no file can be stored")
        for permission, consequence in zip(needed, consequences, strict=True):
            if permission not in allowed:
                logger.warning("No '%s' permission for GCS bucket %s: %s.", permission, bucket, consequence)

    def _stat(self, path: str) -> StatInfo:
        blob = self.bucket.get_blob(path)
        if not blob:
            return {}
        return {
            "checksum": base64.b64decode(blob.md5_hash).hex(),
            "last_modified": time.mktime(blob.updated.timetuple()),
        }

    def _get_blob_path(self, path: str) -> str:
        return self.prefix + path

    def _get_content_type(self, headers: Mapping[str, str] | None) -> str:
        return (headers or {}).get("Content-Type", "application/octet-stream")

    def _sending(
        self, path: str, buf: BytesIO, meta: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[Callable[..., Any], dict[str, Any]]:
        blob = self.bucket.blob(path)
        blob.cache_control = self.CACHE_CONTROL
        blob.metadata = {key: str(value) for key, value in meta.items()}
        return blob.upload_from_string, {
            "data": buf.getvalue(),
            "content_type": self._get_content_type(headers),
            "predefined_acl": self.POLICY,
        }


class FTPFilesStore(_RemoteStore):
    """A directory of an FTP server. User and password of the settings are used when the URI has none."""

    FTP_USERNAME: str | None = None
    FTP_PASSWORD: str | None = None
    USE_ACTIVE_MODE: bool | None = None

    def __init__(self, uri: str) -> None:
        _require_scheme(uri, "ftp")
        where = urlparse(uri)
        self.host: str = where.hostname or ""
        self.port: int = where.port or 21
        self.username: str = where.username or self.FTP_USERNAME or ""
        self.password: str = where.password or self.FTP_PASSWORD or ""
        self.basedir: str = where.path.rstrip("/")

    def _get_blob_path(self, path: str) -> str:
        return f"{self.basedir}/{path}"

    def _sending(
        self,
        path: str,
        buf: BytesIO,
        meta: Mapping[str, Any],
        headers: Mapping[str, str],
    ) -> tuple[Callable[..., Any], dict[str, Any]]:
        del meta, headers
        return ftp_store_file, {
            "path": path,
            "file": buf,
            "host": self.host,
            "port": self.port,
            "username": self.username,
            "password": self.password,
            "use_active_mode": bool(self.USE_ACTIVE_MODE),
        }

    def _stat(self, path: str) -> StatInfo:
        import ftplib

        contents = BytesIO()
        try:
            passive = not self.USE_ACTIVE_MODE
            with ftp_connect(self.host, self.port, self.username, self.password, passive=passive) as ftp:
                changed = float(ftp.voidcmd(f"MDTM {path}").removeprefix("213").strip())
                ftp.retrbinary(f"RETR {path}", contents.write)
        except ftplib.all_errors:
            return {}
        contents.seek(0)
        return {"last_modified": changed, "checksum": md5sum(contents)}
