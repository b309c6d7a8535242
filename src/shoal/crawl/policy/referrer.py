"""What a request says of the page its link was found on: the policies of W3C's Referrer Policy, and Scrapy's own.

The one rule: a policy is told two URLs and gives a URL or None; nobody's user name, password or fragment is in it.
Source: https://www.w3.org/TR/referrer-policy/ sections 3 and 8.
"""

from __future__ import annotations

from functools import lru_cache

from shoal.crawl.urls import strip_url

POLICY_NO_REFERRER = "no-referrer"
POLICY_NO_REFERRER_WHEN_DOWNGRADE = "no-referrer-when-downgrade"
POLICY_SAME_ORIGIN = "same-origin"
POLICY_ORIGIN = "origin"
POLICY_STRICT_ORIGIN = "strict-origin"
POLICY_ORIGIN_WHEN_CROSS_ORIGIN = "origin-when-cross-origin"
POLICY_STRICT_ORIGIN_WHEN_CROSS_ORIGIN = "strict-origin-when-cross-origin"
POLICY_UNSAFE_URL = "unsafe-url"
POLICY_SCRAPY_DEFAULT = "scrapy-default"

# Section 8.4: URLs of these schemes are never told; Scrapy adds those of its own stores.
LOCAL_SCHEMES = ("about", "blob", "data", "filesystem", "file", "s3")


@lru_cache(maxsize=1024)
def _stripped(url: str, origin_only: bool) -> str:
    """All links of a page ask for the same URL, so a few answers are enough for many requests."""
    return strip_url(url, origin_only=origin_only)


class ReferrerPolicy:
    """Base of policies: override `referrer`."""

    NOREFERRER_SCHEMES: tuple[str, ...] = LOCAL_SCHEMES
    name: str

    def referrer(self, response_url: str, request_url: str) -> str | bytes | None:
        """What to tell the server of `request_url`, None for nothing."""
        raise NotImplementedError

    def stripped_referrer(self, url: str) -> str | None:
        """The URL without credentials and fragment; None for a local one."""
        return None if self._is_local(url) else self.strip_url(url)

    def origin_referrer(self, url: str) -> str | None:
        """Scheme, host and port of the URL; None for a local one."""
        return None if self._is_local(url) else self.origin(url)

    def strip_url(self, url: str, origin_only: bool = False) -> str | None:
        """The URL without credentials, default port and fragment, on request without path and query; None for ""."""
        if not url:
            return None
        return _stripped(url, origin_only)

    def origin(self, url: str) -> str | None:
        """Scheme, host and port, with a slash behind."""
        return self.strip_url(url, origin_only=True)

    def potentially_trustworthy(self, url: str) -> bool:
        """Whether nobody on the way can read what is sent there."""
        return not url.startswith("data:") and self.tls_protected(url)

    def tls_protected(self, url: str) -> bool:
        """Whether the URL's scheme stands for TLS."""
        return url.startswith(("https:", "ftps:"))

    def _is_local(self, url: str) -> bool:
        return url.partition(":")[0].lower() in self.NOREFERRER_SCHEMES

    def _is_downgrade(self, response_url: str, request_url: str) -> bool:
        return self.tls_protected(response_url) and not self.potentially_trustworthy(request_url)

    def _is_same_origin(self, response_url: str, request_url: str) -> bool:
        return self.origin(response_url) == self.origin(request_url)


class NoReferrerPolicy(ReferrerPolicy):
    """Says nothing."""

    name = POLICY_NO_REFERRER

    def referrer(self, response_url: str, request_url: str) -> None:  # noqa: ARG002
        """Nothing."""
        return


class NoReferrerWhenDowngradePolicy(ReferrerPolicy):
    """Says everything, but not what came by TLS to a server without."""

    name = POLICY_NO_REFERRER_WHEN_DOWNGRADE

    def referrer(self, response_url: str, request_url: str) -> str | None:
        """The whole URL, unless TLS is left."""
        return None if self._is_downgrade(response_url, request_url) else self.stripped_referrer(response_url)


class SameOriginPolicy(ReferrerPolicy):
    """Says everything to the same origin, nothing to others."""

    name = POLICY_SAME_ORIGIN

    def referrer(self, response_url: str, request_url: str) -> str | None:
        """The whole URL within an origin."""
        return self.stripped_referrer(response_url) if self._is_same_origin(response_url, request_url) else None


class OriginPolicy(ReferrerPolicy):
    """Says only the origin."""

    name = POLICY_ORIGIN

    def referrer(self, response_url: str, request_url: str) -> str | None:  # noqa: ARG002
        """The origin."""
        return self.origin_referrer(response_url)


class StrictOriginPolicy(ReferrerPolicy):
    """Says only the origin, and nothing when TLS is left."""

    name = POLICY_STRICT_ORIGIN

    def referrer(self, response_url: str, request_url: str) -> str | None:
        """The origin, unless TLS is left."""
        return None if self._is_downgrade(response_url, request_url) else self.origin_referrer(response_url)


class OriginWhenCrossOriginPolicy(ReferrerPolicy):
    """Says everything to the same origin, the origin to others."""

    name = POLICY_ORIGIN_WHEN_CROSS_ORIGIN

    def referrer(self, response_url: str, request_url: str) -> str | None:
        """The whole URL within an origin, otherwise the origin."""
        if self._is_same_origin(response_url, request_url):
            return self.stripped_referrer(response_url)
        return self.origin_referrer(response_url)


class StrictOriginWhenCrossOriginPolicy(OriginWhenCrossOriginPolicy):
    """Says everything to the same origin, the origin to others, and nothing when TLS is left."""

    name = POLICY_STRICT_ORIGIN_WHEN_CROSS_ORIGIN

    def referrer(self, response_url: str, request_url: str) -> str | None:
        """The whole URL within an origin, otherwise the origin, unless TLS is left."""
        return None if self._is_downgrade(response_url, request_url) else super().referrer(response_url, request_url)


class UnsafeUrlPolicy(ReferrerPolicy):
    """Says everything to everybody, even in clear what came by TLS."""

    name = POLICY_UNSAFE_URL

    def referrer(self, response_url: str, request_url: str) -> str | None:  # noqa: ARG002
        """The whole URL."""
        return self.stripped_referrer(response_url)


class DefaultReferrerPolicy(NoReferrerWhenDowngradePolicy):
    """Scrapy's own: as no-referrer-when-downgrade, which also keeps s3:// URLs to itself."""

    name = POLICY_SCRAPY_DEFAULT


_POLICIES: tuple[type[ReferrerPolicy], ...] = (
    NoReferrerPolicy,
    NoReferrerWhenDowngradePolicy,
    SameOriginPolicy,
    OriginPolicy,
    StrictOriginPolicy,
    OriginWhenCrossOriginPolicy,
    StrictOriginWhenCrossOriginPolicy,
    UnsafeUrlPolicy,
    DefaultReferrerPolicy,
)
# The empty string is what a server says that has no policy of its own.
STANDARD_POLICIES = {policy.name: policy for policy in _POLICIES} | {"": NoReferrerWhenDowngradePolicy}


def named_policy(value: str, policies: dict[str, type[ReferrerPolicy]]) -> type[ReferrerPolicy] | None:
    """The last of the comma-separated names that is known (section 8.1: later ones are newer); None if none is."""
    found = [policies[name] for token in value.split(",") if (name := token.strip().lower()) in policies]
    return found[-1] if found else None
