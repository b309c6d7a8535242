"""Where the default components are at home, and which settings switch them off: so that nothing is imported in vain.

The one rule: this changes when a module is imported and nothing else. A face of `shoal.scrapy` that is imported
already is asked first, for a project may have put something of its own there.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol

_DOWNLOADER = "shoal.crawl.middleware.downloader."
_HANDLERS = "scrapy.core.downloader.handlers."
_FEEDS = "scrapy.extensions.feedexport."

# Scrapy's path -> our module, which has the class under the same name.
HOMES: dict[str, str] = {
    **{
        f"scrapy.downloadermiddlewares.{module}.{name}": _DOWNLOADER + module
        for module, name in (
            ("offsite", "OffsiteMiddleware"),
            ("robotstxt", "RobotsTxtMiddleware"),
            ("httpauth", "HttpAuthMiddleware"),
            ("downloadtimeout", "DownloadTimeoutMiddleware"),
            ("defaultheaders", "DefaultHeadersMiddleware"),
            ("useragent", "UserAgentMiddleware"),
            ("retry", "RetryMiddleware"),
            ("redirect", "MetaRefreshMiddleware"),
            ("httpcompression", "HttpCompressionMiddleware"),
            ("redirect", "RedirectMiddleware"),
            ("cookies", "CookiesMiddleware"),
            ("httpproxy", "HttpProxyMiddleware"),
            ("stats", "DownloaderStats"),
            ("httpcache", "HttpCacheMiddleware"),
        )
    },
    **{
        f"scrapy.spidermiddlewares.{module}.{name}": f"shoal.crawl.middleware.{module}"
        for module, name in (
            ("start", "StartSpiderMiddleware"),
            ("httperror", "HttpErrorMiddleware"),
            ("referer", "RefererMiddleware"),
            ("urllength", "UrlLengthMiddleware"),
            ("depth", "DepthMiddleware"),
            ("metacopy", "MetaCopyDetectionMiddleware"),
        )
    },
    **{
        f"scrapy.extensions.{module}.{name}": f"shoal.crawl.extensions.{module}"
        for module, name in (
            ("corestats", "CoreStats"),
            ("logcount", "LogCount"),
            ("memusage", "MemoryUsage"),
            ("closespider", "CloseSpider"),
            ("logstats", "LogStats"),
            ("spiderstate", "SpiderState"),
            ("throttle", "AutoThrottle"),
        )
    },
    "scrapy.extensions.memdebug.MemoryDebugger": "shoal.scrapy.extensions.memdebug",
    _HANDLERS + "datauri.DataURIDownloadHandler": "shoal.crawl.download.local",
    _HANDLERS + "file.FileDownloadHandler": "shoal.crawl.download.local",
    _HANDLERS + "http11.HTTP11DownloadHandler": "shoal.crawl.download.http",
    _HANDLERS + "s3.S3DownloadHandler": "shoal.crawl.download.s3",
    _HANDLERS + "ftp.FTPDownloadHandler": "shoal.crawl.download.ftp",
    _FEEDS + "FeedExporter": "shoal.crawl.feeds.exporter",
    _FEEDS + "FileFeedStorage": "shoal.crawl.feeds.storages",
    _FEEDS + "StdoutFeedStorage": "shoal.crawl.feeds.storages",
    _FEEDS + "FTPFeedStorage": "shoal.crawl.feeds.remote",
    _FEEDS + "GCSFeedStorage": "shoal.crawl.feeds.remote",
    _FEEDS + "S3FeedStorage": "shoal.crawl.feeds.remote",
    "scrapy.exporters.JsonItemExporter": "shoal.crawl.exporters.jsontext",
    "scrapy.exporters.JsonLinesItemExporter": "shoal.crawl.exporters.jsontext",
    "scrapy.exporters.CsvItemExporter": "shoal.crawl.exporters.csvrows",
    "scrapy.exporters.XmlItemExporter": "shoal.crawl.exporters.xmltext",
    "scrapy.exporters.MarshalItemExporter": "shoal.crawl.exporters.pythonic",
    "scrapy.exporters.PickleItemExporter": "shoal.crawl.exporters.pythonic",
    "shoal.crawl.exporters.ParquetItemExporter": "shoal.crawl.exporters.parquet",
    "scrapy.core.downloader.Downloader": "shoal.crawl.download.downloader",
    "scrapy.core.scheduler.Scheduler": "shoal.crawl.scheduler",
    "scrapy.dupefilters.RFPDupeFilter": "shoal.crawl.dupefilter",
    "scrapy.logformatter.LogFormatter": "shoal.crawl.logformatter",
    "scrapy.pipelines.ItemPipelineManager": "shoal.crawl.pipelines.chain",
    "scrapy.pqueues.DownloaderAwarePriorityQueue": "shoal.crawl.pqueues",
    "scrapy.spiderloader.SpiderLoader": "shoal.crawl.spiderloader",
    "scrapy.spidermiddlewares.referer.DefaultReferrerPolicy": "shoal.crawl.policy.referrer",
    "scrapy.squeues.DataFifoDiskQueue": "shoal.crawl.squeues",
    "scrapy.squeues.DataLifoDiskQueue": "shoal.crawl.squeues",
    "scrapy.squeues.FifoMemoryQueue": "shoal.crawl.squeues",
    "scrapy.squeues.LifoMemoryQueue": "shoal.crawl.squeues",
    "scrapy.statscollectors.MemoryStatsCollector": "shoal.crawl.stats",
    "scrapy.utils.request.RequestFingerprinter": "shoal.crawl.fingerprint",
}
# A component that does nothing, and says nothing about it, while this setting is off.
_SWITCHES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": "ROBOTSTXT_OBEY",
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": "RETRY_ENABLED",
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": "METAREFRESH_ENABLED",
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": "COMPRESSION_ENABLED",
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": "REDIRECT_ENABLED",
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": "COOKIES_ENABLED",
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": "HTTPPROXY_ENABLED",
    "scrapy.downloadermiddlewares.stats.DownloaderStats": "DOWNLOADER_STATS",
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": "HTTPCACHE_ENABLED",
    "scrapy.spidermiddlewares.referer.RefererMiddleware": "REFERER_ENABLED",
    "scrapy.extensions.memusage.MemoryUsage": "MEMUSAGE_ENABLED",
    "scrapy.extensions.memdebug.MemoryDebugger": "MEMDEBUG_ENABLED",
    "scrapy.extensions.throttle.AutoThrottle": "AUTOTHROTTLE_ENABLED",
}
# A component that has nothing to do while none of these settings is given.
_NEEDS = {
    "scrapy.extensions.spiderstate.SpiderState": ("JOBDIR",),
    "scrapy.extensions.feedexport.FeedExporter": ("FEEDS", "FEED_URI"),
    "scrapy.extensions.closespider.CloseSpider": tuple(
        f"CLOSESPIDER_{limit}"
        for limit in ("TIMEOUT", "ITEMCOUNT", "PAGECOUNT", "ERRORCOUNT", "TIMEOUT_NO_ITEM", "PAGECOUNT_NO_ITEM")
    ),
}


class Switches(Protocol):
    """Settings, as far as they are asked here."""

    def __getitem__(self, name: str, /) -> Any: ...

    def getbool(self, name: str, /) -> bool:
        """Whether the setting is on."""


def home_of(path: str) -> str | None:
    """Our module for the class with that path of Scrapy's; None when its face has to be asked."""
    home = HOMES.get(path)
    return None if home is None or _is_imported(path) else home


def is_off(component: object, settings: Switches) -> bool:
    """Whether it is a default component that is known, without importing it, to have nothing to do."""
    if not isinstance(component, str) or _is_imported(component):
        return False
    if component in _SWITCHES:
        return not settings.getbool(_SWITCHES[component])
    return component in _NEEDS and not any(settings[name] for name in _NEEDS[component])


def _is_imported(path: str) -> bool:
    return f"shoal.{path.rpartition('.')[0]}" in sys.modules
