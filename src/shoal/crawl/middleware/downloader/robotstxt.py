"""Downloader middleware: what a site's robots.txt forbids is not fetched (RFC 9309).

The one rule: a site is asked before anything else is fetched from it, again after a day, and its answer is read as
`policy/robots.py` says. A host that cannot be found has no rules: the page's own download will tell.
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from shoal.crawl import signals
from shoal.crawl.components import build_from_crawler, load_object, object_path
from shoal.crawl.exceptions import AddressRefusedError, CannotResolveHostError, IgnoreRequest, NotConfigured
from shoal.crawl.mappings import LocalCache
from shoal.crawl.middleware.downloader.pauses import space_slot
from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.policy.addresses import FROM_PUBLIC
from shoal.crawl.policy.robots import MOST_SITES, Answer, answer_of, readable, site_of
from shoal.crawl.request import NO_CALLBACK, Request

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.response_base import Response
    from shoal.crawl.robotstxt import RobotParser

logger = logging.getLogger("scrapy.downloadermiddlewares.robotstxt")

_ASKED_SCHEMES = ("http", "https")
_POLICIES = ("rfc9309", "scrapy")


def _is_browsers(agent: str) -> bool:
    return agent.startswith("Mozilla/") and "compatible;" not in agent


def _site(request: Request) -> str:
    parts = parsed_url(request)
    return site_of(parts.scheme, parts.netloc)


class _DenyAll:
    """The rules of a site that could not tell its rules, and `why`."""

    def __init__(self, why: str) -> None:
        self.why = why

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:  # noqa: ARG002
        return False


class _Rules(NamedTuple):
    parser: Any  # a RobotParser, _DenyAll, or None where everything is allowed
    until: float


class RobotsTxtMiddleware:
    """Raises IgnoreRequest for what is forbidden; `meta["dont_obey_robotstxt"]` lets a request pass unasked."""

    DOWNLOAD_PRIORITY: int = 1000

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self.crawler = crawler
        self._default_useragent: str = settings.get("USER_AGENT", "Scrapy")
        self._robotstxt_useragent: str | None = settings.get("ROBOTSTXT_USER_AGENT")
        if not self._robotstxt_useragent and _is_browsers(self._default_useragent):
            logger.warning(
                "ROBOTSTXT_OBEY is on, but USER_AGENT is that of a browser, for which no site has rules: "
                "set ROBOTSTXT_USER_AGENT to the name that sites know you by."
            )
        self._parser_class: Any = load_object(settings.get("ROBOTSTXT_PARSER"))
        self._policy = str(settings.get("ROBOTSTXT_POLICY")).lower()
        if self._policy not in _POLICIES:
            raise ValueError(f"ROBOTSTXT_POLICY is {self._policy!r}, but must be one of {', '.join(_POLICIES)}.")
        self._keep = settings.getfloat("ROBOTSTXT_CACHE_SECS")
        self._keep_error = settings.getfloat("ROBOTSTXT_ERROR_CACHE_SECS")
        self._longest_delay = settings.getfloat("ROBOTSTXT_CRAWL_DELAY_MAX")
        self._known: LocalCache[str, _Rules] = LocalCache(MOST_SITES)
        self._asked: dict[str, asyncio.Task[Any]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's settings. Raises NotConfigured unless ROBOTSTXT_OBEY says yes."""
        return cls(crawler)

    async def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Raise IgnoreRequest for a forbidden request, after asking the site where that is due."""
        if request._meta and request._meta.get("dont_obey_robotstxt"):
            return
        if parsed_url(request).scheme not in _ASKED_SCHEMES:
            return
        site = _site(request)
        known = self._known.get(site)
        if known is not None and known.until > monotonic():
            self.process_request_2(known.parser, request)
            return
        asked = self._asked.get(site)
        if asked is None:
            asked = self._asked[site] = asyncio.ensure_future(self._ask(site, request))
        # A request that is given up must not take the answer away from the others that wait for it.
        self.process_request_2(await asyncio.shield(asked), request)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise IgnoreRequest for what the rules `rp` forbid us."""
        if rp is None or rp.allowed(request.url, self._agent(request)):
            return
        logger.debug(
            "Forbidden by robots.txt: %(request)s", {"request": request}, extra={"spider": self.crawler.spider}
        )
        self.crawler.stats.inc_value("robotstxt/forbidden")
        lacking = f", which cannot be had: {rp.why}" if isinstance(rp, _DenyAll) else ""
        raise IgnoreRequest(f"Forbidden by robots.txt{lacking}")

    def _agent(self, request: Request) -> str | bytes:
        """The name under which the site may have rules for us."""
        if self._robotstxt_useragent:
            return self._robotstxt_useragent
        named = dict.get(request.headers, b"User-Agent")
        return (named[-1] if named else None) or self._default_useragent

    async def _ask(self, site: str, request: Request) -> Any:
        """Fetch and remember the rules of a site: a parser, or None where everything is allowed."""
        try:
            parser, keep = await self._fetch(site, request)
            if keep:
                self._known[site] = _Rules(parser, monotonic() + keep)
            return parser
        finally:
            del self._asked[site]

    async def _fetch(self, site: str, request: Request) -> tuple[Any, float]:
        """The rules of a site, and for how long they hold."""
        asking = Request(
            f"{site}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, **_origin(request)},
            callback=NO_CALLBACK,
            dont_filter=True,
        )
        self.crawler.stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(asking)
        except IgnoreRequest:
            return None, self._keep_error
        except AddressRefusedError:
            # The request itself will be refused, for that reason; another one to the same site may not be.
            return None, 0
        except Exception as problem:
            return self._unreachable(asking, problem)
        return await self._read(response, request)

    def _unreachable(self, asking: Request, problem: Exception) -> tuple[Any, float]:
        logger.error(
            "Error downloading %(request)s: %(problem)s",
            {"request": asking, "problem": problem},
            exc_info=problem,
            extra={"spider": self.crawler.spider},
        )
        self.crawler.stats.inc_value(f"robotstxt/exception_count/{object_path(type(problem))}")
        if isinstance(problem, CannotResolveHostError):
            return None, 0
        return self._denied(asking.url, str(problem) or type(problem).__name__)

    def _denied(self, url: str, why: str) -> tuple[Any, float]:
        if self._policy == "scrapy":
            return None, self._keep_error
        logger.warning(
            f"No answer about what may be fetched, so nothing is fetched for {self._keep_error:g} s: {url} ({why})",
            extra={"spider": self.crawler.spider},
        )
        return _DenyAll(why), self._keep_error

    async def _read(self, response: Response, request: Request) -> tuple[Any, float]:
        self.crawler.stats.inc_value("robotstxt/response_count")
        self.crawler.stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        answer = Answer.READ if self._policy == "scrapy" else answer_of(response.status)
        if answer is Answer.ALLOW:
            return None, self._keep
        if answer is Answer.DENY:
            return self._denied(response.url, f"status {response.status}")
        parser: RobotParser = build_from_crawler(self._parser_class, self.crawler, readable(response.body))
        self._space(parser, request)
        if self.crawler.signals.has_receivers(signals.robots_parsed):
            await self.crawler.signals.send_catch_log_async(
                signal=signals.robots_parsed, robotparser=parser, request=request, spider=self.crawler.spider
            )
        return parser, self._keep

    def _space(self, parser: RobotParser, request: Request) -> None:
        """Keep the distance between requests that the site asks for, up to ROBOTSTXT_CRAWL_DELAY_MAX."""
        ask = getattr(parser, "crawl_delay", None)
        wanted = ask(self._agent(request)) if ask else None
        if not wanted or not self._longest_delay:
            return
        if wanted > self._longest_delay:
            logger.warning(
                f"{_site(request)} asks for {wanted:g} s between requests; "
                f"ROBOTSTXT_CRAWL_DELAY_MAX makes that {self._longest_delay:g} s.",
                extra={"spider": self.crawler.spider},
            )
        space_slot(self.crawler, request, min(wanted, self._longest_delay))


def _origin(request: Request) -> dict[str, Any]:
    """What the guard of addresses knows a request by."""
    meta = request._meta or {}
    return {key: meta[key] for key in (FROM_PUBLIC, "is_start_request", "depth") if key in meta}
