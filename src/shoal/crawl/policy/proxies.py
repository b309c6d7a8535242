"""The URL of a proxy taken apart: where it is, and who we are there.

The one rule: credentials never stay in the URL, which is shown in logs.
"""

from __future__ import annotations

from typing import NamedTuple


class Proxy(NamedTuple):
    """`url` without credentials (None when it names no host); `user` is None when there are none."""

    url: str | None
    user: str | None = None
    password: str | None = None


def read_proxy(text: str, default_scheme: str) -> Proxy | None:
    """The proxy of `[scheme://][user[:password]@]host[:port][/...]`; None for what cannot be one, such as a path."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text.removeprefix("//")
        if rest.startswith("/") and rest == text:
            return None
    authority = rest.partition("/")[0]
    credentials, at, host = authority.rpartition("@")
    if not host:
        return Proxy(None)
    scheme = scheme or default_scheme
    url = f"{scheme}://{host}" if scheme else f"//{host}"
    if not at:
        return Proxy(url)
    user, _, password = credentials.partition(":")
    return Proxy(url, user, password)
