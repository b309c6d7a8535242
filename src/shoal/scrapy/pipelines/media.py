"""The base of media pipelines."""

import shoal.crawl.pipelines.media as _home
from shoal.crawl.pipelines.media import (
    FileException,
    FileInfo,
    FileInfoOrError,
    MediaPipeline,
    _MediaRequestFiltered,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "FileException",
    "FileInfo",
    "FileInfoOrError",
    "MediaPipeline",
    "_MediaRequestFiltered",
    "logger",
]

mirror(__name__, _home)
