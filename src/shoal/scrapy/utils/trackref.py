"""Which objects of some classes are alive. Shoal's own requests and responses are not tracked."""

from shoal.crawl import trackref as _home
from shoal.crawl.trackref import format_live_refs, get_oldest, iter_all, live_refs, object_ref, print_live_refs
from shoal.scrapy._mirror import mirror

__all__ = ["format_live_refs", "get_oldest", "iter_all", "live_refs", "object_ref", "print_live_refs"]

mirror(__name__, _home)
