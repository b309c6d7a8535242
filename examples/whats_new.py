"""Which ports have opened or closed since the last run? `python whats_new.py FILE.json TARGET [PORTS]`

The one rule: only what both runs have looked at is compared. A port that was not scanned has not closed.
"""

from __future__ import annotations

import json
import os
import sys

import shoal
from shoal.net.ports import parse_ports


def main(file: str, target: str, ports: str = "1-1024") -> int:
    """Scan, compare with the file, replace it; 1 if something has changed, 3 if the scan was not complete."""
    before = read(file) if os.path.exists(file) else None
    scan = shoal.scan(target, ports, outputs=[file])
    now = {(found.address, found.port) for found in scan}
    if scan.run.how_ended != "completed" or scan.run.problems:
        print(f"not compared: the scan {scan.run.how_ended}, with {len(scan.run.problems)} problems")
        return 3
    if before is None:
        print(f"{len(now)} open ports, nothing to compare with yet")
        return 0
    if before["scanned"]["targets"] != scan.run.targets or before["how_ended"] != "completed":
        print("not compared: the run before had other targets, or was not complete")
        return 3
    return tell(now, before, set(parse_ports(ports)))


def tell(now: set[tuple[str, int]], before: dict, looked_at: set[int]) -> int:
    """Print a line for each change."""
    looked_at &= set(parse_ports(before["scanned"]["ports"]))
    then = {(host["address"], port["port"]) for host in before["hosts"] for port in host["ports"]}
    changes = sorted(change for change in now ^ then if change[1] in looked_at)
    for address, port in changes:
        print(f"{address}:{port}", "has opened" if (address, port) in now else "is open no more")
    return 1 if changes else 0


def read(file: str) -> dict:
    """The document of the run before."""
    with open(file, encoding="utf-8") as text:
        return json.load(text)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except shoal.ShoalError as problem:
        sys.exit(str(problem))
    except TypeError:
        sys.exit(__doc__)
