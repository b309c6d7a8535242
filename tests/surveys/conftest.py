"""Grounds for the surveys' tests."""

import asyncio
import signal

import pytest

from shoal.crawl.loops import finish, new_loop
from shoal.crawl.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def signal_pipe():
    """libuv opens a pipe for signals with the first handler of a process, and keeps it: no test has left it behind."""
    loop = new_loop(Settings())

    async def use():
        loop.add_signal_handler(signal.SIGTERM, str)
        loop.remove_signal_handler(signal.SIGTERM)

    loop.run_until_complete(use())
    finish(loop)
    asyncio.set_event_loop(None)
