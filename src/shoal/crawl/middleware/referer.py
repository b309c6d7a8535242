"""Spider middleware: the `Referer` header of requests, by a referrer policy.

The one rule: the request's meta (`referrer_policy`) decides, then the response's Referrer-Policy header, then
REFERRER_POLICY. A response may name a policy, never the path of a class.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any
from weakref import ref

from shoal.crawl.components import load_object
from shoal.crawl.exceptions import NotConfigured, ScrapyDeprecationWarning
from shoal.crawl.middleware.spider_base import BaseSpiderMiddleware
from shoal.crawl.policy.referrer import STANDARD_POLICIES, DefaultReferrerPolicy, ReferrerPolicy, named_policy

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings

_NO_PATHS = " (import paths from the response Referrer-Policy header are not allowed)"


class RefererMiddleware(BaseSpiderMiddleware):
    """Sets `Referer` where the request has none. Raises RuntimeError for a REFERRER_POLICY that does not exist."""

    sees_new_links_only = True

    def __init__(self, settings: BaseSettings | None = None) -> None:
        self.default_policy: type[ReferrerPolicy] = DefaultReferrerPolicy
        self.policies = dict(STANDARD_POLICIES)
        if settings is None:
            warnings.warn(
                "Instantiating RefererMiddleware without a 'settings' argument is deprecated.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
        else:
            self._read(settings)
        # Policies have no state: one of each class serves all requests.
        self._made: dict[type[ReferrerPolicy], ReferrerPolicy] = {}
        # The page whose links were last seen to: its headers are read once. It is not kept from being freed.
        self._page: ref[Response] | None = None
        self._page_policy = self._one_of(self.default_policy)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler. Raises NotConfigured when REFERER_ENABLED is off."""
        if not crawler.settings.getbool("REFERER_ENABLED"):
            raise NotConfigured
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def _read(self, settings: BaseSettings) -> None:
        for name, policy in settings.getdict("REFERRER_POLICIES").items():
            if policy is None:
                self.policies.pop(name.lower(), None)
            else:
                self.policies[name.lower()] = load_object(policy)
        wanted = settings.get("REFERRER_POLICY")
        found = self._find(wanted)
        if found is None:
            raise RuntimeError(f"Could not load referrer policy {wanted!r}")
        self.default_policy = found

    def _find(self, wanted: Any, paths_allowed: bool = True) -> type[ReferrerPolicy] | None:
        """The policy of that name or path, or the class itself."""
        if not isinstance(wanted, str):
            return wanted  # type: ignore[no-any-return]
        found = named_policy(wanted, self.policies)
        if found is not None or not paths_allowed:
            return found
        try:
            return load_object(wanted)  # type: ignore[no-any-return]
        except (ValueError, ImportError, NameError):
            return None

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """The request, with a `Referer` where its policy has one to tell."""
        if response is None:
            return request
        headers = request.headers
        # The name is in its stored form: the plain dict underneath need not ask for it.
        if not dict.__contains__(headers, b"Referer"):
            referrer = self._policy_for(response, request).referrer(response.url, request.url)
            if referrer is not None:
                told = referrer if isinstance(referrer, bytes) else referrer.encode()
                dict.__setitem__(headers, b"Referer", [told])
        return request

    def policy(
        self,
        response: Response | str | None = None,
        request: Request | None = None,
        **old: Any,
    ) -> ReferrerPolicy:
        """The policy for a request made of a response. Raises TypeError when one of them is missing."""
        response = self._response_of(response, old)
        if response is None:
            raise TypeError("Missing required argument: 'response'")
        if request is None:
            raise TypeError("Missing required argument: 'request'")
        if isinstance(response, str):
            warnings.warn(
                "Passing a response URL to RefererMiddleware.policy() instead of a Response object is deprecated.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
        return self._policy_for(response, request)

    def _response_of(self, response: Response | str | None, old: dict[str, Any]) -> Response | str | None:
        """The response, also under the name the argument had before."""
        if "resp_or_url" in old:
            if response is not None:
                raise TypeError("Cannot pass both 'response' and 'resp_or_url'")
            warnings.warn(
                "Passing 'resp_or_url' is deprecated, use 'response' instead.", ScrapyDeprecationWarning, stacklevel=3
            )
            response = old.pop("resp_or_url")
        if old:
            raise TypeError(f"RefererMiddleware.policy() got an unexpected argument: {', '.join(old)}")
        return response

    def _policy_for(self, response: Response | str, request: Request) -> ReferrerPolicy:
        wanted = request._meta.get("referrer_policy") if request._meta else None
        if wanted is not None:
            return self._one_of(self._found(wanted))
        if isinstance(response, str):
            return self._one_of(self._policy_of(response))
        if self._page is None or self._page() is not response:
            self._page, self._page_policy = ref(response), self._one_of(self._policy_of(response))
        return self._page_policy

    def _one_of(self, kind: type[ReferrerPolicy]) -> ReferrerPolicy:
        policy = self._made.get(kind)
        if policy is None:
            policy = self._made[kind] = kind()
        return policy

    def _policy_of(self, response: Response | str) -> type[ReferrerPolicy]:
        """The policy of all links of a page that do not ask for another."""
        header = None if isinstance(response, str) else response.headers.get("Referrer-Policy")
        return self.default_policy if header is None else self._found(header.decode("latin1"), _NO_PATHS)

    def _found(self, wanted: Any, restriction: str = "") -> type[ReferrerPolicy]:
        """The policy that was asked for; the default with a warning where it does not exist."""
        found = self._find(wanted, paths_allowed=not restriction)
        if found is not None:
            return found
        warnings.warn(f"Could not load referrer policy {wanted!r}{restriction}", RuntimeWarning, stacklevel=2)
        return self.default_policy
