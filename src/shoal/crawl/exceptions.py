"""What a spider, a middleware or a pipeline may raise to say something to the engine, in Scrapy's names.

The one rule: these are messages from the code of a crawl. What went wrong with a download is also here, because
an errback receives it, but a server that answers badly is a response, never an exception.
"""

# ruff: noqa: N818 - these names are Scrapy's, and every spider in the world spells them so

from __future__ import annotations

from typing import Any


class NotConfigured(Exception):
    """Raised by a component while it is built: leave me out, the crawl goes on without me."""


class InvalidOutput(TypeError):
    """A middleware returned something that is none of the kinds of value its hook may return."""


class IgnoreRequest(Exception):
    """Drop this request; its errback is told."""


class DontCloseSpider(Exception):
    """Raised by a handler of the `spider_idle` signal: more work is coming, keep the spider open."""


class CloseSpider(Exception):
    """Raised by a callback: end the crawl in good order; `reason` becomes the reason of its end."""

    def __init__(self, reason: str = "cancelled") -> None:
        super().__init__()
        self.reason = reason


class StopDownload(Exception):
    """Raised by a handler of `bytes_received` or `headers_received`: the rest of the body is not needed.

    With `fail` the errback gets the response as `failure.value.response`; without it the callback gets it.
    """

    response: Any = None

    def __init__(self, *, fail: bool = True) -> None:
        super().__init__()
        self.fail = fail


class DownloadConnectionRefusedError(Exception):
    """The server refused the connection."""


class CannotResolveHostError(Exception):
    """The name of the host has no address."""


class DownloadTimeoutError(Exception):
    """The download took longer than it may."""


class DownloadCancelledError(Exception):
    """The download was given up on our side, for example because the body grew over its limit."""


class AddressRefusedError(DownloadCancelledError):
    """The request would have led to an address that it may not reach: see REFUSE_PRIVATE_ADDRESSES. Scrapy has none."""


class DownloadFailedError(Exception):
    """The download failed in a way that none of the other classes names."""


class ResponseDataLossError(Exception):
    """The body ended before the length that the server had promised."""


class UnsupportedURLSchemeError(Exception):
    """No download handler speaks the scheme of this URL."""


class DropItem(Exception):
    """Raised by a pipeline: this item goes no further; `log_level` says how loudly to tell (None: the setting)."""

    def __init__(self, message: str, log_level: str | None = None) -> None:
        super().__init__(message)
        self.log_level = log_level


class NotSupported(Exception):
    """What was asked for cannot be done with this object, such as CSS on a body that is not text."""


class UsageError(Exception):
    """A command was called wrongly; with `print_help` its help is shown, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.print_help = kwargs.pop("print_help", True)
        super().__init__(*args, **kwargs)


class ScrapyDeprecationWarning(Warning):
    """An old name or habit that still works; visible, unlike Python's own DeprecationWarning."""


class ContractFail(AssertionError):
    """A callback did not keep what its docstring promises."""
