"""`http:` and `https:` URLs."""

from shoal.crawl.download.http import HTTP11DownloadHandler

__all__ = ["HTTP11DownloadHandler"]
