"""scrapy.contracts: what docstrings of callbacks promise."""

from __future__ import annotations

from shoal.crawl.contracts.base import Contract
from shoal.crawl.contracts.base import testcase_for as _create_testcase
from shoal.crawl.contracts.check import ContractsManager

__all__ = ["Contract", "ContractsManager", "_create_testcase"]
