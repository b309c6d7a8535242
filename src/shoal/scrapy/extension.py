"""The extensions of a crawl."""

import shoal.crawl.extensions as _home
from shoal.crawl.extensions import (
    ExtensionManager,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "ExtensionManager",
]

mirror(__name__, _home)
