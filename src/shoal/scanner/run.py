"""A run from its plan to its last report: who probes, who counts, who is told.

The one rule: whatever ends a run (the last probe, Ctrl-C, a broken worker, the caller walking away) ends it through
the same door: what is known is reported, every output is closed, and `run.how_ended` says which it was.
"""

from __future__ import annotations

import time
from os import environ

from shoal.errors import MachineError
from shoal.scanner.plan import PING_PORTS
from shoal.scanner.probes import Batch, Job
from shoal.scanner.result import COMPLETED, DOWN, INTERRUPTED, HostReport, HostResult, Problem
from shoal.scanner.tally import EchoTally, PingTally, Tally
from shoal.workers import Beat, Lost, carrier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Protocol

    from shoal.scanner.kept import Kept
    from shoal.scanner.pieces import Piece, Sum
    from shoal.scanner.plan import Plan
    from shoal.scanner.probes import Block
    from shoal.scanner.result import PortResult, Run

    Found = PortResult | HostResult

    class Observer(Protocol):
        """Somebody who is told what a run finds, as `shoal.output.Output` is."""

        names: Mapping[str, Sequence[str]]
        wants_hosts: bool
        """Whether `host` is of interest; with nobody interested a sweep makes no report of each address."""

        def begin(self, run: Run) -> None:
            """Nothing was probed yet."""

        def result(self, result: Found) -> None:
            """A listed state was seen."""

        def host(self, report: HostReport) -> None:
            """An address is finished."""

        def flush(self) -> None:
            """A batch is over."""

        def end(self, run: Run) -> None:
            """The run is over."""


REPORTED_SILENT = 4_096
"""Up to so many addresses those that never answered are reported one by one, too."""


def _check_allowed(job: Job) -> None:
    """Where the job is carried: only what this machine's owner allows, if he has said so."""
    if "SHOAL_ALLOW" in environ:
        from shoal.cluster.allowed import refuse_outside

        refuse_outside(job.targets)


def probe_ports(job: Job) -> Any:
    """The engine of a port scan; made where the job is carried."""
    _check_allowed(job)
    from shoal.scanner.engines.connect import ConnectEngine

    return ConnectEngine(job, job.sockets)


def probe_echo(job: Job) -> Any:
    """The engine of an ICMP ping; made where the job is carried."""
    _check_allowed(job)
    from shoal.scanner.engines.icmp import IcmpEngine

    return IcmpEngine(job)


class Scan:
    """One run. Iterate over it (or `async for`) to carry it out; each found result comes as soon as it is known.

    `run` is the frame, complete when the iteration has ended; `reports` of finished addresses go to the observers.
    `stop()` ends it gracefully and may be called from a signal handler or another thread.
    """

    def __init__(self, plan: Plan, observers: Sequence[Observer] = (), run: Run | None = None) -> None:
        self.plan = plan
        self.observers = observers
        self.run = run or plan.run()
        self.notes: list[str] = []
        """Sentences for the user, known when the iteration has begun: a better way that is not permitted, say."""
        self.finishing = False
        """Whether the reports are being written: from here on nothing may interrupt."""
        self._stopped = False
        self._carrier: Any = None
        self._client: Any = None
        self._kept: Kept | None = None
        self._before: list[Piece] = []
        self._underway: dict[tuple[int, int] | None, int] = {}
        self._jobs: list[Job] = []
        self._started_at = 0.0

    def __iter__(self) -> Iterator[Found]:
        for found in self.batches():
            yield from found

    async def __aiter__(self) -> AsyncIterator[Found]:
        from shoal.scanner.background import in_background

        async for found in in_background(self.batches(), self.stop):
            for result in found:
                yield result

    @property
    def elapsed(self) -> float:
        """Seconds since the iteration began (monotonic)."""
        return time.monotonic() - self._started_at if self._started_at else 0.0

    @property
    def settled(self) -> int:
        """Probes that are settled, those of pieces that are under way included: for showing progress."""
        return self.run.probes_settled + sum(self._underway.values())

    def stop(self) -> None:
        """Send nothing more, take in what is in flight, then end."""
        self._stopped = True
        if self._carrier:
            self._carrier.stop()

    def batches(self) -> Generator[list[Found], None, None]:
        """What is found, in lists as they come; an empty one now and then, so that a caller may look at the counts."""
        self._started_at = time.monotonic()
        tally = self._prepare()
        began: list[Observer] = []
        batches = self._carrier.run()
        try:
            for observer in self.observers:
                observer.names = self.plan.gathered.names
                began.append(observer)
                observer.begin(self.run)
            for piece in self._before:
                yield self._take(tally, piece)
            if not self._stopped:
                for message in batches:
                    if self._kept:
                        self._kept.add(message)
                    yield self._take(tally, message)
            self.run.how_ended = INTERRUPTED if self._stopped else COMPLETED
        finally:
            batches.close()
            self._carrier.close()
            for opened in (self._client, self._kept):
                if opened is not None:
                    opened.close()
            self._finish(tally, began)

    def _prepare(self) -> Tally | Sum:
        """Decide who carries what, and who counts."""
        options = self.plan.options
        kind, wishes, make_engine, job = self._method()
        if options.job or options.cluster:
            return self._prepare_pieces(kind, wishes, make_engine, job)
        tally = kind(*wishes)
        tally.carried_by = self._carried_by
        self._jobs = self._shares(job)
        self._carrier = carrier(options.model, make_engine, self._jobs)
        return tally

    def _prepare_pieces(self, kind: type[Tally], wishes: tuple[Any, ...], make_engine: Any, job: Job) -> Sum:
        """For a scan that is kept or carried elsewhere."""
        from functools import partial

        from shoal.scanner.pieces import PieceRunner, Sum, pieces

        options, model, width = self.plan.options, self.plan.options.model, self.plan.workers
        if options.job:
            from shoal.scanner.kept import Kept, identity

            self._kept = Kept(options.job, identity(self.plan), self.run.argv)
        most: int | None = width
        if options.cluster:
            self._client, model = options.cluster(), "cluster"
            threads = sum(one["nthreads"] for one in self._client.scheduler_info(-1)["workers"].values())
            width = max(1, min(threads, options.ceiling or threads))
            most = width if options.ceiling else None  # who joins later carries, too, unless -n forbids it
        self._before = list(self._kept.pieces) if self._kept else []
        self._jobs = pieces(job, width, [piece.span for piece in self._before])
        runner = partial(PieceRunner, partial(kind, *wishes), make_engine)
        self._carrier = carrier(model, runner, self._jobs, most, client=self._client)
        return Sum()

    def _method(self) -> tuple[type[Tally], tuple[Any, ...], Any, Job]:
        """How this plan is carried out: who counts, what it is told, which engine probes, and the job."""
        options, names, job = self.plan.options, self.plan.gathered.names, self.plan.job
        if self.plan.command == "scan":
            few = job.targets.size <= REPORTED_SILENT
            return Tally, (options.listed, names, few), probe_ports, job
        list_silent = DOWN in options.listed
        if self._icmp_permitted():
            reporting = list_silent or any(observer.wants_hosts for observer in self.observers)
            return EchoTally, (names, list_silent, reporting), probe_echo, job
        job.ports = PING_PORTS
        self.run.probes_planned = job.probes
        return PingTally, ((), names, list_silent), probe_ports, job

    def _icmp_permitted(self) -> bool:
        wanted = self.plan.options.evidence
        if wanted == "tcp":
            return False
        from shoal.scanner.engines.icmp import not_permitted

        why = not_permitted(self.plan.gathered.targets)
        if why and wanted == "icmp":
            raise MachineError(why)
        if why:
            self.notes.append(why)
        return not why

    def _shares(self, job: Job) -> list[Job]:
        count = self.plan.workers
        if count == 1:
            return [job]
        shares = [job.share(index, count) for index in range(count)]
        if self.plan.options.model == "thread":
            from shoal.scanner.engines.sockets import stream_limit

            for share in shares:
                share.sockets = max(1, stream_limit() // count)
        return [share for share in shares if share.probes]

    def _carried_by(self, block: Block) -> int:
        addresses = len(block.addresses)
        return sum(
            1
            for job in self._jobs
            if (job.span is None or job.span[0] <= block.index < job.span[1])
            and any(job.shard.size(addresses * len(wave)) for wave in job.waves)
        )

    def _take(self, tally: Any, message: Batch | Piece | Beat | Lost) -> list[Found]:
        """Count a worker's message and tell the observers."""
        if isinstance(message, Beat):
            self._underway[message.about] = message.done
            return []
        if isinstance(message, Lost):
            self._lose(message)
            return []
        found: list[Found] = tally.take(message)
        self.run.probes_settled += message.settled
        self._underway.pop(getattr(message, "span", None), None)
        reports = list(tally.finished(message))
        for observer in self.observers:
            for result in found:
                observer.result(result)
            for report in reports:
                observer.host(report)
            observer.flush()
        return found

    def _lose(self, lost: Lost) -> None:
        """A worker broke: its unsettled probes were not scanned, and that is said."""
        if lost.error is not None and len(self._jobs) == 1:
            raise lost.error
        self.run.problems.append(Problem(f"part {lost.job + 1} of {len(self._jobs)}", lost.why))

    def _finish(self, tally: Tally | Sum, began: Iterable[Observer]) -> None:
        """Whatever happened: report what is known, and close every output that was begun."""
        self.finishing = True
        run = self.run
        run.how_ended = run.how_ended or INTERRUPTED
        run.duration = self.elapsed
        run.ended = now_utc()
        rest = list(tally.rest())
        run.counts = dict(tally.counts)
        for reason, (address, count) in tally.errors.items():
            run.problems.append(Problem(address, reason, count))
        problem: BaseException | None = None
        for observer in began:
            try:
                try:
                    for report in rest:
                        observer.host(report)
                finally:
                    observer.end(run)
            except (OSError, MachineError) as error:  # one full disk must not cost the other files
                problem = problem or error
        if problem:
            raise problem


def now_utc() -> str:
    """This moment as RFC 3339 in UTC, to the millisecond."""
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03}Z"
