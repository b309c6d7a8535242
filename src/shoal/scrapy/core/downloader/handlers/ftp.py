"""`ftp:` URLs."""

from shoal.crawl.download.ftp import FTPDownloadHandler

__all__ = ["FTPDownloadHandler"]
