"""The engine of a crawl."""

import shoal.crawl.engine as _engine
from shoal.crawl.engine import ExecutionEngine
from shoal.crawl.looping import create_looping_call
from shoal.crawl.scraper import Scraper
from shoal.crawl.slot import Slot as _Slot
from shoal.scrapy._mirror import mirror

__all__ = ["ExecutionEngine", "Scraper", "_Slot", "create_looping_call"]

mirror(__name__, _engine)
