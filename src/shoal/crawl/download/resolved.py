"""Addresses of hosts as downloads found them, for slots by address.

The one rule: nothing is looked up here; what is not known yet goes by its name.
"""

from __future__ import annotations

from typing import Any

from shoal.crawl.mappings import LocalCache

#: Host name -> address, of the last 10,000 hosts.
dnscache: LocalCache[str, str] = LocalCache(10_000)


def pairs_of(overrides: dict[Any, Any] | list[Any]) -> list[tuple[str, str]]:
    """Hosts and the addresses to use for them, from {host: address} or ["host:address"].

    Raises ValueError for an entry without an address.
    """
    if isinstance(overrides, dict):
        return [(str(host), str(address)) for host, address in overrides.items()]
    return [_pair(str(entry)) for entry in overrides]


def _pair(entry: str) -> tuple[str, str]:
    host, _, address = entry.partition(":")
    if not host or not address:
        raise ValueError(f"DOWNLOAD_RESOLVE: {entry!r} is not of the form host:address")
    return host, address
