"""`s3:` URLs."""

from shoal.crawl.download.s3 import S3DownloadHandler

__all__ = ["S3DownloadHandler"]
