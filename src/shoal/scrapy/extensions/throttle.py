"""Delays that follow how fast a server answers."""

from shoal.crawl.extensions.throttle import AutoThrottle

__all__ = ["AutoThrottle"]
