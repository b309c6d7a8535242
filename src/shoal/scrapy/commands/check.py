"""`check`: what the docstrings of callbacks promise, tried on the pages they name.

The one rule: items go nowhere: no pipelines and no feeds, unless the command line itself asks for them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from unittest import TextTestResult as _TextTestResult
from unittest import TextTestRunner

from shoal.crawl.contracts.check import ContractsManager
from shoal.crawl.settings import get_settings_priority
from shoal.scrapy.commands import ScrapyCommand, add_spider_arguments, pairs_of, say
from shoal.scrapy.utils.misc import load_object, set_environ

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from shoal.crawl.spider import Spider

_WHERE_ITEMS_GO = ("FEEDS", "ITEM_PIPELINES")


class TextTestResult(_TextTestResult):
    """unittest's report, in the words of contracts."""

    def printSummary(self, start: float, stop: float) -> None:  # noqa: N802  Scrapy's name
        """The last lines: how many contracts, how long, how many failed."""
        write, writeln = self.stream.write, self.stream.writeln
        plural = "" if self.testsRun == 1 else "s"
        writeln(self.separator2)
        writeln(f"Ran {self.testsRun} contract{plural} in {stop - start:.3f}s")
        writeln()
        if self.wasSuccessful():
            write("OK")
            writeln()
            return
        write("FAILED")
        counts = {"failures": len(self.failures), "errors": len(self.errors)}
        told = ", ".join(f"{name}={number}" for name, number in counts.items() if number)
        if told:
            writeln(f" ({told})")
        else:
            write("\n")


class Command(ScrapyCommand):
    """Tries the contracts of all spiders, or of those named."""

    requires_project = True
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012  Scrapy has it so

    def syntax(self) -> str:
        """Names, if not all."""
        return "[options] <spider>"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Check spider contracts"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What is shown."""
        super().add_options(parser)
        add_spider_arguments(parser)
        parser.add_argument("-l", "--list", action="store_true", help="only list contracts, without checking them")
        parser.add_argument("-v", "--verbose", action="store_true", help="name every contract as it is tried")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """`-a` as a dict."""
        super().process_options(args, opts)
        opts.spargs = pairs_of(opts.spargs, "-a")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """List or try them; the exit status is 1 when a promise is not kept."""
        contracts = self._settings().get_component_priority_dict_with_base("SPIDER_CONTRACTS")
        ordered = sorted((item for item in contracts.items() if item[1] is not None), key=lambda item: item[1])
        manager = ContractsManager([load_object(contract) for contract, _ in ordered])
        loader = self.crawler_process.spider_loader
        spiders = [loader.load(name) for name in args or loader.list()]
        tested = {spidercls: manager.tested_methods_from_spidercls(spidercls) for spidercls in spiders}
        if opts.list:
            for spidercls in sorted(tested, key=lambda spidercls: spidercls.name):
                say(
                    *(
                        [spidercls.name, *(f"  * {name}" for name in sorted(tested[spidercls]))]
                        if tested[spidercls]
                        else []
                    )
                )
            return
        self._try([spidercls for spidercls in spiders if tested[spidercls]], manager, opts)

    def _try(self, spiders: list[type[Spider]], manager: ContractsManager, opts: argparse.Namespace) -> None:
        runner = TextTestRunner(verbosity=2 if opts.verbose is True else 1)
        result = TextTestResult(runner.stream, runner.descriptions, runner.verbosity)
        with set_environ(SCRAPY_CHECK="true"):
            for spidercls in spiders:
                crawler = self.crawler_process.create_crawler(_sampling(spidercls, manager, result))
                _let_items_go_nowhere(crawler.settings)
                self.crawler_process.crawl(crawler, **opts.spargs)
            started = time.time()
            self.crawler_process.start()
            ended = time.time()
        result.printErrors()
        result.printSummary(started, ended)
        self.exitcode = int(not result.wasSuccessful() or self.crawler_process.bootstrap_failed)


def _sampling(spidercls: type[Spider], manager: ContractsManager, result: Any) -> type[Spider]:
    """The same spider, whose crawl consists of the sample requests of its contracts."""

    async def start(spider: Spider) -> AsyncIterator[Any]:
        for request in manager.from_spider(spider, result):
            yield request

    return type(spidercls.__name__, (spidercls,), {"start": start, "__module__": spidercls.__module__})


def _let_items_go_nowhere(settings: Any) -> None:
    for name in _WHERE_ITEMS_GO:
        if (settings.getpriority(name) or 0) < get_settings_priority("cmdline"):
            settings.set(name, {}, priority="cmdline")
