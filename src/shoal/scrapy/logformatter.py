"""What the log says about each event."""

import shoal.crawl.logformatter as _home
from shoal.crawl.logformatter import (
    CRAWLEDMSG,
    DOWNLOADERRORMSG_LONG,
    DOWNLOADERRORMSG_SHORT,
    DROPPEDMSG,
    ITEMERRORMSG,
    SCRAPEDMSG,
    SPIDERERRORMSG,
    LogFormatter,
    LogFormatterResult,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "CRAWLEDMSG",
    "DOWNLOADERRORMSG_LONG",
    "DOWNLOADERRORMSG_SHORT",
    "DROPPEDMSG",
    "ITEMERRORMSG",
    "SCRAPEDMSG",
    "SPIDERERRORMSG",
    "LogFormatter",
    "LogFormatterResult",
]

mirror(__name__, _home)
