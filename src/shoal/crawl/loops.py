"""The event loop a crawl of its own program runs in.

The one rule: the setting ASYNCIO_EVENT_LOOP decides; without it, uvloop where it is installed, else asyncio's own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shoal.crawl.components import load_object

if TYPE_CHECKING:
    from shoal.crawl.settings import BaseSettings


def new_loop(settings: BaseSettings) -> asyncio.AbstractEventLoop:
    """A new loop, which the caller closes."""
    wanted = settings["ASYNCIO_EVENT_LOOP"]
    if wanted:
        loop: asyncio.AbstractEventLoop = load_object(wanted)()
        return loop
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def finish(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what still runs in the loop, and close it."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
