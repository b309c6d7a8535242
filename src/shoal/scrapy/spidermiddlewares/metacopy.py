"""Meta keys that should not be copied."""

from shoal.crawl.middleware.metacopy import MetaCopyDetectionMiddleware

__all__ = ["MetaCopyDetectionMiddleware"]
