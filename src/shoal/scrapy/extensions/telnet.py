"""Scrapy's telnet console, which Shoal does not have: a port that runs any code is no way to look at a crawl.

Settings that name it do no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.exceptions import NotConfigured

if TYPE_CHECKING:
    from typing import NoReturn

    from shoal.crawl.crawler import Crawler

__all__ = ["TelnetConsole", "update_telnet_vars"]

#: A signal that is never sent.
update_telnet_vars = object()


class TelnetConsole:
    """Never there: building one says so where TELNETCONSOLE_ENABLED asks for it."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NoReturn:
        """Raises NotConfigured."""
        if crawler.settings.getbool("TELNETCONSOLE_ENABLED"):
            raise NotConfigured("Shoal has no telnet console; StackTraceDump tells what a crawl is doing")
        raise NotConfigured
