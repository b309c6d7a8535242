"""Links of a page that are known already, left out before any middleware sees a request of them.

The one rule: a link is left out only where the request of it would certainly be a duplicate, or refused again: the
same href in the same directory, the same absolute one, or one that means the same URL, scheduled or refused before,
and asked for in a way that does not change what a request is. Everything else takes the ordinary way through the
scheduler.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.dupefilter import RFPDupeFilter
from shoal.crawl.fingerprint import RequestFingerprinter
from shoal.crawl.follow import FollowAll
from shoal.crawl.middleware.downloader.offsite import OffsiteMiddleware
from shoal.crawl.request import Request
from shoal.crawl.response import TextResponse
from shoal.crawl.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.signals import SignalManager

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
        # Whether anybody watches, and after how many changes of the signals' listeners that was so.
        self._watched_then: tuple[int, bool] | None = None
        # Who refuses requests by their host, if anybody does.
        self._refusing: OffsiteMiddleware | None = None

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
        hrefs = self._not_refused(links.rest(), links)
        self._count_duplicates(len(hrefs) - self._schedule_fresh(links, hrefs, process))
        engine._slot.nextcall.schedule()

    def schedule(self, request: Request) -> None:
        """Schedule one request, and know its URL from now on."""
        engine: Any = self._crawler.engine
        if not _is_plain(request) or not self._duplicates_are_usual():
            engine.crawl(request)
        elif engine._schedule_request(request):
            engine._slot.nextcall.schedule()
            self._make_room()
            self._urls.add(request.url.partition("#")[0])
            self._count += 1

    def things_of(self, generator: Any, links_pass: bool) -> Iterator[Any]:
        """What a callback's generator gives, but all of a `yield from follow_all()` in one piece, and no known links.

        `links_pass`: no spider middleware wants to see those. The generator goes on behind its `yield from` when that
        piece has been used up.
        """
        leave_out: bool | None = None if links_pass else False
        for thing in generator:
            if isinstance(thing, Request):
                inner = _delegate_of(generator)
                # The first request was made before anybody could see where it comes from.
                if type(inner) is FollowAll and inner.take_back(thing):
                    yield inner
                    continue
                if leave_out is None:
                    leave_out = self._duplicates_are_usual() and not self._watched()
                if leave_out and self._is_known(thing):
                    self._count_duplicates(1)
                    continue
            yield thing

    def _is_known(self, request: Request) -> bool:
        return request.url.partition("#")[0] in self._urls and _is_plain(request)

    def _count_duplicates(self, number: int) -> None:
        if number:
            self._crawler.stats.inc_value("dupefilter/filtered", number)

    def _not_refused(self, hrefs: list[str], links: FollowAll) -> list[str]:
        """The hrefs without those that a middleware has refused before, and would refuse again."""
        refusing = self._refusing
        if refusing is None or "allow_offsite" in (links.keywords.get("meta") or ()):
            return hrefs
        refused = refusing.refused_links()
        if refused.isdisjoint(hrefs):
            return hrefs
        left = [href for href in hrefs if href not in refused]
        refusing.count_refused(len(hrefs) - len(left))
        return left

    def _schedule_fresh(self, links: FollowAll, hrefs: list[str], process: Any) -> int:
        """Schedule the links whose URL nobody has asked for; how many of the hrefs were no duplicates."""
        engine: Any = self._crawler.engine
        response, urls, made = links.response, self._urls, 0
        join = response._join()
        absolute, relative = self._places_of(join.base)
        for place, href in _fresh(hrefs, absolute, relative).items():
            url = join(place)
            if url in urls:
                self._remember(place, absolute, relative)
                continue
            made += 1
            request = process(links.request_to(url if href == place else join(href)), response)
            if request is None:
                continue
            if not engine._welcome(request):
                made += self._note_refused(place, hrefs)
            elif engine._enqueue(request):
                urls.add(request.url.partition("#")[0])
                self._remember(place, absolute, relative)
        return made

    def _note_refused(self, place: str, hrefs: list[str]) -> int:
        """Remember a whole URL, which would be refused on every page; how many more of the hrefs mean the same."""
        if self._refusing is None:
            return 0
        same = [href for href in hrefs if href.partition("#")[0] == place]
        if place.startswith(("http://", "https://")) and place.isascii():
            self._refusing.refused_links().update(same)
        self._refusing.count_refused(len(same) - 1)
        return len(same) - 1

    def _places_of(self, base: str) -> tuple[set[str], set[str]]:
        """The hrefs that are known in the origin of a page, and those in its directory."""
        query = base.find("?")
        end = base.rfind("/", 8, query if query > 0 else None) + 1
        places = self._places
        self._make_room()
        origin = base[: base.find("/", 8)]
        directory = base[:end] if end else origin + "/"
        absolute = places.get(origin)
        if absolute is None:
            absolute = places[origin] = set()
        relative = places.get(directory)
        if relative is None:
            relative = places[directory] = set()
        return absolute, relative

    def know(self, urls: list[str]) -> None:
        """These have been asked for elsewhere, in the usual way and without a fragment."""
        self._make_room()
        self._urls.update(urls)
        self._count += len(urls)

    def _make_room(self) -> None:
        if self._count > _MOST:
            self._places.clear()
            self._urls.clear()
            self._count = 0

    def _remember(self, href: str, absolute: set[str], relative: set[str]) -> None:
        """Know an href from now on; one that means something else on every page, or in every encoding, is not known."""
        if not href or href[0] in "?;" or not href.isascii():
            return
        self._count += 1
        rooted = href[0] == "/" or href.startswith(("http://", "https://"))
        (absolute if rooted else relative).add(href)

    def _may_leave_out(self, links: FollowAll) -> bool:
        kind = type(links.response)
        return (
            self._duplicates_are_usual()
            and len(links.arguments) <= 1
            and _harmless(links.keywords)
            and kind.follow is TextResponse.follow
            and kind.urljoin is TextResponse.urljoin
            and not self._watched()
        )

    def _duplicates_are_usual(self) -> bool:
        """Whether duplicates are what they usually are: the project has put nothing of its own in their place."""
        if self._usable is None:
            scheduler = self._crawler.engine._slot.scheduler
            self._usable = (
                (type(scheduler) is Scheduler or "drops_as_usual" in vars(type(scheduler)))
                and type(scheduler.df) is RFPDupeFilter
                and not scheduler.df.debug
                and type(self._crawler.request_fingerprinter) is RequestFingerprinter
            )
        return self._usable

    def _watched(self) -> bool:
        """Whether anybody wants to see the requests that are left out. Our own parts do not; who refuses is noted."""
        bus = self._crawler.signals
        if self._watched_then is None or self._watched_then[0] != bus.changes or "pydispatch.dispatcher" in sys.modules:
            self._watched_then = (bus.changes, self._look_for_watchers(bus))
        return self._watched_then[1]

    def _look_for_watchers(self, bus: SignalManager) -> bool:
        if not bus.has_receivers(signals.request_scheduled) and not bus.has_receivers(signals.request_dropped):
            self._refusing = None
            return False
        owners = [getattr(call, "__self__", call) for call in bus.listeners(signals.request_scheduled)]
        self._refusing = next((owner for owner in owners if type(owner) is OffsiteMiddleware), None)
        return not all(map(_is_ours, owners)) or bool(bus.listeners(signals.request_dropped))


def _fresh(hrefs: list[str], absolute: set[str], relative: set[str]) -> dict[str, str]:
    """Those that are not known, in the page's order: the href without its fragment, and as it stood there first.

    The usual fingerprint knows no fragments, so two hrefs that differ only there are the same.
    """
    new = set(hrefs).difference(relative).difference(absolute)
    if not new:
        return {}
    first: dict[str, str] = {}
    for href in hrefs:
        if href in new:
            place = href.partition("#")[0]
            if place not in first and place not in relative and place not in absolute:
                first[place] = href
    return first


def _harmless(keywords: dict[str, Any]) -> bool:
    return keywords.keys() <= _HARMLESS and "verbatim_url" not in (keywords.get("meta") or ())


def _is_ours(listener: Any) -> bool:
    return type(listener).__module__.startswith("shoal.crawl.")


def _is_plain(request: Request) -> bool:
    """Whether its URL is all that makes it what it is."""
    return (
        type(request) is Request
        and request.method == "GET"
        and not request.body
        and not request.dont_filter
        and not (request._meta and "verbatim_url" in request._meta)
    )


def _delegate_of(generator: Any) -> Any:
    """What the generator delegates to just now, through all its `yield from`."""
    inner = generator.gi_yieldfrom
    while hasattr(inner, "gi_yieldfrom"):
        inner = inner.gi_yieldfrom
    return inner
