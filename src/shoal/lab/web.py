"""A small web server for practice sites, on loopback alone: one thread, HTTP/1.1 with keep-alive.

The one rule: a site is a pure function from what was asked to what is answered; everything with sockets is here.
"""

from __future__ import annotations

import asyncio
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    Site = Callable[["Asked"], "Answer"]

BIGGEST_BODY = 1 << 20  # bytes of a form; more is refused
BIGGEST_HEAD = 1 << 16


class Asked:
    """One request: `path` is decoded, `query` and `form` hold the last value of each name, header names are lower."""

    __slots__ = ("method", "target", "path", "query", "headers", "body")

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> None:
        parts = urlsplit(target)
        self.method = method
        self.target = target
        self.path = unquote(parts.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers = headers
        self.body = body

    @property
    def form(self) -> dict[str, str]:
        """What a form sent in the body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


class Answer:
    """One response; `headers` beside the length, which is added."""

    __slots__ = ("status", "headers", "body")

    def __init__(self, body: str | bytes = b"", status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.body = body.encode("utf-8") if isinstance(body, str) else body
        self.headers = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}

    def written(self, with_body: bool = True) -> bytes:
        """The bytes of the response."""
        head = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", f"Content-Length: {len(self.body)}"]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*head, "", ""]).encode("latin-1") + (self.body if with_body else b"")


class WebServer:
    """Serves a site while the `with` block lasts; `asked` lists what has been asked for, in order.

    `address` must be in 127.0.0.0/8 or ::1 (UsageError); port 0 means any free one, and `port` tells which.
    """

    def __init__(self, site: Site, address: str = "127.0.0.1", port: int = 0) -> None:
        if address != "::1" and not address.startswith("127."):
            raise UsageError(f"a practice site is served on loopback alone, and {address} is not loopback")
        self.site = site
        self.address = address
        self.port = port
        self.asked: list[str] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="practice site", daemon=True)
        self._problem: OSError | None = None

    def url(self, path: str = "/") -> str:
        """The URL of a path of the site."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            self._thread.join()
            raise self._problem
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as problem:
            self._problem = problem
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._converse, self.address, self.port, limit=BIGGEST_HEAD)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        for writer in list(self._open):
            writer.close()
        await asyncio.sleep(0)  # lets the conversations see that they are over

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other, until the client has enough."""
        self._open.add(writer)
        try:
            while (asked := await _read(reader)) is not None:
                self.asked.append(f"{asked.method} {asked.target}")
                writer.write(self._answer(asked).written(asked.method != "HEAD"))
                await writer.drain()
                if asked.headers.get("connection", "").lower() == "close":
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client went away, or the site is closed
        finally:
            self._open.discard(writer)
            writer.close()

    def _answer(self, asked: Asked) -> Answer:
        try:
            return self.site(asked)
        except Exception as problem:
            return Answer(f"the practice site has failed: {problem!r}", 500)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    """The next request; None when there is none, or none that can be understood."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    words = head[0].split(" ")
    if len(words) != 3:
        return None
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BIGGEST_BODY:
        return None
    return Asked(words[0], words[1], headers, await reader.readexactly(int(length)))
