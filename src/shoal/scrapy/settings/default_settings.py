"""The default value of every setting."""

from shoal.crawl.defaults import *  # noqa: F403
from shoal.crawl.defaults import DNS_RESOLVER, __all__

__all__ = list(__all__)

_ = DNS_RESOLVER  # an old name: readable, not listed
