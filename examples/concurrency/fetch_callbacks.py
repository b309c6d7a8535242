"""A batch of asynchronous fetches, each with a callback and an errback, as Twisted's deferreds taught.

To see: callbacks run as pages arrive, in no promised order; a page that fails goes to the errback and stops nobody;
what they return is collected when all are done. The fetches wait at the same time, so ten pages of 50 ms take far less
than 500 ms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from shoal.lab.web import Answer, Asked, WebServer

PAGES = 10


def site(asked: Asked) -> Answer:
    """A page that says its name; page 7 is out of order."""
    return Answer("broken", 500) if asked.path == "/7" else Answer(f"page {asked.path}")


async def fetch(url: str) -> str:
    """The body of a page. Raises ConnectionError for an answer that is none."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
    await asyncio.sleep(0.05)  # a page far away
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    if b" 200 " not in head.splitlines()[0]:
        raise ConnectionError(f"{parts.path}: {head.splitlines()[0].decode()}")
    return body.decode()


def deferred(url: str, callback: Callable[[str], int], errback: Callable[[BaseException], int]) -> asyncio.Future[int]:
    """A fetch whose result goes through the callback, or through the errback if there is none."""
    chained: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def arrived(fetching: asyncio.Future[str]) -> None:
        problem = fetching.exception()
        chained.set_result(errback(problem) if problem else callback(fetching.result()))

    asyncio.ensure_future(fetch(url)).add_done_callback(arrived)
    return chained


async def main(origin: str) -> None:
    """Ten pages at once."""
    arrived: list[str] = []
    failed: list[str] = []

    def keep(body: str) -> int:
        arrived.append(body)
        return len(body)

    def note(problem: BaseException) -> int:
        failed.append(str(problem))
        return 0

    began = time.perf_counter()
    sizes = await asyncio.gather(*(deferred(f"{origin}/{number}", keep, note) for number in range(PAGES)))
    print(f"{len(arrived)} callbacks, {len(failed)} errback: {failed[0]}")
    print(f"{sum(sizes)} characters in all,", "together" if time.perf_counter() - began < 0.4 else "one by one")


if __name__ == "__main__":
    with WebServer(site) as server:
        asyncio.run(main(server.url("")))
