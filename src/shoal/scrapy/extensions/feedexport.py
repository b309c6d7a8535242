"""Feed exports."""

import shoal.crawl.feeds.exporter as _exporter
import shoal.crawl.feeds.remote as _remote
import shoal.crawl.feeds.slot as _slot
import shoal.crawl.feeds.storages as _storages
from shoal.crawl.feeds.exporter import FeedExporter, logger
from shoal.crawl.feeds.remote import FTPFeedStorage, GCSFeedStorage, S3FeedStorage
from shoal.crawl.feeds.slot import FeedSlot, ItemFilter
from shoal.crawl.feeds.storages import BlockingFeedStorage, FeedStorageProtocol, FileFeedStorage, StdoutFeedStorage
from shoal.crawl.feeds.uris import apply_uri_params
from shoal.scrapy._mirror import mirror

# Classes of old projects say `@implementer(IFeedStorage)`; nothing checks it any more.
IFeedStorage = FeedStorageProtocol

__all__ = [
    "BlockingFeedStorage",
    "FTPFeedStorage",
    "FeedExporter",
    "FeedSlot",
    "FeedStorageProtocol",
    "FileFeedStorage",
    "GCSFeedStorage",
    "IFeedStorage",
    "ItemFilter",
    "S3FeedStorage",
    "StdoutFeedStorage",
    "apply_uri_params",
    "logger",
]

mirror(__name__, _exporter, _slot, _storages, _remote)
