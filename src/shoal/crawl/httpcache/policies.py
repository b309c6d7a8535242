"""Which responses are kept, and which kept ones are used.

The one rule: a policy looks at one request and one response; numbers are computed in `policy/freshness.py`.
"""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.policy.freshness import LASTING, CacheControl, age, lifetime, parse_cachecontrol, seconds_of

if TYPE_CHECKING:
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings


class DummyPolicy:
    """Keeps everything and uses it for ever: for developing a spider without troubling the site."""

    def __init__(self, settings: BaseSettings) -> None:
        self.ignore_schemes = settings.getlist("HTTPCACHE_IGNORE_SCHEMES")
        self.ignore_http_codes = [int(code) for code in settings.getlist("HTTPCACHE_IGNORE_HTTP_CODES")]

    def should_cache_request(self, request: Request) -> bool:
        """Whether the answer to this request may come from the cache, or go into it."""
        return parsed_url(request).scheme not in self.ignore_schemes

    def should_cache_response(self, response: Response, request: Request) -> bool:  # noqa: ARG002
        """Whether to keep this response."""
        return response.status not in self.ignore_http_codes

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:  # noqa: ARG002
        """Whether the kept response will do without asking."""
        return True

    def is_cached_response_valid(
        self,
        cachedresponse: Response,  # noqa: ARG002
        response: Response,  # noqa: ARG002
        request: Request,  # noqa: ARG002
    ) -> bool:
        """Whether the kept response will do, now that the server has answered."""
        return True


class RFC2616Policy:
    """Keeps and uses what HTTP's rules for caches allow; asks again with the validators that the server gave."""

    def __init__(self, settings: BaseSettings) -> None:
        self.always_store = settings.getbool("HTTPCACHE_ALWAYS_STORE")
        self.ignore_schemes = settings.getlist("HTTPCACHE_IGNORE_SCHEMES")
        ignored = settings.getlist("HTTPCACHE_IGNORE_RESPONSE_CACHE_CONTROLS")
        self.ignore_response_cache_controls = [one if isinstance(one, bytes) else one.encode() for one in ignored]

    def _of_request(self, request: Request) -> CacheControl:
        return parse_cachecontrol(request.headers.get(b"Cache-Control", b"") or b"")

    def _of_response(self, response: Response) -> CacheControl:
        directives = parse_cachecontrol(response.headers.get(b"Cache-Control", b"") or b"")
        for ignored in self.ignore_response_cache_controls:
            directives.pop(ignored, None)
        return directives

    def should_cache_request(self, request: Request) -> bool:
        """Whether the answer to this request may come from the cache, or go into it."""
        return parsed_url(request).scheme not in self.ignore_schemes and b"no-store" not in self._of_request(request)

    def should_cache_response(self, response: Response, request: Request) -> bool:  # noqa: ARG002
        """Whether to keep this response: one that says how long it lasts, or that can be asked about again."""
        directives = self._of_response(response)
        if b"no-store" in directives or response.status == 304:
            return False
        if self.always_store or b"max-age" in directives or b"Expires" in response.headers:
            return True
        if response.status in LASTING:
            return True
        validated = b"Last-Modified" in response.headers or b"ETag" in response.headers
        return response.status in (200, 203, 401) and validated

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        """Whether the kept response will do without asking; if not, the request is made to ask "has it changed?"."""
        kept, asked = self._of_response(cachedresponse), self._of_request(request)
        if b"no-cache" in asked:
            return False
        if b"no-cache" not in kept and self._is_fresh(cachedresponse, kept, asked):
            return True
        self._set_conditional_validators(request, cachedresponse)
        return False

    def _is_fresh(self, cachedresponse: Response, kept: CacheControl, asked: CacheControl) -> bool:
        now = time()
        good_for = lifetime(cachedresponse.status, cachedresponse.headers, kept, now)
        wanted = seconds_of(asked, b"max-age")
        if wanted is not None:
            good_for = min(good_for, wanted)
        present = age(cachedresponse.headers, now)
        if present < good_for:
            return True
        if b"max-stale" not in asked or b"must-revalidate" in kept:
            return False
        if asked[b"max-stale"] is None:
            return True
        stale = seconds_of(asked, b"max-stale")
        return stale is not None and present < good_for + stale

    def _set_conditional_validators(self, request: Request, cachedresponse: Response) -> None:
        if b"Last-Modified" in cachedresponse.headers:
            request.headers[b"If-Modified-Since"] = cachedresponse.headers[b"Last-Modified"]
        if b"ETag" in cachedresponse.headers:
            request.headers[b"If-None-Match"] = cachedresponse.headers[b"ETag"]

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:  # noqa: ARG002
        """Whether the kept response will do: the server says so, or it fails and the page may be served stale."""
        if response.status >= 500 and b"must-revalidate" not in self._of_response(cachedresponse):
            return True
        return response.status == 304
