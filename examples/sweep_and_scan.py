"""Sweep, and scan each host as soon as it answers: `python sweep_and_scan.py TARGET [PORTS]`

Two kinds of work at once in one program, with `async for`; at most eight hosts are scanned at the same time.
"""

from __future__ import annotations

import asyncio
import sys

import shoal

AT_ONCE = 8


async def main(target: str, ports: str = "top:100") -> None:
    """Print every live host with its open ports, in the order they are finished."""
    places = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as scans:
        async for host in shoal.ping(target):
            scans.create_task(look(host.address, ports, places))


async def look(address: str, ports: str, places: asyncio.Semaphore) -> None:
    """Scan one host and print a line."""
    async with places:
        found = [port.port async for port in shoal.scan(address, ports)]
    print(address, *sorted(found) or ["nothing open"])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        asyncio.run(main(*sys.argv[1:]))
    except* shoal.ShoalError as problems:  # of the sweep, or of one of the scans
        sys.exit(str(problems.exceptions[0]))
