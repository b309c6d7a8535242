"""A pool of coroutines with a limit: thousands of jobs, so many at once, results as they come, one failure harmless.

To see: 1,000 waits of 20 ms with 100 at once take about 10 x 20 ms on one thread; jobs are made when there is room for
them, so an endless input would not fill the memory; a job that fails is a result of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any


async def pool(
    job: Callable[[Any], Awaitable[Any]], inputs: Iterable[Any], limit: int
) -> AsyncIterator[tuple[Any, Any]]:
    """Yield (input, result or exception) as they are ready; at most `limit` jobs exist at a time."""
    waiting = iter(inputs)
    running: dict[asyncio.Future[Any], Any] = {}
    try:
        while True:
            for given in waiting:
                running[asyncio.ensure_future(job(given))] = given
                if len(running) >= limit:
                    break
            if not running:
                return
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.exception() or future.result()
    finally:
        for future in running:  # the caller walked away
            future.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class Conversations:
    """Jobs that only wait, and a count of how many do so at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def hold(self, number: int) -> int:
        """One of them; number 13 goes wrong."""
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02)
        self.now -= 1
        if number == 13:
            raise ConnectionError("nobody answered 13")
        return number * number


async def main() -> None:
    """A thousand, then an endless input of which ten are taken."""
    converse = Conversations()
    began = time.perf_counter()
    results = {given: result async for given, result in pool(converse.hold, range(1_000), limit=100)}
    took = time.perf_counter() - began
    print(f"{len(results)} results, at most {converse.most} at once, {'together' if took < 5 else 'slow'}")
    print("one failed, and says why:", [str(r) for r in results.values() if isinstance(r, Exception)])

    taken = 0
    endless = pool(Conversations().hold, iter(int, 1), limit=5)
    async for _ in endless:
        if (taken := taken + 1) == 10:
            break
    await endless.aclose()
    print("an endless input, ten taken; tasks left:", len(asyncio.all_tasks()) - 1)


if __name__ == "__main__":
    asyncio.run(main())
