"""The scheduler of a worker: it is fed by leases, and what callbacks ask for goes to the coordinator.

The one rule: what this worker has seen does not travel again, and a lease is acknowledged when the last of its requests
is done with all that came of it. A request that cannot be written down is carried out here; until it is, nothing is
acknowledged, for a crash would lose it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl.dupefilter import RFPDupeFilter
from shoal.crawl.frontier.leases import Ack, Entry
from shoal.crawl.scheduler import Scheduler
from shoal.crawl.spread.origins import Origins
from shoal.crawl.spread.wire import RequestText

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from shoal.crawl.frontier.leases import Lease
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider
    from shoal.crawl.spread.outbox import Outbox

logger = logging.getLogger("scrapy.core.scheduler")

_STAYS = (
    "Unable to write down %(request)s - reason: %(reason)s - it is fetched by the process that made it, whosever host "
    "it is; no more such requests will be logged (see 'scheduler/unserializable' stats counter)"
)


class _InHand:
    """A lease whose requests are being carried out."""

    __slots__ = ("host", "left", "token")

    def __init__(self, token: int, host: str, count: int) -> None:
        self.token = token
        self.host = host
        self.left = set(range(count))


class LeasedScheduler(Scheduler):
    """What the crawl's scheduler would be, with the queue at the coordinator. Built from the crawler of a worker."""

    outbox: Outbox
    # Links may be left out in bulk: what is a duplicate is decided as usual.
    drops_as_usual = True

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """As usual, with the worker's outbox."""
        scheduler = super().from_crawler(crawler)
        scheduler.outbox = crawler.part.outbox
        return scheduler

    def open(self, spider: Spider) -> Any:
        """As usual; nothing waits yet."""
        self.text = RequestText(spider)
        self._in_hand: dict[Request, tuple[_InHand, int]] = {}
        self._leases: dict[int, _InHand] = {}
        self._local: set[Request] = set()
        self._kept_acks: list[Ack] = []
        # How many wait at the coordinator, as it last said.
        self.elsewhere = 0
        # Fewer requests than this in hand, and what is to be told is told at once.
        self.low = 0
        self._filters = isinstance(self.df, RFPDupeFilter)
        if self.outbox.kept:
            self.job = Origins(self._token, self.outbox.start_is_over)  # type: ignore[assignment]
        return super().open(spider)

    def _token(self, request: Request) -> int:
        found = self._in_hand.get(request)
        return found[0].token if found is not None else 0

    def __len__(self) -> int:
        return super().__len__() + self.elsewhere + len(self.outbox.entries)

    def has_pending_requests(self) -> bool:
        """Whether requests wait here."""
        return len(self.mqs) > 0

    @property
    def busy(self) -> int:
        """How many requests there are that only this worker knows."""
        return len(self._local)

    def enqueue_request(self, request: Request) -> bool:
        """Send a request to the coordinator; False for one that this worker has made before."""
        mark = self._mark()
        if not request.dont_filter and self.df.request_seen(request):
            self.df.log(request, self.spider)  # type: ignore[arg-type]
            return False
        try:
            text = self.text.write(request)
        except (TypeError, ValueError) as reason:
            self._keep(request, reason)
            return True
        self.outbox.entry(Entry(self._key(request), text, self._fingerprint(request) or mark, request.priority))
        return True

    def _mark(self) -> bytes | None:
        """Of a request that the start gives, in a job: that it is known again."""
        if self.job is None:
            return None
        start: Any = self.job.start
        mark: bytes | None = start.mark
        start.mark = None
        return mark

    def _key(self, request: Request) -> str:
        """Under which key it is leased: with whom it stays together."""
        meta = request._meta
        if meta is not None and "affinity" in meta:
            return str(meta["affinity"])
        slot: str = self.crawler.engine.downloader.get_slot_key(request)  # type: ignore[union-attr]
        return slot

    def _fingerprint(self, request: Request) -> bytes | None:
        if request.dont_filter or not self._filters:
            return None
        fingerprint: bytes = self.crawler.request_fingerprinter.fingerprint(request)  # type: ignore[union-attr]
        return fingerprint

    def _keep(self, request: Request, reason: Exception) -> None:
        if not self._told_unwritten:
            self._told_unwritten = True
            logger.warning(_STAYS, {"request": request, "reason": reason}, extra={"spider": self.spider})
        if self.stats is not None:
            self.stats.inc_value("scheduler/unserializable")
        self._local.add(request)
        self.mqs.push(request)

    def _count(self, *_: Any) -> None:
        """The coordinator counts."""

    def take(self, leases: Iterable[Lease], elsewhere: int) -> None:
        """Requests to carry out."""
        self.elsewhere = elsewhere
        read, push = self.text.read, self.mqs.push
        for token, host, texts, delay in leases:
            lease = self._leases[token] = _InHand(token, host, len(texts))
            if delay:
                self._keep_distance(host, delay)
            for position, text in enumerate(texts):
                try:
                    request = read(text)
                except Exception as reason:
                    logger.error("A request cannot be read and is left out: %s (%s)", text, reason)
                    self._done(lease, position)
                    continue
                self._in_hand[request] = lease, position
                push(request)

    def _keep_distance(self, host: str, delay: float) -> None:
        """Begin with the delay that whoever had the host before has come to."""
        downloader = self.crawler.engine.downloader  # type: ignore[union-attr]
        if host not in downloader.slots and delay > getattr(downloader, "_delay", delay):
            downloader.per_slot_settings.setdefault(host, {}).setdefault("delay", delay)

    def finished(self, request: Request) -> None:
        """A request is done, with all that came of it."""
        found = self._in_hand.pop(request, None)
        if found is not None:
            self._done(*found)
        elif request in self._local:
            self._local.discard(request)
            if not self._local:
                for ack in self._kept_acks:
                    self.outbox.ack(ack)
                self._kept_acks.clear()
                self.outbox.hurry()

    def _done(self, lease: _InHand, position: int) -> None:
        lease.left.discard(position)
        if not lease.left:
            self._acknowledge(lease)

    def _acknowledge(self, lease: _InHand) -> None:
        del self._leases[lease.token]
        ack = Ack(lease.token, 0.0, self._delay(lease.host), tuple(lease.left))
        if self._local:
            self._kept_acks.append(ack)
            return
        self.outbox.ack(ack)
        if len(self.mqs) <= self.low:
            self.outbox.hurry()

    def _delay(self, host: str) -> float | None:
        slot = self.crawler.engine.downloader.slots.get(host)  # type: ignore[union-attr]
        return getattr(slot, "delay", None)

    def close(self, reason: str) -> Any:
        """Give back what has not been carried out."""
        self._local.clear()
        for ack in self._kept_acks:
            self.outbox.ack(ack)
        for lease in list(self._leases.values()):
            self._acknowledge(lease)
        return super().close(reason)
