"""`http:` and `https:` URLs by aiohttp."""

from shoal.crawl.download.aio import AiohttpDownloadHandler

__all__ = ["AiohttpDownloadHandler"]
