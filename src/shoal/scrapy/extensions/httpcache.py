"""Policies and storages of the HTTP cache."""

from time import time

import shoal.crawl.httpcache.policies as _policies
import shoal.crawl.httpcache.storages as _storages
from shoal.crawl.httpcache.policies import DummyPolicy, RFC2616Policy
from shoal.crawl.httpcache.storages import DbmCacheStorage, FilesystemCacheStorage, logger
from shoal.crawl.policy.freshness import epoch_of as rfc1123_to_epoch
from shoal.crawl.policy.freshness import parse_cachecontrol
from shoal.scrapy._mirror import mirror

__all__ = [
    "DbmCacheStorage",
    "DummyPolicy",
    "FilesystemCacheStorage",
    "RFC2616Policy",
    "logger",
    "parse_cachecontrol",
    "rfc1123_to_epoch",
    "time",
]

mirror(__name__, _policies, _storages)
