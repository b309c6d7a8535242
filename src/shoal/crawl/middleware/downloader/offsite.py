"""Downloader middleware: requests that leave the spider's domains go no further.

The one rule: `allowed_domains` is obeyed as it is at the moment; subdomains belong to a domain, ports do not matter.
A request with `dont_filter`, or with `meta["allow_offsite"]`, may go anywhere.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import IgnoreRequest
from shoal.crawl.parsed_url import parsed_url

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider

logger = logging.getLogger("scrapy.downloadermiddlewares.offsite")

_KNOWN_HOSTS_LIMIT = 10_000
_REFUSED_LIMIT = 100_000  # hrefs, of about 150 bytes each


class OffsiteMiddleware:
    """Filters by `allowed_domains` of the spider; a subclass may say otherwise in `should_follow`."""

    crawler: Crawler

    def __init__(self, stats: Any) -> None:
        self.stats = stats
        self.domains_seen: set[str] = set()
        self._domains: list[Any] | None = None
        self._known: dict[str, bool] = {}
        self._refused: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for the crawler's spider."""
        middleware = cls(crawler.stats)
        middleware.crawler = crawler
        crawler.signals.connect(middleware.spider_opened, signal=signals.spider_opened)
        return middleware

    def spider_opened(self, spider: Spider) -> None:
        """Read the domains; a spider that has some is filtered before its requests are queued."""
        self._read_domains(spider)
        if self._domains:
            self.crawler.signals.connect(self.request_scheduled, signal=signals.request_scheduled)

    def request_scheduled(self, request: Request, spider: Spider) -> None:
        """Raise IgnoreRequest for a request that is not to be queued."""
        self._check(request, spider)

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Raise IgnoreRequest for a request that is not to be sent."""
        self._check(request, self.crawler.spider)

    def refused_links(self) -> set[str]:
        """The absolute hrefs that were refused, for whoever leaves out links before they are requests.

        They are forgotten when the spider's domains change, and when there are too many.
        """
        spider: Any = self.crawler.spider
        if getattr(spider, "allowed_domains", None) != self._domains:
            self._read_domains(spider)
        if len(self._refused) >= _REFUSED_LIMIT:
            self._refused.clear()
        return self._refused

    def count_refused(self, number: int) -> None:
        """So many links were left out because they had been refused."""
        if number:
            self.stats.inc_value("offsite/filtered", number)

    def _check(self, request: Request, spider: Any) -> None:
        if request.dont_filter or (request._meta and request._meta.get("allow_offsite")):
            return
        if self.should_follow(request, spider):
            return
        domain = parsed_url(request).hostname or str(request)
        if domain not in self.domains_seen:
            self.domains_seen.add(domain)
            logger.debug(
                "Filtered offsite request to %(domain)r: %(request)s",
                {"domain": domain, "request": request},
                extra={"spider": spider},
            )
            self.stats.inc_value("offsite/domains")
        self.stats.inc_value("offsite/filtered")
        raise IgnoreRequest(f"Filtered offsite request to {domain!r}")

    def should_follow(self, request: Request, spider: Spider) -> bool:
        """Whether the request stays within the spider's domains."""
        if getattr(spider, "allowed_domains", None) != self._domains:
            self._read_domains(spider)
        if not self._domains:
            return True
        host = parsed_url(request).hostname or ""
        known = self._known.get(host)
        if known is None:
            if len(self._known) >= _KNOWN_HOSTS_LIMIT:
                self._known.clear()
            known = self._known[host] = self.host_regex.search(host) is not None
        return known

    def _read_domains(self, spider: Spider) -> None:
        domains = getattr(spider, "allowed_domains", None)
        self.host_regex = self.get_host_regex(spider)
        self._domains = None if domains is None else list(domains)
        self._known = {}
        self._refused.clear()

    def get_host_regex(self, spider: Spider) -> re.Pattern[str]:
        """A pattern that is found in the names of hosts within the spider's domains."""
        domains = [domain for domain in getattr(spider, "allowed_domains", None) or () if _is_domain(domain)]
        if not domains:
            return re.compile("")
        return re.compile(rf"^(?:.*\.)?(?:{'|'.join(re.escape(domain) for domain in domains)})$", re.IGNORECASE)


def _is_domain(text: str | None) -> bool:
    """Whether an entry can be a domain; what cannot is told, and ignored."""
    if text is None:
        return False
    if re.match(r"https?://", text):
        logger.warning("allowed_domains takes domains, not URLs: %r is ignored.", text)
        return False
    if re.search(r":\d+$", text):
        logger.warning("allowed_domains takes domains without ports: %r is ignored.", text)
        return False
    return True
