"""What fetches a request, by the scheme of its URL."""

from shoal.crawl.download.handlers import DownloadHandlerProtocol, DownloadHandlers

__all__ = ["DownloadHandlerProtocol", "DownloadHandlers"]
