"""Distance from the start."""

from shoal.crawl.middleware.depth import DepthMiddleware

__all__ = ["DepthMiddleware"]
