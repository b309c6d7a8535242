"""Downloader middlewares: what every request passes on its way to the network and every response on its way back.

The one rule: one file for one concern; whatever has to be decided is decided by a pure function in `policy/`.
"""

from shoal.crawl.middleware.downloader.chain import DownloaderMiddlewareManager

__all__ = ["DownloaderMiddlewareManager"]
