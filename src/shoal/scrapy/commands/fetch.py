"""`fetch`: a page as the crawler gets it, on standard output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from shoal.scrapy.commands import ScrapyCommand
from shoal.scrapy.commands._one_page import add_page_options, beginning_with, only_url, page_request, spider_for
from shoal.scrapy.commands._outcome import run_crawler

if TYPE_CHECKING:
    import argparse

    from shoal.crawl.response_base import Response


class Command(ScrapyCommand):
    """Writes the body, or the headers of both sides."""

    def syntax(self) -> str:
        """A URL."""
        return "[options] <url>"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Fetch a URL using the Scrapy downloader"

    def long_desc(self) -> str:
        """What is special about it."""
        return (
            "Fetch a URL the way a spider would, and write the body to standard output. "
            "Use --nolog to see nothing else on the terminal."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What is shown."""
        super().add_options(parser)
        add_page_options(parser)
        parser.add_argument("--headers", action="store_true", help="print the headers of both sides instead")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch it."""

        def show(response: Response, **_: Any) -> None:
            self.show(response, opts)

        request = page_request(only_url(args), opts, callback=show)
        spidercls = beginning_with(spider_for(self.crawler_process, request, opts.spider), lambda _: request)
        self.exitcode = run_crawler(self, self.crawler_process.create_crawler(spidercls), {})

    def show(self, response: Response, opts: argparse.Namespace) -> None:
        """Write what was asked for."""
        if not opts.headers:
            _write(response.body)
            return
        assert response.request is not None
        _write(_lines(response.request.headers, b">") + b">\n" + _lines(response.headers, b"<"))


def _lines(headers: Any, mark: bytes) -> bytes:
    return b"".join(b"%s %s: %s\n" % (mark, name, value) for name, values in headers.items() for value in values)


def _write(what: bytes) -> None:
    sys.stdout.buffer.write(what + b"\n")
    sys.stdout.flush()
