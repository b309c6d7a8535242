"""`http:` and `https:` URLs; the older name."""

from shoal.crawl.download.http import HTTP11DownloadHandler
from shoal.crawl.download.http import HTTP11DownloadHandler as HTTPDownloadHandler

__all__ = ["HTTP11DownloadHandler", "HTTPDownloadHandler"]
