"""The files pipeline and its stores."""

import warnings
from typing import Any

import shoal.crawl.pipelines.filemedia as _filemedia
import shoal.crawl.pipelines.media as _media
import shoal.crawl.pipelines.remotestores as _remotestores
import shoal.crawl.pipelines.stores as _stores
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.pipelines.filemedia import FilesPipeline, logger
from shoal.crawl.pipelines.remotestores import FTPFilesStore, GCSFilesStore, S3FilesStore, is_botocore_available
from shoal.crawl.pipelines.stores import FSFilesStore, StatInfo
from shoal.crawl.pipelines.stores import md5sum as _md5sum
from shoal.scrapy._mirror import mirror

__all__ = [
    "FSFilesStore",
    "FTPFilesStore",
    "FilesPipeline",
    "GCSFilesStore",
    "S3FilesStore",
    "StatInfo",
    "_md5sum",
    "is_botocore_available",
    "logger",
]


def __getattr__(name: str) -> Any:
    if name == "FileException":
        warnings.warn(
            "scrapy.pipelines.files.FileException is deprecated, use scrapy.pipelines.media.FileException instead.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
        return _media.FileException
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


mirror(__name__, _filemedia, _stores, _remotestores)
