"""The default value of every setting."""

import warnings

from shoal.crawl.defaults import *  # noqa: F403
from shoal.crawl.defaults import DNS_RESOLVER, __all__
from shoal.crawl.exceptions import ScrapyDeprecationWarning

__all__ = list(__all__)

_ = DNS_RESOLVER  # an old name: readable, not listed


def __getattr__(name: str) -> int:
    """A setting that Scrapy has dropped, and some projects still look at."""
    if name != "CONCURRENT_REQUESTS_PER_IP":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "The scrapy.settings.default_settings.CONCURRENT_REQUESTS_PER_IP attribute is deprecated, "
        "use scrapy.settings.default_settings.CONCURRENT_REQUESTS_PER_DOMAIN instead.",
        ScrapyDeprecationWarning,
        stacklevel=2,
    )
    return 0
