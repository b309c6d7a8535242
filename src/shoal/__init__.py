"""Shoal: thousands of small network conversations put to work as one job.

Results come as they are found:

    for port in shoal.scan("192.168.0.1", ports="22,80,443"):
        print(port.address, port.port, port.reason, port.rtt)
    async for host in shoal.ping("192.168.0.0/24"):
        ...
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["HostReport", "HostResult", "MachineError", "PortResult", "Run", "ShoalError", "UsageError", "ping", "scan"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shoal.api import ping, scan
    from shoal.errors import MachineError, ShoalError, UsageError
    from shoal.scanner.result import HostReport, HostResult, PortResult, Run

_HOMES = {
    "ping": "shoal.api",
    "scan": "shoal.api",
    "MachineError": "shoal.errors",
    "ShoalError": "shoal.errors",
    "UsageError": "shoal.errors",
    "HostReport": "shoal.scanner.result",
    "HostResult": "shoal.scanner.result",
    "PortResult": "shoal.scanner.result",
    "Run": "shoal.scanner.result",
}


def __getattr__(name: str) -> object:
    """Public names are imported when they are first used: `pmap.py` needs none of them and starts in 15 ms."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
