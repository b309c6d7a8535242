"""scrapy.exceptions: what spiders and components raise."""

from __future__ import annotations

from shoal.crawl.exceptions import (
    CannotResolveHostError,
    CloseSpider,
    ContractFail,
    DontCloseSpider,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    DropItem,
    IgnoreRequest,
    NotConfigured,
    NotSupported,
    ResponseDataLossError,
    ScrapyDeprecationWarning,
    StopDownload,
    UnsupportedURLSchemeError,
    UsageError,
)
from shoal.crawl.exceptions import InvalidOutput as _InvalidOutput

__all__ = [
    "CannotResolveHostError",
    "CloseSpider",
    "ContractFail",
    "DontCloseSpider",
    "DownloadCancelledError",
    "DownloadConnectionRefusedError",
    "DownloadFailedError",
    "DownloadTimeoutError",
    "DropItem",
    "IgnoreRequest",
    "NotConfigured",
    "NotSupported",
    "ResponseDataLossError",
    "ScrapyDeprecationWarning",
    "StopDownload",
    "UnsupportedURLSchemeError",
    "UsageError",
    "_InvalidOutput",
]
