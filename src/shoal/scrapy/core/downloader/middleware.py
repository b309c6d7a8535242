"""The chain of downloader middlewares."""

from shoal.crawl.middleware.downloader.chain import DownloaderMiddlewareManager

__all__ = ["DownloaderMiddlewareManager"]
