"""The crawler at work, on a practice site that is known beforehand.

The one rule: what a crawl wrote is read back and compared with every quote the site has.
"""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from checks import RESULTS, Done, require
from shoal.lab.quotes import QuotesServer, items

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SPIDER = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "quotes_spider.py"))


def crawls(demo: Any) -> None:
    """A Scrapy spider crawls a site; left out, with the reason, where the crawler's libraries are not installed."""
    print("\nA practice site of quotes, and a spider written for Scrapy, which is not installed here.")
    if find_spec("parsel") is None:
        print("   left out: the crawler needs pip install 'shoal[crawl]'")
        return
    spider = os.path.relpath(SPIDER, RESULTS)
    with QuotesServer() as server:
        truth, site = items(server.quotes), server.url()
        demo.show(
            "The spider follows the pages and writes an item a line.",
            f"shoal runspider {spider} -a site={site} -O quotes.jsonl -L WARNING",
            found_items(truth, "quotes.jsonl"),
        )
        demo.show(
            "The same crawl with `requests` in threads gives the same items.",
            f"shoal runspider {spider} -a site={site} -O quotes-thread.csv -m thread -L WARNING",
            found_as_many(truth, "quotes-thread.csv", server),
        )
        demo.show(
            "One selector, tried on one page.",
            f"shoal shell {site} --nolog -c response.css('.author::text').get()",
            printed_line(server.quotes[0].author.name),
        )
    demo.show(
        "The site is gone now. A crawl of which nothing worked does not end with status 0.",
        f"shoal runspider {spider} -a site={site} --nolog",
        has_failed,
    )


def found_items(truth: list[dict[str, object]], file: str) -> Callable[[Done], str]:
    """The file holds exactly these items, in any order."""

    def check(done: Done) -> str:
        require(not done.status, "it failed")
        with open(os.path.join(RESULTS, file), encoding="utf-8") as lines:
            found = [json.loads(line) for line in lines]
        require(_sorted(found) == _sorted(truth), f"{len(found)} items, which are not the {len(truth)} of the site")
        return f"exactly the {len(truth)} quotes of the site"

    return check


def found_as_many(truth: list[dict[str, object]], file: str, server: QuotesServer) -> Callable[[Done], str]:
    """The CSV file has a line for each of these items, and every page was asked for once in each of two crawls."""

    def check(done: Done) -> str:
        import csv

        require(not done.status, "it failed")
        with open(os.path.join(RESULTS, file), encoding="utf-8", newline="") as lines:
            texts = sorted(row["text"] for row in csv.DictReader(lines))
        require(texts == sorted(str(item["text"]) for item in truth), f"{len(texts)} other items")
        twice = {page: server.asked.count(page) for page in server.asked}
        require(set(twice.values()) == {2}, f"pages asked for other than once a crawl: {twice}")
        return f"the same {len(truth)} quotes; every page was asked for once"

    return check


def printed_line(line: str) -> Callable[[Done], str]:
    """This one line was printed."""

    def check(done: Done) -> str:
        require(not done.status and done.out.strip() == line, f"instead of {line}")
        return "the author of the first quote"

    return check


def has_failed(done: Done) -> str:
    """The command says in a sentence that nothing worked."""
    require(done.status == 3 and "has not worked" in done.err and "Traceback" not in done.err, "no honest end")
    return "exit status 3, and the reason in a sentence"


def _sorted(found: list[dict[str, object]]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in found)
