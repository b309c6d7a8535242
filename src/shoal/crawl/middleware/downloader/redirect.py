"""Downloader middlewares: responses that say the page is elsewhere are answered with a request for that place.

The one rule: a chain of redirects ends: after REDIRECT_MAX_TIMES hops, or when the same request (method, URL, cookies)
was answered twice and comes again; then the errback hears of it. `policy/redirects.py`
decides where to, and what goes along.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.components import load_object, object_path
from shoal.crawl.download.guard import note_origin
from shoal.crawl.exceptions import IgnoreRequest, NotConfigured
from shoal.crawl.page import meta_refresh
from shoal.crawl.policy.redirects import (
    CONTENT_HEADERS,
    REDIRECTS,
    hop_mark,
    is_web,
    location_url,
    next_method,
    origin_of,
    private_headers,
)
from shoal.crawl.response import HtmlResponse

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings

logger = logging.getLogger("scrapy.downloadermiddlewares.redirect")

_REFERER = "scrapy.spidermiddlewares.referer.RefererMiddleware"


class BaseRedirectMiddleware:
    """What the two kinds of redirects have in common."""

    enabled_setting = "REDIRECT_ENABLED"
    crawler: Crawler

    def __init__(self, settings: BaseSettings) -> None:
        if not settings.getbool(self.enabled_setting):
            raise NotConfigured
        self.max_redirect_times = settings.getint("REDIRECT_MAX_TIMES")
        self.priority_adjust = settings.getint("REDIRECT_PRIORITY_ADJUST")
        self._referer_spider_middleware: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's settings. Raises NotConfigured when the setting of its kind says no."""
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        crawler.signals.connect(middleware._engine_started, signal=signals.engine_started)
        return middleware

    def _engine_started(self) -> None:
        """Find who decides about Referer headers; warn when nobody does."""
        self._referer_spider_middleware = self.crawler.get_spider_middleware(load_object(_REFERER))
        if self._referer_spider_middleware:
            return
        own = object_path(type(self))
        if type(self).__module__.startswith("shoal."):
            advice = f"replace {own} with a subclass that overrides the handle_referer() method"
        else:
            advice = f"edit {own} (if defined in your code base) to override the handle_referer() method"
        logger.warning(
            f"{own} found no {_REFERER}: redirected requests will have no Referer header. To change that, "
            f"enable {_REFERER} (or a subclass), or {advice}."
        )

    def handle_referer(self, request: Request, response: Response) -> None:
        """Drop the Referer of the redirected `request`, or set the one that the referrer policy wants."""
        request.headers.pop("Referer", None)
        if self._referer_spider_middleware:
            self._referer_spider_middleware.get_processed_request(request, response)

    def _build_redirect_request(self, source: Request, response: Response, *, url: str, method: str) -> Request:
        """The request for `url` in place of `source`."""
        redirected: Request = source.replace(url=url, method=method, cookies=None)
        if method != source.method:
            redirected = redirected.replace(body=b"")
            for name in CONTENT_HEADERS:
                redirected.headers.pop(name, None)
        self._drop_private(source, redirected)
        note_origin(response, source, redirected.meta)
        self.handle_referer(redirected, response)
        return redirected

    def _drop_private(self, source: Request, redirected: Request) -> None:
        """Leave behind what was meant for the origin of `source` only."""
        for name in private_headers(source.url, redirected.url):
            redirected.headers.pop(name, None)
        before, after, meta = origin_of(source.url), origin_of(redirected.url), redirected.meta
        if before != after and "http_auth_domain" not in meta:
            meta.pop("http_user", None)
            meta.pop("http_pass", None)
        # The environment names a proxy for each scheme; the other scheme has another one, or none.
        if before.scheme != after.scheme and meta.pop("_scheme_proxy", False):
            redirected.headers.pop("Proxy-Authorization", None)
            meta.pop("proxy", None)
            meta.pop("_auth_proxy", None)

    def _redirect(self, redirected: Request, request: Request, reason: int | str) -> Request:
        """Note the hop. Raises IgnoreRequest when the chain is too long or goes in a circle."""
        meta = request.meta
        left = meta.get("redirect_ttl", self.max_redirect_times)
        times = meta.get("redirect_times", 0) + 1
        mark = hop_mark(request.method, request.url, request.headers.get("Cookie"))
        if not left or times > self.max_redirect_times:
            self._give_up(request, "max redirections reached")
        if list(meta.get("_redirect_hops", ())).count(mark) > 1:
            self._give_up(request, "redirect loop")
        urls = [*meta.get("redirect_urls", ()), request.url]
        redirected.meta.update(
            redirect_times=times,
            redirect_ttl=left - 1,
            redirect_urls=urls,
            redirect_reasons=[*meta.get("redirect_reasons", ()), reason],
            _redirect_hops=[*meta.get("_redirect_hops", ()), mark],
        )
        # A page may send us to itself, with a cookie this time: no duplicate filter may stop that.
        redirected.dont_filter = request.dont_filter or redirected.url in urls
        redirected.priority = request.priority + self.priority_adjust
        logger.debug(
            "Redirecting (%(reason)s) to %(redirected)s from %(request)s",
            {"reason": reason, "redirected": redirected, "request": request},
            extra={"spider": self.crawler.spider},
        )
        return redirected

    def _give_up(self, request: Request, why: str) -> None:
        logger.debug(f"Discarding %(request)s: {why}", {"request": request}, extra={"spider": self.crawler.spider})
        raise IgnoreRequest(why)


class RedirectMiddleware(BaseRedirectMiddleware):
    """Follows 301, 302, 303, 307 and 308 with a Location header, unless somebody wants to see that status."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Any = None,  # noqa: ARG002
    ) -> Request | Response:
        """The response, or the request for where it leads."""
        if response.status not in REDIRECTS or self._is_wanted(request, response.status):
            return response
        location = response.headers.get("Location")
        if not location:
            return response
        url = location_url(request.url, location)
        if not is_web(url):
            return response
        redirected = self._build_redirect_request(
            request, response, url=url, method=next_method(response.status, request.method)
        )
        return self._redirect(redirected, request, response.status)

    def _is_wanted(self, request: Request, status: int) -> bool:
        """Whether the callback asked to see responses of that status as they are."""
        meta = request.meta
        return bool(
            meta.get("dont_redirect", False)
            or status in getattr(self.crawler.spider, "handle_httpstatus_list", ())
            or status in meta.get("handle_httpstatus_list", ())
            or meta.get("handle_httpstatus_all", False)
        )


class MetaRefreshMiddleware(BaseRedirectMiddleware):
    """Follows `<meta http-equiv="refresh">` of HTML pages that wait less than METAREFRESH_MAXDELAY seconds."""

    enabled_setting = "METAREFRESH_ENABLED"

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._ignore_tags = settings.getlist("METAREFRESH_IGNORE_TAGS")
        self._maxdelay = settings.getint("METAREFRESH_MAXDELAY")

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Any = None,  # noqa: ARG002
    ) -> Request | Response:
        """The response, or the request for where it leads."""
        if not isinstance(response, HtmlResponse) or not _may_refresh(response):
            return response
        if request.meta.get("dont_redirect", False) or request.method == "HEAD" or not is_web(request.url):
            return response
        interval, url = meta_refresh(response, ignore_tags=self._ignore_tags)
        if interval is None or url is None or interval >= self._maxdelay or not is_web(url):
            return response
        redirected = self._build_redirect_request(request, response, url=url, method="GET")
        return self._redirect(redirected, request, "meta refresh")


def _may_refresh(response: HtmlResponse) -> bool:
    """Whether a look at the text is worth its time: it takes longer than all the rest of the chain."""
    head = response._small_head()
    return b"refresh" in head or b"\0" in head
