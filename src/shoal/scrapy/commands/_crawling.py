"""What commands that crawl have in common: who carries the crawl, and where it is kept.

The one rule: `crawl` and `runspider` differ in where the spider comes from, and in nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.scrapy.commands import BaseRunSpiderCommand
from shoal.scrapy.commands._job import add_job, apply_job
from shoal.scrapy.commands._models import add_model, apply_model

if TYPE_CHECKING:
    import argparse


class CrawlingCommand(BaseRunSpiderCommand):
    """Base of both; how the crawl ended is the exit status."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Those of a crawl, who carries it, and where it is kept."""
        super().add_options(parser)
        add_model(parser)
        add_job(parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Options as settings."""
        super().process_options(args, opts)
        apply_model(opts, self._settings())
        apply_job(opts.job, self._settings())
