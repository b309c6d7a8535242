"""A small web server for practice sites, on loopback alone: one thread, HTTP/1.1 with keep-alive.

The one rule: a site is a pure function from what was asked to what is answered; everything with sockets is here. A
late, slow or endless answer takes no time from the others.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from shoal.errors import MachineError, UsageError
from shoal.lab.conditions import Conditions
from shoal.lab.message import Answer, Asked
from shoal.lab.observed import REMEMBERED, Observed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    Site = Callable[[Asked], Answer]

__all__ = ["Answer", "Asked", "Conditions", "Observed", "WebServer"]

BIGGEST_BODY = 1 << 20  # bytes of a form; more is refused
BIGGEST_HEAD = 1 << 16
DRIP_INTERVAL = 0.05  # seconds between the pieces of a slow answer
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# The client went away, or said too much, or the site is closed.
GONE = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError)


class WebServer:
    """Serves a site while the `with` block lasts; `asked` lists what has been asked for, in order.

    `address` must be in 127.0.0.0/8 or ::1 (UsageError); port 0 means any free one, and `port` tells which.
    `observed` is the site's own, if it has an `Observed`. Entering raises MachineError when the port cannot be had.
    """

    def __init__(
        self, site: Site, address: str = "127.0.0.1", port: int = 0, conditions: Conditions | None = None
    ) -> None:
        if address != "::1" and not address.startswith("127."):
            raise UsageError(f"a practice site is served on loopback alone, and {address} is not loopback")
        self.site = site
        self.address = address
        self.port = port
        self.asked: list[str] = []  # the first 200,000
        self.conditions = conditions or Conditions()
        own = getattr(site, "observed", None)
        self.observed = own if isinstance(own, Observed) else Observed()
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
            plain = OSError(self._problem.errno, None)  # asyncio's text repeats the address
            raise MachineError.from_os(f"serve a site on {self.address} port {self.port}", plain)
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
        server = await asyncio.start_server(self._converse, self.address, self.port, limit=BIGGEST_HEAD, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        for writer in list(self._open):
            writer.transport.abort()  # closing would wait for those who do not read
        await asyncio.sleep(0)  # lets the conversations see that they are over

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other, until the client has enough."""
        self._open.add(writer)
        client = writer.get_extra_info("peername")[0]
        try:
            while (asked := await _read(reader, writer, client)) is not None:
                self.observed.arrive(asked.at)
                with ExitStack() as flight:
                    flight.callback(self.observed.leave)
                    lasts = await self._answer(asked, writer, flight.close)
                if not lasts:
                    break
        except GONE:
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter, done: Callable[[], None]) -> bool:
        """Answer the request; whether the connection lasts."""
        if len(self.asked) < REMEMBERED:
            self.asked.append(f"{asked.method} {asked.target}")
        answer = self.conditions.before(asked) or self._of_site(asked)
        if delay := answer.delay + self.conditions.latency:
            await asyncio.sleep(delay)
        await _send(answer, writer, asked.method != "HEAD", done)
        return answer.cut is None and asked.headers.get("connection", "").lower() != "close"

    def _of_site(self, asked: Asked) -> Answer:
        try:
            return self.site(asked)
        except Exception as problem:
            return Answer(f"the practice site has failed: {problem!r}", 500)


async def _send(answer: Answer, writer: asyncio.StreamWriter, with_body: bool, done: Callable[[], None]) -> None:
    """Write the answer, at its pace.

    `done` is called before the last write: the client may ask again, on another connection, before we are back.
    """
    if answer.pieces is None and not answer.pace and answer.cut is None:
        done()
        writer.write(answer.head() + answer.body if with_body else answer.head())
        await writer.drain()
        return
    last = answer.head()
    for piece in pieces(answer) if with_body else ():
        writer.write(last)
        await writer.drain()
        await asyncio.sleep(DRIP_INTERVAL if answer.pace else 0)
        last = b"%x\r\n%b\r\n" % (len(piece), piece) if answer.chunked else piece
    done()
    writer.write(last + b"0\r\n\r\n" if answer.chunked and answer.cut is None and with_body else last)
    await writer.drain()


def pieces(answer: Answer) -> Iterator[bytes]:
    """The body in the pieces it is sent in, up to the cut; none is empty."""
    left = answer.cut
    for whole in [answer.body] if answer.pieces is None else answer.pieces:
        size = max(1, int(answer.pace * DRIP_INTERVAL)) if answer.pace else max(1, len(whole))
        for start in range(0, len(whole), size):
            piece = whole[start : start + size][:left]
            if piece:
                yield piece
            if left is not None:
                left -= len(piece)
                if not left:
                    return


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: str) -> Asked | None:
    """The next request; None when there is none, or none that can be understood."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    words = head[0].split(" ")
    if len(words) != 3:
        return None
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if words[2] == "HTTP/1.0":
        headers.setdefault("connection", "close")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BIGGEST_BODY or "transfer-encoding" in headers:
        return None
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(CONTINUE)
    body = await reader.readexactly(int(length)) if length != "0" else b""
    try:
        return Asked(words[0], words[1], headers, body, client=client, at=time.time())
    except ValueError:  # a target that is no URL
        return None
