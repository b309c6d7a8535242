"""For handlers written on Twisted: its exceptions as those that spiders know."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from shoal.crawl import exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["wrap_twisted_exceptions"]

# By name, so that Twisted is not needed to know them.
_KINDS: dict[str, type[Exception]] = {
    "twisted.web.error.SchemeNotSupported": exceptions.UnsupportedURLSchemeError,
    "twisted.internet.defer.CancelledError": exceptions.DownloadCancelledError,
    "twisted.internet.error.ConnectionRefusedError": exceptions.DownloadConnectionRefusedError,
    "twisted.internet.error.DNSLookupError": exceptions.CannotResolveHostError,
    "twisted.web._newclient.ResponseFailed": exceptions.DownloadFailedError,
    "twisted.internet.error.TimeoutError": exceptions.DownloadTimeoutError,
}


@contextmanager
def wrap_twisted_exceptions() -> Iterator[None]:
    """Raise in place of an exception of Twisted the one that means the same here."""
    try:
        yield
    except Exception as problem:
        for cls in type(problem).__mro__:
            kind = _KINDS.get(f"{cls.__module__}.{cls.__qualname__}")
            if kind is not None:
                raise kind(str(problem)) from problem
        raise
