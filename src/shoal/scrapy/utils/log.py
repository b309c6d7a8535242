"""Where log lines go, and how they look."""

import shoal.crawl.extensions.logcount as _counting
import shoal.crawl.log as _home
from shoal.crawl.extensions.logcount import LogCounterHandler
from shoal.crawl.failure import exc_info as failure_to_exc_info
from shoal.crawl.log import (
    SpiderLoggerAdapter,
    StreamLogger,
    TopLevelFormatter,
    _tty_supports_color,
    configure_logging,
    logformatter_adapter,
)
from shoal.crawl.log import current_root_handler as get_scrapy_root_handler
from shoal.crawl.log import formatter_for as _get_formatter
from shoal.crawl.log import handler_for as _get_handler
from shoal.crawl.log import install_root_handler_for as install_scrapy_root_handler
from shoal.crawl.log import uninstall_root_handler as _uninstall_scrapy_root_handler
from shoal.scrapy._mirror import mirror

__all__ = [
    "LogCounterHandler",
    "SpiderLoggerAdapter",
    "StreamLogger",
    "TopLevelFormatter",
    "_get_formatter",
    "_get_handler",
    "_tty_supports_color",
    "_uninstall_scrapy_root_handler",
    "configure_logging",
    "failure_to_exc_info",
    "get_scrapy_root_handler",
    "install_scrapy_root_handler",
    "logformatter_adapter",
]

mirror(__name__, _home, _counting)
