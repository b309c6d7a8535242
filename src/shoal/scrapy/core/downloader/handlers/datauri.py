"""`data:` URLs."""

from shoal.crawl.download.local import DataURIDownloadHandler

__all__ = ["DataURIDownloadHandler"]
