"""The crawler's table: what must hold, each row a site, our commands, the peers and the demands.

The one rule: slow peers crawl a site of 2,000 pages to its end, few times; nobody is stopped on the way, because the
first pages of a crawl are not its average.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.crawl import tools
from benchmarks.crawl.answers import RIGHT
from benchmarks.crawl.contestants import (
    OUT,
    POLITE,
    crawlee,
    floor,
    naive,
    scrapy,
    shoal,
    spider_rs,
    wget2,
)
from benchmarks.crawl.demands import all_right, at_most, memory_below, ratio
from benchmarks.crawl.server import serving, slowly_serving
from benchmarks.crawl.sites import BIG, SMALL, SMALL_WHOLE, documentation, generated
from benchmarks.harness import Row

if TYPE_CHECKING:
    from benchmarks.crawl.sites import Site

_TUNED, _IDIOMATIC = "Scrapy, tuned", "Scrapy, idiomatic"
_ONE, _TWO, _EACH = "shoal", "shoal, 2 processes", "shoal, each link"
# From the prototype, on whose 107 us a page the product's budget of 170 (aim 130) was set.
_POLITE_MUST, _POLITE_AIM = 170 / 107, 130 / 107


@dataclass(frozen=True)
class CrawlRow(Row):
    """`pages` are the pages of the site."""

    pages: int = 0


def _row(name: str, site: Site, work: str, contestants: tuple, demands: tuple, **more: object) -> CrawlRow:  # type: ignore[type-arg]
    ground = more.pop("ground", None) or partial(serving, tools.NGINX, site, tools.HOME / "nginx", OUT)
    pages = sum('"title"' in line for line in site.items())
    return CrawlRow(
        name,
        f"{work}, {pages:,} pages",
        ground,
        contestants,
        demands,
        expected=RIGHT,
        pages=pages,
        **more,  # type: ignore[arg-type]
    )


def _small() -> Site:
    return generated(tools.HOME / "sites" / "small", SMALL)


def _whole() -> Site:
    return generated(tools.HOME / "sites" / "whole", SMALL_WHOLE)


def _big() -> Site:
    return generated(tools.HOME / "sites" / "big", BIG)


def _docs() -> Site:
    return documentation(tools.HOME / "sites" / "docs", tools.DOCUMENTATION, "/index.html")


def _against_scrapy(site: Site, rounds: int | None = None) -> tuple[tuple, tuple]:  # type: ignore[type-arg]
    contestants = (
        shoal(site, name=_ONE),
        shoal(site, "follow_each", name=_EACH),
        scrapy(site, "follow_new", name=_TUNED, rounds=rounds),
        scrapy(site, "follow_each", name=_IDIOMATIC, rounds=rounds),
    )
    demands = (all_right(_ONE, _EACH), ratio("cpu", _ONE, _TUNED, 10, 20), ratio("cpu", _ONE, _IDIOMATIC, 15, 40))
    return contestants, demands


def small() -> Row:
    """Site (a), for the slow ones."""
    site = _small()
    contestants, demands = _against_scrapy(site)
    pool, threads = naive(site, "pool", 1), naive(site, "threads", 1)
    contestants += (crawlee(site), pool, threads)
    demands += (ratio("wall", _ONE, "Crawlee", 15, 30),)
    demands += tuple(ratio("cpu", _ONE, each.name, 40, 70) for each in (pool, threads))
    return _row("crawl-small", site, "3 KB, 20 links, an item", contestants, demands, rounds=3)


def big() -> Row:
    """Site (b)."""
    site = _big()
    contestants, demands = _against_scrapy(site, 2)
    return _row("crawl-big", site, "25 KB, 100 links, 20 items", contestants, demands, rounds=3)


def docs() -> Row:
    """Site (c)."""
    site = _docs()
    contestants, demands = _against_scrapy(site, 1)
    return _row("crawl-docs", site, "documentation of OpenJDK 17", contestants, demands, rounds=3)


def whole() -> Row:
    """Site (a) as large as it was meant, Scrapy included, once: how much of a short crawl is its start."""
    site = _whole()
    contestants = (shoal(site, name=_ONE), scrapy(site, "follow_new", name=_TUNED, rounds=1), floor(site))
    demands = (all_right(_ONE), ratio("cpu", _ONE, _TUNED, 10, 20))
    return _row("crawl-whole", site, "3 KB, 20 links, an item", contestants, demands, rounds=3)


def _compiled(name: str, site: Site, work: str) -> Row:
    contestants = (shoal(site, name=_TWO, processes=2), shoal(site, name=_ONE), spider_rs(site), wget2(site))
    demands = (
        all_right(_TWO, _ONE),
        ratio("wall", _TWO, "spider-rs, no items", 0.8, 1.2),
        ratio("wall", _TWO, "wget2, no items", 0.8, 1),
    )
    return _row(name, site, work, contestants, demands, rounds=3)


def polite() -> Row:
    """What the parts cost that real crawls need."""
    site = _whole()
    contestants = (shoal(site, name="shoal, polite", **POLITE), shoal(site, name=_ONE), floor(site))
    demands = (all_right("shoal, polite", _ONE), at_most("cpu", "shoal, polite", "by hand", _POLITE_MUST, _POLITE_AIM))
    work = "3 KB; robots, retry, cookies, throttle and stats on"
    return _row("crawl-polite", site, work, contestants, demands, rounds=3)


def latency() -> Row:
    """Answers after 50 to 200 ms, 3,000 in flight."""
    site = _whole()
    many = {"CONCURRENT_REQUESTS": "3000", "CONCURRENT_REQUESTS_PER_DOMAIN": "3000"}
    slow = shoal(site, name="shoal, 50-200 ms", origin="{slow}", **many)
    contestants = (slow, shoal(site, name="shoal, 0 ms"))
    demands = (
        all_right(slow.name, "shoal, 0 ms"),
        ratio("wall", slow.name, "shoal, 0 ms", 0.5, 0.8),
        memory_below(slow.name, 150),
    )
    ground = partial(slowly_serving, site, OUT)
    work = "3 KB; 50-200 ms to every answer, 3,000 in flight"
    return _row("crawl-latency", site, work, contestants, demands, rounds=3, ground=ground)


ROWS: dict[str, Callable[[], Row]] = {
    "crawl-small": small,
    "crawl-big": big,
    "crawl-docs": docs,
    "crawl-whole": whole,
    "crawl-compiled-small": lambda: _compiled("crawl-compiled-small", _whole(), "3 KB, 20 links, an item"),
    "crawl-compiled-big": lambda: _compiled("crawl-compiled-big", _big(), "25 KB, 100 links, 20 items"),
    "crawl-compiled-docs": lambda: _compiled("crawl-compiled-docs", _docs(), "documentation of OpenJDK 17"),
    "crawl-polite": polite,
    "crawl-latency": latency,
}
