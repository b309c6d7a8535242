"""Addresses of hosts as downloads found them, for slots by address.

The one rule: nothing is looked up here; what is not known yet goes by its name.
"""

from __future__ import annotations

from shoal.crawl.mappings import LocalCache

#: Host name -> address, of the last 10,000 hosts.
dnscache: LocalCache[str, str] = LocalCache(10_000)
