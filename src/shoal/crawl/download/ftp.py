"""`ftp://host/path`: a file by FTP, fetched in a thread.

The one rule: what the server refuses is a response (404 for a file that is not there, 503 else), as with HTTP; what
breaks is an exception.
"""

from __future__ import annotations

import asyncio
import ftplib
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from shoal.crawl.download.guard import NotAllowedError, Question, guard_of
from shoal.crawl.download.limits import Limits
from shoal.crawl.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from shoal.crawl.headers import Headers
from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.response import Response
from shoal.crawl.response_class import response_types

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request

_NOT_THERE = "550"


class FTPDownloadHandler:
    """Logs in as FTP_USER with FTP_PASSWORD; a request's meta may name `ftp_user`, `ftp_password`, and a file to write
    to, `ftp_local_filename`. FTP_PASSIVE_MODE is followed.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._user: str = settings["FTP_USER"]
        self._password: str = settings["FTP_PASSWORD"]
        self._passive: bool = settings.getbool("FTP_PASSIVE_MODE")
        self._limits = Limits.from_settings(settings)
        self._guard = guard_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A handler for one crawl."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """The file. Raises the download errors."""
        limits = self._limits.of(request.meta)
        question = self._guard.question(request)
        try:
            async with asyncio.timeout(limits.timeout or None):
                return await asyncio.to_thread(self._fetch, question, request, limits)
        except NotAllowedError:
            raise question.error(request) from None
        except TimeoutError:
            raise DownloadTimeoutError(limits.timed_out(request)) from None
        except socket.gaierror as problem:
            raise CannotResolveHostError(f"{request.url}: {problem.strerror}") from problem
        except ConnectionRefusedError as problem:
            raise DownloadConnectionRefusedError(f"{request.url}: {problem.strerror}") from problem
        except (OSError, EOFError) as problem:
            raise DownloadFailedError(f"{request.url}: {problem}") from problem

    def _fetch(self, question: Question, request: Request, limits: Limits) -> Response:
        parts = parsed_url(request)
        file = _Received(request, limits, request.meta.get("ftp_local_filename"))
        try:
            with ftplib.FTP(timeout=limits.timeout or None) as ftp:  # noqa: S321  the scheme says so
                # Files come from the same address: what the server names for them is not listened to.
                ftp.connect(_address(parts.hostname or "", question), parts.port or ftplib.FTP_PORT)
                ftp.login(request.meta.get("ftp_user", self._user), request.meta.get("ftp_password", self._password))
                ftp.set_pasv(self._passive)
                ftp.retrbinary(f"RETR {unquote(parts.path)}", file.write)
        except ftplib.Error as problem:
            status = 404 if str(problem).startswith(_NOT_THERE) else 503
            return Response(url=request.url, status=status, body=str(problem).encode())
        finally:
            file.close()
        return file.response()

    async def close(self) -> None:
        """Nothing stays open."""


def _address(host: str, question: Question) -> str:
    """The first address of a host that may be connected to. Raises NotAllowedError when there is none."""
    addresses = [str(name[0]) for *_, name in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    for address in addresses:
        if question.allows(address):
            return address
    raise NotAllowedError(question.refused)


class _Received:
    """Where the file goes: to memory, or to a file of ours."""

    def __init__(self, request: Request, limits: Limits, filename: Any) -> None:
        self._request = request
        self._limits = limits
        self._name = filename.decode() if isinstance(filename, bytes) else filename
        self._file = Path(self._name).open("wb") if filename else None  # noqa: SIM115  closed by close()
        self._chunks: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._limits.maxsize and self._size > self._limits.maxsize:
            raise self._limits.too_large("Received", self._size, self._request)
        if self._file is None:
            self._chunks.append(data)
        else:
            self._file.write(data)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def response(self) -> Response:
        headers = Headers({"Local Filename": self._name or "", "Size": self._size})
        body = (self._name or "").encode() if self._file is not None else b"".join(self._chunks)
        cls = response_types.from_args(url=self._request.url, body=body)
        return cls(url=self._request.url, status=200, headers=headers, body=body)
