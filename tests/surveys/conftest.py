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


@pytest.fixture(scope="session")
def drawing_machine():
    """vl-convert keeps its engine for the life of the process: no test has left that behind."""
    import altair
    import vl_convert

    nothing = altair.Chart({"values": []}).mark_point()
    nothing.to_html(inline=True)
    vl_convert.vegalite_to_png(nothing.to_dict())
