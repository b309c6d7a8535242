"""Which domain a cookie may be for.

The one rule: nobody sets a cookie for a public suffix such as `co.uk`, except a host of that very name, and then for
itself alone (RFC 6265, section 5.3). The list of suffixes is the one that comes with tldextract; nothing is fetched.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract


def allowed_domain(cookie_domain: str, host: str) -> str | None:
    """The domain to keep a cookie under that names `cookie_domain` and came from `host`; None when it is refused."""
    domain, host = cookie_domain.lstrip(".").lower(), host.lower()
    if domain == f"{host}.local" and "." not in host:
        return domain  # what the standard library calls a host without a dot
    if domain == host:
        return host if _is_address(host) or is_public_suffix(host) else cookie_domain
    return None if is_public_suffix(domain) else cookie_domain


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


@lru_cache(maxsize=10_000)
def is_public_suffix(domain: str) -> bool:
    """Whether nobody owns `domain` alone: `com`, `co.uk`, `blogspot.com`."""
    parts = _suffixes()(domain)
    return bool(parts.suffix) and not parts.domain


@cache
def _suffixes() -> TLDExtract:
    from tldextract import TLDExtract

    return TLDExtract(include_psl_private_domains=True, suffix_list_urls=(), cache_dir=None)
