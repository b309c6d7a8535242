"""`spider.state`: a dict that is still there when the same job is run again.

The one rule: the file holds data, never code. What cannot be written as data is refused when the crawl ends, by name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.plain_data import dumps, loads

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spider import Spider


class SpiderState:
    """Keeps `spider.state` in the job's directory; without a directory it is only a dict."""

    def __init__(self, jobdir: str | None = None) -> None:
        self.jobdir = jobdir

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for the crawler's JOBDIR. Raises NotConfigured without."""
        jobdir = crawler.settings["JOBDIR"]
        if not jobdir:
            raise NotConfigured
        extension = cls(jobdir)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        """Give the spider what it had."""
        state: dict[str, Any] = {}
        if self.jobdir and self.statefn.exists():
            state = loads(self.statefn.read_text(encoding="utf-8"))
        spider.state = state  # type: ignore[attr-defined]

    def spider_closed(self, spider: Spider) -> None:
        """Keep what it has: a new file in place of the old one, so that a crash leaves one of the two."""
        if not self.jobdir:
            return
        written = self.statefn.with_suffix(".new")
        written.write_text(dumps(spider.state), encoding="utf-8")  # type: ignore[attr-defined]
        written.replace(self.statefn)

    @property
    def statefn(self) -> Path:
        """The file."""
        return Path(self.jobdir or "") / "spider.state.json"
