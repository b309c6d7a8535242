"""scrapy.dupefilters: which requests have been made before."""

from __future__ import annotations

from shoal.crawl.dupefilter import BaseDupeFilter, RFPDupeFilter

__all__ = ["BaseDupeFilter", "RFPDupeFilter"]
