"""One member of a cluster: a scheduler or a worker, in a process of its own.

The one rule: it listens where it is told and nowhere else, and ends with whoever started it: when its standard input
ends, or with SIGTERM. Run as `python -m shoal.cluster.member`, with `Member` as JSON in the one argument.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOWHERE = "127.0.0.1:0"
"""Dask's status pages cannot be left out: they are bound to loopback, at a port that nobody is told."""
CONFIGURATION = {
    "distributed.scheduler.allowed-failures": 3,
    "distributed.admin.tick.limit": "1 h",  # a job that computes holds the lock, and need not be told so
    "distributed.comm.timeouts.connect": "10 s",
    "distributed.worker.memory.terminate": False,
    "logging": {"distributed": "error"},
}


@dataclass(frozen=True)
class Member:
    """What it is to be.

    role        "scheduler" or "worker"
    host, port  where it listens; port 0 is any
    scheduler   the scheduler's address, for a worker
    keys        folder of the keys; empty: no encryption
    threads     jobs at a time, for a worker
    dashboard   where the scheduler's pages are shown, empty: nowhere
    lost        seconds after which a scheduler gives up a worker that it does not hear of, and its jobs to others
    allow       file of targets outside of which a worker probes and asks nothing; empty: no such bound
    """

    role: str
    host: str
    port: int = 0
    scheduler: str = ""
    keys: str = ""
    threads: int = 1
    dashboard: str = ""
    lost: float = 15.0
    allow: str = ""
    name: str = ""


async def run(member: Member) -> None:
    """Be it until told to end; the first line printed is the address."""
    import dask

    dask.config.set(CONFIGURATION | {"distributed.scheduler.worker-ttl": f"{member.lost} s"})
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    loop.add_reader(0, _read_standard_input, ended)
    with tempfile.TemporaryDirectory(prefix="shoal-member-") as folder:
        server = _server(member, folder)
        async with server:
            print(server.address, flush=True)  # noqa: T201 - for whoever started us
            finished = asyncio.ensure_future(server.finished())
            ending = asyncio.ensure_future(ended.wait())
            await asyncio.wait((finished, ending), return_when=asyncio.FIRST_COMPLETED)
            for waiting in (finished, ending):
                waiting.cancel()


def _read_standard_input(ended: asyncio.Event) -> None:
    with suppress(BlockingIOError):
        if not os.read(0, 4096):
            asyncio.get_running_loop().remove_reader(0)
            ended.set()


def _server(member: Member, folder: str) -> Any:
    from distributed import Scheduler, Worker

    from shoal.cluster import keys

    security = keys.read(Path(member.keys)).security() if member.keys else None
    protocol = "tls" if member.keys else "tcp"
    if member.role == "scheduler":
        return Scheduler(
            host=member.host,
            port=member.port,
            protocol=protocol,
            security=security,
            dashboard=bool(member.dashboard),
            dashboard_address=member.dashboard or NOWHERE,
        )
    return Worker(
        member.scheduler,
        host=member.host,
        nthreads=member.threads,
        security=security,
        protocol=protocol,
        local_directory=folder,
        dashboard_address=NOWHERE,
        dashboard=False,
        memory_limit=0,
        death_timeout=60,
        name=member.name or None,
    )


def main() -> int:
    """Read what to be from the command line."""
    member = Member(**json.loads(sys.argv[1]))
    if member.allow:
        os.environ["SHOAL_ALLOW"] = member.allow
    asyncio.run(run(member))
    return 0


if __name__ == "__main__":
    sys.exit(main())
