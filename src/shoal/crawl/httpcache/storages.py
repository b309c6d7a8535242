"""Where kept responses are: a directory for each, or a database of the DBM kind.

The one rule: an entry is found by the fingerprint of its request; older than `expiration_secs` (0: never), it is not
there. Directories are laid out as Scrapy lays them out, and its own can be read.
"""

from __future__ import annotations

import gzip
import logging
from ast import literal_eval
from importlib import import_module
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, cast

from w3lib.http import headers_dict_to_raw, headers_raw_to_dict

from shoal.crawl.httpcache.records import plain_response, record_of, response_of
from shoal.crawl.project import data_path

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings
    from shoal.crawl.spider import Spider

logger = logging.getLogger("scrapy.extensions.httpcache")


class _Storage:
    """What the two kinds have in common."""

    _fingerprinter: Any

    def __init__(self, settings: BaseSettings) -> None:
        self.cachedir = data_path(settings["HTTPCACHE_DIR"])
        self.expiration_secs = settings.getint("HTTPCACHE_EXPIRATION_SECS")

    def _open(self, spider: Spider, what: str) -> None:
        self._fingerprinter = cast("Any", spider.crawler).request_fingerprinter
        logger.debug(f"Using {what}", extra={"spider": spider})

    def _is_expired(self, stored: float) -> bool:
        return 0 < self.expiration_secs < time() - stored


class FilesystemCacheStorage(_Storage):
    """A directory for each entry, with request and response as readable files; HTTPCACHE_GZIP compresses them."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.use_gzip = settings.getbool("HTTPCACHE_GZIP")
        self._file: Callable[..., Any] = gzip.open if self.use_gzip else open

    def open_spider(self, spider: Spider) -> None:
        """Called when the crawl begins."""
        self._open(spider, f"filesystem cache storage in {self.cachedir}")

    def close_spider(self, spider: Spider) -> None:
        """Called when the crawl has ended."""

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """The kept response, None when there is none. Raises OSError, EOFError or ValueError for a damaged entry."""
        path = self._path(spider, request)
        stored = self._stored(path)
        if stored is None or self._is_expired(stored):
            return None
        request.meta["cache_timestamp"] = stored
        body = self._read(path, "response_body")
        headers = headers_raw_to_dict(self._read(path, "response_headers"))
        if (path / "response_data").exists():
            return response_of(self._read(path, "response_data").decode(), body=body, headers=headers or {})
        told: dict[str, Any] = literal_eval(self._read(path, "meta").decode())
        return plain_response(told.get("response_url") or told["url"], told["status"], headers or {}, body)

    def _stored(self, path: Path) -> float | None:
        """When the entry was stored, None where there is none."""
        try:
            return (path / "meta").stat().st_mtime
        except FileNotFoundError:
            return None

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Keep the response in place of what was kept before."""
        path = self._path(spider, request)
        path.mkdir(parents=True, exist_ok=True)
        told = {
            "url": request.url,
            "method": request.method,
            "status": response.status,
            "response_url": response.url,
            "timestamp": time(),
        }
        self._write(path, "response_data", record_of(response, apart=True).encode())
        self._write(path, "response_headers", headers_dict_to_raw(_raw(response)) or b"")
        self._write(path, "response_body", response.body)
        self._write(path, "request_headers", headers_dict_to_raw(_raw(request)) or b"")
        self._write(path, "request_body", request.body)
        # Last: an entry without it is none, so a crawl that is killed leaves no half of one.
        self._write(path, "meta", f"{told!r}\n".encode())

    def _get_request_path(self, spider: Spider, request: Request) -> str:
        return str(self._path(spider, request))

    def _path(self, spider: Spider, request: Request) -> Path:
        key = self._fingerprinter.fingerprint(request).hex()
        return Path(self.cachedir, spider.name, key[:2], key)

    def _read(self, path: Path, name: str) -> bytes:
        with self._file(path / name, "rb") as file:
            data: bytes = file.read()
        return data

    def _write(self, path: Path, name: str, data: bytes) -> None:
        with self._file(path / name, "wb") as file:
            file.write(data)


class DbmCacheStorage(_Storage):
    """One database for a spider, opened by the module that HTTPCACHE_DBM_MODULE names."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.dbmodule: Any = import_module(settings["HTTPCACHE_DBM_MODULE"])
        self.db: Any = None

    def open_spider(self, spider: Spider) -> None:
        """Open the database, made where there is none."""
        Path(self.cachedir).mkdir(parents=True, exist_ok=True)
        path: str | os.PathLike[str] = Path(self.cachedir, f"{spider.name}.db")
        self.db = self.dbmodule.open(str(path), "c")
        self._open(spider, f"DBM cache storage in {path}")

    def close_spider(self, spider: Spider) -> None:  # noqa: ARG002
        """Close the database."""
        self.db.close()

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:  # noqa: ARG002
        """The kept response, None when there is none. Raises ValueError for a damaged entry."""
        key = self._fingerprinter.fingerprint(request).hex()
        if f"{key}_time" not in self.db:
            return None
        stored = float(self.db[f"{key}_time"])
        if self._is_expired(stored):
            return None
        request.meta["cache_timestamp"] = stored
        return response_of(bytes(self.db[f"{key}_data"]).decode())

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:  # noqa: ARG002
        """Keep the response in place of what was kept before."""
        key = self._fingerprinter.fingerprint(request).hex()
        self.db[f"{key}_data"] = record_of(response).encode()
        self.db[f"{key}_time"] = str(time()).encode()


def _raw(message: Request | Response) -> dict[bytes, Any]:
    return dict(dict.items(message.headers))
