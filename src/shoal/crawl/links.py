"""Links of a page that are known already, left out before any request is made of them.

The one rule: a link is left out only where the request of it would certainly be a duplicate: the same href in the
same directory, the same absolute one, or one that means the same URL, scheduled before, and asked for in a way that
does not change what a request is. Everything else takes the ordinary way through the scheduler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.dupefilter import RFPDupeFilter
from shoal.crawl.fingerprint import RequestFingerprinter
from shoal.crawl.follow import FollowAll
from shoal.crawl.response import TextResponse
from shoal.crawl.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoal.crawl.crawler import Crawler

# Arguments of follow_all that do not change what is requested.
_HARMLESS = frozenset({"callback", "errback", "cb_kwargs", "meta", "priority", "headers", "cookies", "flags"})
# This many hrefs are remembered before the memory is emptied: about 100 bytes each.
_MOST = 1_000_000


class LinkFilter:
    """Remembers the hrefs that have been scheduled: absolute ones by origin, others by directory."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._places: dict[str, set[str]] = {}
        # The URLs of the requests that were made of them: another page may say the same in other words.
        self._urls: set[str] = set()
        self._count = 0
        self._usable: bool | None = None

    def schedule_new(self, links: FollowAll, process: Any) -> None:
        """Schedule requests for the links that are not known.

        `process(request, response)` is what the spider middlewares do to a request; None drops it.
        """
        engine: Any = self._crawler.engine
        if not self._may_leave_out(links):
            for made in links:
                request = process(made, links.response)
                if request is not None:
                    engine.crawl(request)
            return
        hrefs = links.rest()
        dropped = len(hrefs) - self._schedule_fresh(links, hrefs, process)
        if dropped:
            self._crawler.stats.inc_value("dupefilter/filtered", dropped)
        engine._slot.nextcall.schedule()

    def _schedule_fresh(self, links: FollowAll, hrefs: list[str], process: Any) -> int:
        """Schedule the links whose URL nobody has asked for; how many requests were made."""
        engine: Any = self._crawler.engine
        response, urls, made = links.response, self._urls, 0
        join = response._join()
        absolute, relative = self._places_of(join.base)
        for place, href in _fresh(hrefs, absolute, relative).items():
            if join(place) in urls:
                self._remember(place, absolute, relative)
                continue
            made += 1
            request = process(links.request_for(href), response)
            if request is not None and engine._welcome(request):
                engine._enqueue(request)
                urls.add(request.url.partition("#")[0])
                self._remember(place, absolute, relative)
        return made

    def _places_of(self, base: str) -> tuple[set[str], set[str]]:
        """The hrefs that are known in the origin of a page, and those in its directory."""
        query = base.find("?")
        end = base.rfind("/", 8, query if query > 0 else None) + 1
        places = self._places
        if self._count > _MOST:
            places.clear()
            self._urls.clear()
            self._count = 0
        origin = base[: base.find("/", 8)]
        directory = base[:end] if end else origin + "/"
        absolute = places.get(origin)
        if absolute is None:
            absolute = places[origin] = set()
        relative = places.get(directory)
        if relative is None:
            relative = places[directory] = set()
        return absolute, relative

    def _remember(self, href: str, absolute: set[str], relative: set[str]) -> None:
        """Know an href from now on; one that means something else on every page, or in every encoding, is not known."""
        if not href or href[0] in "?;" or not href.isascii():
            return
        self._count += 1
        rooted = href[0] == "/" or href.startswith(("http://", "https://"))
        (absolute if rooted else relative).add(href)

    def _may_leave_out(self, links: FollowAll) -> bool:
        if self._usable is None:
            self._usable = self._nothing_special()
        return (
            self._usable
            and len(links.arguments) <= 1
            and _harmless(links.keywords)
            and type(links.response).follow is TextResponse.follow
            and not self._watched()
        )

    def _nothing_special(self) -> bool:
        """Whether duplicates are what they usually are: the project has put nothing of its own in their place."""
        scheduler = self._crawler.engine._slot.scheduler
        return (
            type(scheduler) is Scheduler
            and type(scheduler.df) is RFPDupeFilter
            and not scheduler.df.debug
            and type(self._crawler.request_fingerprinter) is RequestFingerprinter
        )

    def _watched(self) -> bool:
        """Whether anybody wants to see the requests that are left out. Shoal's own parts do not."""
        bus = self._crawler.signals
        return any(not _is_ours(call) for call in bus.listeners(signals.request_scheduled)) or bool(
            bus.listeners(signals.request_dropped)
        )


def _fresh(hrefs: list[str], absolute: set[str], relative: set[str]) -> dict[str, str]:
    """Those that are not known, in the page's order: the href without its fragment, and as it stood there first.

    The usual fingerprint knows no fragments, so two hrefs that differ only there are the same.
    """
    if relative.issuperset(hrefs) or absolute.issuperset(hrefs):
        return {}
    first: dict[str, str] = {}
    for href in hrefs:
        place = href.partition("#")[0] if "#" in href else href
        if place not in first and place not in relative and place not in absolute:
            first[place] = href
    return first


def _harmless(keywords: dict[str, Any]) -> bool:
    return keywords.keys() <= _HARMLESS and "verbatim_url" not in (keywords.get("meta") or ())


def _is_ours(listener: Any) -> bool:
    return type(getattr(listener, "__self__", listener)).__module__.startswith("shoal.crawl.")


def with_links_whole(generator: Any) -> Iterator[Any]:
    """What a callback's generator gives, except that all of a `yield from follow_all()` comes in one piece.

    The generator goes on behind its `yield from` when that piece has been used up.
    """
    for thing in generator:
        inner = generator.gi_yieldfrom
        while hasattr(inner, "gi_yieldfrom"):
            inner = inner.gi_yieldfrom
        # The first request was made before anybody could see where it comes from.
        yield inner if type(inner) is FollowAll and inner.take_back(thing) else thing
