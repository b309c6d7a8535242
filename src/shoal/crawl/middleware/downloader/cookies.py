"""Downloader middleware: cookies are taken from responses and sent where they belong, as browsers do.

The one rule: a jar for each value of `meta["cookiejar"]`, and no jar sees the cookies of another;
`meta["dont_merge_cookies"]` keeps a request and its response out of it. A job (JOBDIR) keeps its jars for the next run:
they are written soon after they change, so that a process that is killed loses a second's cookies at most, or as much
as a hundredth of its time can write.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.cookie_file import load_jars, save_jars
from shoal.crawl.cookies import CookieJar
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.jobdir import job_dir
from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.policy.cookies import allowed_domain
from shoal.crawl.request import cookie_list
from shoal.crawl.response_base import Response

if TYPE_CHECKING:
    from collections.abc import Iterable
    from http.cookiejar import Cookie
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request

logger = logging.getLogger("scrapy.downloadermiddlewares.cookies")
# Scrapy's name of the logger for cookies that a request gives in a wrong way.
_request_logger = logging.getLogger("scrapy.utils.request")

_REST = 1.0

# Names as they are stored need not be normalised again.
_has = dict.__contains__


class CookiesMiddleware:
    """Keeps `jars`, the cookie jars by key; `debug` (COOKIES_DEBUG) logs what is sent and received."""

    crawler: Crawler | None = None
    _file: Path | None = None
    # When the jars may be written again, by time.monotonic().
    _rest_until = 0.0

    def __init__(self, debug: bool = False) -> None:
        self.jars: defaultdict[Any, CookieJar] = defaultdict(CookieJar)
        self.debug = debug

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for the crawler. Raises NotConfigured when COOKIES_ENABLED says no."""
        if not crawler.settings.getbool("COOKIES_ENABLED"):
            raise NotConfigured
        middleware = cls(crawler.settings.getbool("COOKIES_DEBUG"))
        middleware.crawler = crawler
        jobdir = job_dir(crawler.settings)
        if jobdir:
            middleware._file = Path(jobdir, "cookies.json")
            crawler.signals.connect(middleware.spider_opened, signal=signals.spider_opened)
            crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    def spider_opened(self) -> None:
        """Take over the cookies of the job's last run."""
        if self._file is not None:
            load_jars(self._file, self.jars)

    def spider_closed(self) -> None:
        """Keep the cookies for the job's next run."""
        if self._file is not None:
            save_jars(self._file, self.jars)

    def _keep(self) -> None:
        """Write the jars, unless that was done a moment ago."""
        began = monotonic()
        if self._file is None or began < self._rest_until:
            return
        save_jars(self._file, self.jars)
        now = monotonic()
        self._rest_until = now + max(_REST, 100 * (now - began))

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Set the Cookie header: the request's own cookies join the jar first."""
        meta = request._meta
        if meta and meta.get("dont_merge_cookies", False):
            return
        jar = self.jars[meta.get("cookiejar") if meta else None]
        if request._cookies:
            self._process_cookies(self._get_request_cookies(jar, request), jar, request)
        if request._headers:
            request._headers.pop(b"Cookie", None)
        if jar._cookies:
            jar.add_cookie_header(request)
            self._debug_cookie(request)

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Response:  # noqa: ARG002
        """Take over the cookies that the response sets."""
        headers = response._headers
        if not headers or not (_has(headers, b"Set-Cookie") or _has(headers, b"Set-Cookie2")):
            return response
        meta = request._meta
        if meta and meta.get("dont_merge_cookies", False):
            return response
        jar = self.jars[meta.get("cookiejar") if meta else None]
        self._process_cookies(jar.make_cookies(response, request), jar, request)
        self._keep()
        self._debug_set_cookie(response)
        return response

    def _process_cookies(self, cookies: Iterable[Cookie], jar: CookieJar, request: Request) -> None:
        """Put the cookies into the jar that the request's host may set."""
        host = parsed_url(request).hostname or ""
        for cookie in cookies:
            domain = allowed_domain(cookie.domain, host)
            if domain is not None:
                cookie.domain = domain
                jar.set_cookie_if_ok(cookie, request)

    def _get_request_cookies(self, jar: CookieJar, request: Request) -> Iterable[Cookie]:
        """The cookies that the request itself gives; one that names no `secure` is secure when its URL is."""
        if not request._cookies:
            return []
        secure = parsed_url(request).scheme == "https"
        lines = [self._format_cookie({"secure": secure, **cookie}, request) for cookie in cookie_list(request.cookies)]
        header = {b"Set-Cookie": [line for line in lines if line is not None]}
        return jar.make_cookies(Response(request.url, headers=header), request)

    def _format_cookie(self, cookie: dict[str, Any], request: Request) -> str | None:
        """The cookie as a Set-Cookie header has it; None, and a warning, when it has no name or no value."""
        for key in ("name", "value"):
            if cookie.get(key) is None:
                shown = {**{k: v for k, v in cookie.items() if k != "secure"}, "secure": cookie["secure"]}
                _request_logger.warning(f"Invalid cookie found in request {request}: {shown} ('{key}' is missing)")
                return None
        line = f"{_text(cookie['name'])}={_text(cookie['value'])}"
        for key in ("path", "domain"):
            if cookie.get(key) is not None:
                line += f"; {key.capitalize()}={_text(cookie[key])}"
        return line + ("; Secure" if cookie["secure"] else "")

    def _debug_cookie(self, request: Request) -> None:
        if self.debug:
            sent = request.headers.getlist("Cookie")
            self._log(f"Sending cookies to: {request}\n", "Cookie", sent)

    def _debug_set_cookie(self, response: Response) -> None:
        if self.debug:
            self._log(f"Received cookies from: {response}\n", "Set-Cookie", response.headers.getlist("Set-Cookie"))

    def _log(self, head: str, name: str, values: list[bytes]) -> None:
        if values:
            lines = "".join(f"{name}: {value.decode(errors='replace')}\n" for value in values)
            logger.debug(head + lines, extra={"spider": self.crawler.spider if self.crawler else None})


def _text(value: Any) -> str:
    """A name or value as text: bytes are UTF-8, or else Latin-1."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
