"""`https:` URLs by HTTP/2, which the usual handler speaks wherever a server does."""

from shoal.crawl.download.http import HTTP11DownloadHandler as H2DownloadHandler

__all__ = ["H2DownloadHandler"]
