"""Grounds for the surveys' tests: `begin` and `call` are `shoal ...` in a folder of the test's own."""

import asyncio
import signal
import subprocess
from typing import NamedTuple

import pytest

from shoal.cli import main
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


@pytest.fixture
def begin(python, tmp_path):
    """A function that starts `shoal ...` as a process: what is killed, sent signals, or shows itself on a terminal."""

    def start(*words, **options):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": tmp_path, **options}
        return subprocess.Popen([python, "-m", "shoal", *words], stdin=subprocess.DEVNULL, **pipes)

    return start


class Done(NamedTuple):
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def call(tmp_path, monkeypatch, capfd):
    """A function that is `shoal ...` without the half second that a process of its own takes to begin."""
    monkeypatch.chdir(tmp_path)

    def run(*words, **environment):
        capfd.readouterr()
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            try:
                status = main(words)
            except SystemExit as ended:  # argparse has told what is wrong
                status = ended.code
        return Done(status, *capfd.readouterr())

    return run
