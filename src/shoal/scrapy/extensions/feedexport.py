"""Feed exports."""

import shoal.crawl.feeds.exporter as _exporter
import shoal.crawl.feeds.remote as _remote
import shoal.crawl.feeds.slot as _slot
import shoal.crawl.feeds.storages as _storages
from shoal.crawl.feeds.exporter import FeedExporter, logger
from shoal.crawl.feeds.remote import FTPFeedStorage, GCSFeedStorage, S3FeedStorage
from shoal.crawl.feeds.slot import FeedSlot, ItemFilter
from shoal.crawl.feeds.storages import BlockingFeedStorage, FileFeedStorage, StdoutFeedStorage
from shoal.crawl.feeds.uris import apply_uri_params
from shoal.scrapy._mirror import mirror

__all__ = [
    "BlockingFeedStorage",
    "FTPFeedStorage",
    "FeedExporter",
    "FeedSlot",
    "FileFeedStorage",
    "GCSFeedStorage",
    "ItemFilter",
    "S3FeedStorage",
    "StdoutFeedStorage",
    "apply_uri_params",
    "logger",
]

mirror(__name__, _exporter, _slot, _storages, _remote)
