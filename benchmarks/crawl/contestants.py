"""The crawlers, each with the command that suits it best.

The one rule: ours and Scrapy get the same spider files and the same settings; what else differs is named.
"""

from __future__ import annotations

import functools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.crawl import tools
from benchmarks.crawl.answers import Items, Pages
from benchmarks.harness import Contestant

if TYPE_CHECKING:
    from benchmarks.crawl.sites import Site

PEERS = Path(__file__).parent / "peers"
OUT = tools.HOME / "out" / "items.jl"
SHOAL = str(Path(sys.executable).with_name("shoal"))
# More at once, no log, and nothing that costs and is not needed here: good for both.
TUNED = {
    "LOG_LEVEL": "ERROR",
    "CONCURRENT_REQUESTS": "64",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "64",
    "COOKIES_ENABLED": "0",
    "RETRY_ENABLED": "0",
    "TELNETCONSOLE_ENABLED": "0",
    "MEMUSAGE_ENABLED": "0",
}
UVLOOP = {"ASYNCIO_EVENT_LOOP": "uvloop.Loop"}  # ours has it anyway
POLITE = {
    "COOKIES_ENABLED": "1",
    "RETRY_ENABLED": "1",
    "ROBOTSTXT_OBEY": "1",
    "AUTOTHROTTLE_ENABLED": "1",
    # The throttle decides at every page, but the crawl is not to sleep: processor time is what is measured.
    "AUTOTHROTTLE_START_DELAY": "0",
    "AUTOTHROTTLE_MAX_DELAY": "0.0001",
    "DOWNLOADER_STATS": "1",
}


@dataclass(frozen=True)
class Crawler(Contestant):
    """A contestant that may lack more than its program."""

    lacks: str | None = None

    @property
    def missing(self) -> str | None:
        """Why it cannot take part."""
        return self.lacks or super().missing


def shoal(
    site: Site,
    spider: str = "follow_all",
    *,
    name: str = "shoal",
    processes: int = 1,
    origin: str = "{origin}",
    **more: str,
) -> Crawler:
    """Ours, running a spider file; `more` are settings."""
    # One site is one host: it is spread only when that is asked for.
    model = () if processes == 1 else ("-m", "proc", "-j", str(processes), "-s", "SHARE_HOSTS=1")
    lacks = None if processes == 1 or _has_models() else "there is no -m proc -j N yet"
    command = _spider(SHOAL, spider, origin + site.start, TUNED | more) + model
    return Crawler(name, command, Items(site, OUT), lacks=lacks)


def scrapy(site: Site, spider: str, *, name: str, rounds: int | None = None) -> Crawler:
    """Scrapy, running the same."""
    command = _spider(tools.program_of("scrapy"), spider, "{origin}" + site.start, TUNED | UVLOOP)
    return Crawler(name, command, Items(site, OUT), rounds)


def _spider(program: str, spider: str, start: str, settings: dict[str, str]) -> tuple[str, ...]:
    words = [program, "runspider", str(PEERS / f"{spider}_spider.py"), "-a", f"start={start}", "-O", "{out}:jsonlines"]
    for name, value in settings.items():
        words += ["-s", f"{name}={value}"]
    return tuple(words)


def crawlee(site: Site, rounds: int | None = None) -> Crawler:
    """Crawlee for Python."""
    command = (tools.python_of("crawlee"), str(PEERS / "crawlee_parsel.py"), "{origin}" + site.start, "{out}")
    return Crawler("Crawlee", command, Items(site, OUT), rounds)


def naive(site: Site, kind: str, rounds: int | None = None) -> Crawler:
    """The homework: `kind` is threads or pool."""
    command = (tools.python_of("naive"), str(PEERS / "naive.py"), "{origin}" + site.start, "{out}", kind)
    return Crawler(f"requests, {kind}, bs4", command, Items(site, OUT), rounds)


def floor(site: Site) -> Crawler:
    """Written by hand for this site."""
    command = (tools.python_of("floor"), str(PEERS / "floor.py"), "{origin}" + site.start, "{out}")
    return Crawler("by hand", command, Items(site, OUT))


def spider_rs(site: Site) -> Crawler:
    """Rust; no items."""
    lacks = None if (tools.NODE / "node_modules").exists() else "spider-rs is not installed"
    command = ("node", str(PEERS / "spider_rs.js"), str(tools.NODE), "{origin}" + site.start)
    return Crawler("spider-rs, no items", command, Pages(site), lacks=lacks)


def wget2(site: Site) -> Crawler:
    """C; no items, but files."""
    lacks = Contestant("wget2", ("wget2",), str).missing
    return Crawler(
        "wget2, no items", ("sh", str(PEERS / "wget2.sh"), "{origin}" + site.start), Pages(site), lacks=lacks
    )


@functools.cache
def _has_models() -> bool:
    """Whether our command knows `-m proc -j N`."""
    said = subprocess.run([SHOAL, "runspider", "--help"], capture_output=True, text=True, check=False).stdout
    return "  -j " in said
