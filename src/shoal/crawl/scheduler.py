"""The scheduler: takes requests from the engine, drops those made before, and gives them back in order.

The one rule: a request is counted and kept once: on disk when the job has a directory and the request can be written,
in memory otherwise. On disk is the job's file, or, for a project that names disk queues, those.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.crawl import pqueues, squeues
from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.dupefilter import RFPDupeFilter
from shoal.crawl.frontier import recovery
from shoal.crawl.frontier.memory import MemoryFrontier, NewestFirst, OldestFirst, SlotFrontier
from shoal.crawl.frontier.ring import SlotRing
from shoal.crawl.jobdir import job_dir, keeps_job_file, refuse_other_queues
from shoal.crawl.scheduler_base import BaseScheduler
from shoal.crawl.stats import count_each
from shoal.crawl.verdict import judge

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.dupefilter import BaseDupeFilter
    from shoal.crawl.job import Job
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider
    from shoal.crawl.stats import StatsCollector

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.scheduler")

_UNWRITTEN = (
    "Unable to serialize request: %(request)s - reason: %(reason)s - it waits in memory and is lost if the job is "
    "paused; no more unserializable requests will be logged (see 'scheduler/unserializable' stats counter)"
)
_CUT_OFF = (
    "The last run of this job was cut off before it closed its queues: requests that waited in %(folder)s are taken up "
    "as far as they can be read; queues in SQLite lose none"
)
_ENQUEUED_MEMORY = ("scheduler/enqueued/memory", "scheduler/enqueued")
_ENQUEUED_DISK = ("scheduler/enqueued/disk", "scheduler/enqueued")
_DEQUEUED_MEMORY = ("scheduler/dequeued/memory", "scheduler/dequeued")
_DEQUEUED_DISK = ("scheduler/dequeued/disk", "scheduler/dequeued")
# The memory queues that the frontiers in memory do themselves.
_ROWS: dict[Any, type[Any]] = {squeues.LifoMemoryQueue: NewestFirst, squeues.FifoMemoryQueue: OldestFirst}


class Scheduler(BaseScheduler):
    """The usual scheduler: a filter of duplicates, and requests by priority in memory or on disk.

    `jobdir` is the job's directory; `dqclass` and `mqclass` are the classes of queues on disk and in memory, `pqclass`
    that of the priority queue above them; `logunser` logs the first request that cannot be written with its traceback.
    """

    def __init__(
        self,
        dupefilter: BaseDupeFilter,
        jobdir: str | None = None,
        dqclass: type[Any] | None = None,
        mqclass: type[Any] | None = None,
        logunser: bool = False,
        stats: StatsCollector | None = None,
        pqclass: type[Any] | None = None,
        crawler: Crawler | None = None,
    ) -> None:
        self.df: BaseDupeFilter = dupefilter
        self._job_folder = jobdir if crawler is not None and keeps_job_file(crawler.settings) else None
        self.job: Job | None = None
        self.dqdir: str | None = None if self._job_folder else _queue_dir(jobdir)
        self.pqclass = pqclass
        self.dqclass = dqclass
        self.mqclass = mqclass
        self.logunser = logunser
        self.stats = stats
        self.crawler = crawler
        self._sdqclass = self._start_class("SCHEDULER_START_DISK_QUEUE")
        self._smqclass = self._start_class("SCHEDULER_START_MEMORY_QUEUE")
        self._told_unwritten = False
        self.spider: Spider | None = None
        self.mqs: Any = None
        self.dqs: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The scheduler that the settings ask for."""
        settings = crawler.settings
        return cls(
            dupefilter=build_from_crawler(load_object(settings["DUPEFILTER_CLASS"]), crawler),
            jobdir=job_dir(settings),
            dqclass=load_object(settings["SCHEDULER_DISK_QUEUE"]),
            mqclass=load_object(settings["SCHEDULER_MEMORY_QUEUE"]),
            logunser=settings.getbool("SCHEDULER_DEBUG"),
            stats=crawler.stats,
            pqclass=load_object(settings["SCHEDULER_PRIORITY_QUEUE"]),
            crawler=crawler,
        )

    def _start_class(self, setting: str) -> type[Any] | None:
        path = self.crawler.settings[setting] if self.crawler is not None else None
        return load_object(path) if path else None

    def open(self, spider: Spider) -> Any:
        """Make the queues, take up those on disk, and open the filter; gives what the filter gives.

        Raises ValueError when a job was begun with another kind of priority queue.
        """
        self.spider = spider
        self.mqs = self._in_memory()
        if self._job_folder:
            self._open_job(self._job_folder, spider)
        else:
            self.dqs = self._on_disk() if self.dqdir else None
        return self.df.open()

    def close(self, reason: str) -> Any:
        """Note what is left on disk, and close the filter; gives what the filter gives."""
        if self.job is not None:
            self.job.close(reason, worked=self.stats is None or not judge(self.stats.get_stats())[0])
        elif self.dqs is not None and self.dqdir is not None:
            recovery.write_state(self.dqdir, self.dqs.close())
        return self.df.close(reason)

    def has_pending_requests(self) -> bool:
        """Whether requests wait, ready or not."""
        return len(self) > 0

    @property
    def waits_for_slots(self) -> bool:
        """After `next_request` gave None: whether that is because what waits has no room in its download slot."""
        return len(self) > 0

    def __len__(self) -> int:
        return len(self.mqs) + (len(self.dqs) if self.dqs is not None else 0)

    def enqueue_request(self, request: Request) -> bool:
        """Take a request; False, and a word in the log, for one made before that does not say `dont_filter`."""
        if not request.dont_filter and self.df.request_seen(request):
            self.df.log(request, self.spider)  # type: ignore[arg-type]
            return False
        if self.dqs is not None and self._written(request):
            self._count(_ENQUEUED_DISK)
        else:
            self.mqs.push(request)
            self._count(_ENQUEUED_MEMORY)
        return True

    def next_request(self) -> Request | None:
        """The next request: those in memory, which cannot wait for another run, before those on disk."""
        request: Request | None = self.mqs.pop()
        if request is not None:
            self._count(_DEQUEUED_MEMORY)
            return request
        if self.dqs is not None:
            request = self._read()
            if request is not None:
                self._count(_DEQUEUED_DISK)
        return request

    def _read(self) -> Request | None:
        """The next request on disk that can be read; those that cannot are counted, told and left behind."""
        left = len(self.dqs)
        while True:
            try:
                request: Request | None = self.dqs.pop()
            except Exception as error:
                if len(self.dqs) >= left:
                    raise
                left = len(self.dqs)
                logger.error(
                    "A request that waited on disk is lost: %(reason)s",
                    {"reason": error},
                    extra={"spider": self.spider},
                )
                if self.stats is not None:
                    self.stats.inc_value("scheduler/unreadable")
            else:
                return request

    def _count(self, statistics: tuple[str, str]) -> None:
        if self.stats is not None:
            count_each(self.stats, statistics)

    def _written(self, request: Request) -> bool:
        """Put the request on disk; False when it cannot be written."""
        try:
            self.dqs.push(request)
            if self.job is not None:
                self.job.changed()
        except ValueError as error:
            self._tell_unwritten(request, error)
            if self.stats is not None:
                self.stats.inc_value("scheduler/unserializable")
            return False
        return True

    def _tell_unwritten(self, request: Request, error: ValueError) -> None:
        """Say once that the job cannot be taken up again completely, whether or not somebody debugs."""
        if self._told_unwritten:
            return
        self._told_unwritten = True
        logger.warning(
            _UNWRITTEN, {"request": request, "reason": error}, exc_info=self.logunser, extra={"spider": self.spider}
        )

    def _in_memory(self) -> Any:
        """A frontier of ours where it gives the order that was asked for, the classes that were asked for otherwise."""
        usual, start = _ROWS.get(self.mqclass), _ROWS.get(self._smqclass) if self._smqclass else None
        if usual is not None and (start is not None or self._smqclass is None):
            if self.pqclass is pqueues.ScrapyPriorityQueue:
                return MemoryFrontier(usual, start)
            if self.pqclass is pqueues.DownloaderAwarePriorityQueue:
                pqueues.refuse_slots_by_address(self.crawler.settings)  # type: ignore[union-attr]
                return SlotFrontier(self.crawler.engine.downloader, usual, start, pqueues.in_next_round())  # type: ignore[union-attr]
        return self._queue(self.mqclass, "", None, self._smqclass)

    def _open_job(self, folder: str, spider: Spider) -> None:
        """Take up the job in the folder, or begin it. Raises UsageError for one that cannot be gone on with."""
        from shoal.crawl.job import Job

        refuse_other_queues(folder)
        ring = slot_of = None
        if isinstance(self.mqs, SlotFrontier):
            downloader = self.crawler.engine.downloader  # type: ignore[union-attr]
            ring, slot_of = SlotRing(downloader, pqueues.in_next_round()), downloader.get_slot_key
        self.job = Job(folder, spider, ring, slot_of)
        self.dqs = self.job.frontier
        if isinstance(self.df, RFPDupeFilter):
            self.df.keep_in(self.job.seen)
        self._tell_resumed()

    def _tell_resumed(self) -> None:
        if len(self.dqs):
            logger.info(
                "Resuming crawl (%(queuesize)d requests scheduled)",
                {"queuesize": len(self.dqs)},
                extra={"spider": self.spider},
            )

    def _on_disk(self) -> Any:
        assert self.dqdir is not None
        state = recovery.read_state(self.dqdir)
        if state is None and recovery.was_cut_off(self.dqdir):
            logger.warning(_CUT_OFF, {"folder": self.dqdir}, extra={"spider": self.spider})
            state = self._left_on_disk(self.dqdir)
        queue = self._queue(self.dqclass, self.dqdir, state, self._sdqclass)
        self._refuse_if_unreadable(queue)
        recovery.forget_state(self.dqdir)
        self.dqs = queue
        self._tell_resumed()
        return queue

    def _refuse_if_unreadable(self, queue: Any) -> None:
        """Raises ValueError, and leaves the job as it is, when not even the first request can be read."""
        try:
            queue.peek()
        except NotImplementedError:
            return
        except Exception as error:
            recovery.write_state(self.dqdir, queue.close())  # type: ignore[arg-type]
            kind = getattr(self.dqclass, "__name__", self.dqclass)
            raise ValueError(
                f"the requests that wait in {self.dqdir} cannot be read by {kind} ({error}); go on with the "
                "SCHEDULER_DISK_QUEUE and the spider that the job was begun with, or begin a new job directory"
            ) from error

    def _left_on_disk(self, folder: str) -> Any:
        """What a run that was cut off has left; for priority queues of the project's own, nothing."""
        if self.pqclass is pqueues.ScrapyPriorityQueue:
            return recovery.left_priorities(folder)
        if self.pqclass is pqueues.DownloaderAwarePriorityQueue:
            crawler, usual, start = self.crawler, self.dqclass, self._sdqclass
            return recovery.left_slots(
                folder,
                crawler.engine.downloader,  # type: ignore[union-attr]
                lambda path, state: pqueues.ScrapyPriorityQueue(crawler, usual, path, state, start_queue_cls=start),  # type: ignore[arg-type]
            )
        return None

    def _queue(self, kind: type[Any] | None, key: str, state: Any, start: type[Any] | None) -> Any:
        assert self.pqclass is not None
        assert self.crawler is not None
        more = {"startprios": state} if state else {}
        return build_from_crawler(
            self.pqclass, self.crawler, downstream_queue_cls=kind, key=key, start_queue_cls=start, **more
        )


def _queue_dir(jobdir: str | None) -> str | None:
    """The folder of the queues, which exists afterwards."""
    if not jobdir:
        return None
    path = Path(jobdir, "requests.queue")
    path.mkdir(parents=True, exist_ok=True)
    return str(path)
