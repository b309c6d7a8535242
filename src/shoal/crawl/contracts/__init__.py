"""Contracts: what a callback's docstring promises, tried on a real page.

The one rule: a broken promise is a failed test, told of beside the others; it never ends the run.
"""

from __future__ import annotations

from shoal.crawl.contracts.base import Contract, testcase_for
from shoal.crawl.contracts.check import ContractsManager

__all__ = ["Contract", "ContractsManager", "testcase_for"]
