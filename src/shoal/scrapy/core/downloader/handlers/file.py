"""`file:` URLs."""

from shoal.crawl.download.local import FileDownloadHandler

__all__ = ["FileDownloadHandler"]
