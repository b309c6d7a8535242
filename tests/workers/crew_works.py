"""Works for crews: in a module, so that they are found by name wherever a worker is."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path


def echo(job, line):
    """Says who it is, gives back what it hears, ends when it hears None."""

    async def talk():
        over = asyncio.Event()

        def heard(message):
            if message is None:
                over.set()
            else:
                line.send([job, message])

        line.attach(heard, lambda: os._exit(1))
        line.send([job, os.getpid()])
        await over.wait()
        await line.drained(0)

    asyncio.run(talk())


def flood(job, line):
    """Says ever more; how far it has come stands in a file."""
    name, pieces = job
    Path(name).write_text("-1")

    async def talk():
        line.attach(lambda _: None, lambda: os._exit(1))
        for number in range(pieces):
            line.send([number, "x" * 100_000])
            await line.drained()
            Path(name).write_text(str(number))
        await line.drained(0)

    asyncio.run(talk())


def die(job, line):
    """Ends in the way it is told."""
    line.send("here")
    if job == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if job == "exit":
        os._exit(7)
    if job == "sleep":
        time.sleep(60)
