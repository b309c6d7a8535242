"""Everything that is decided before the first probe: what is scanned, by whom, and how much that is.

The one rule: a plan is complete and opens nothing. Whoever runs it needs no other word from the user, and whoever
prints it (`shoal plan`) sees exactly what a run would do.
"""

from __future__ import annotations

import os

from shoal.errors import UsageError
from shoal.pace.order import WHOLE, Shard
from shoal.scanner.probes import Job
from shoal.scanner.result import OPEN, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from shoal.net.ports import PortSet
    from shoal.scanner.gather import Gathered

PING_PORTS = (443, 80, 22, 445)
"""What a TCP ping asks: any answer, a refusal included, shows that the address is up."""

EVIDENCE = ("auto", "icmp", "tcp")


class Options:
    """How a run is carried out; every field has the default of the command line. Times in seconds.

    `ceiling` (-n) bounds the conversations in flight over all workers, None tunes itself; `model` (-m) is "async",
    "thread" or "proc"; `workers` how many (None: one a core, but never more than `ceiling`); `listed` the port states
    told one by one; `evidence` which kind of ping ("auto": ICMP if it is permitted, else TCP);
    `cluster` connects to the cluster that carries it instead of `model`, as a Dask client;
    `job` is the folder where the scan is kept, so that it can be gone on with.
    """

    __slots__ = (
        "ceiling",
        "model",
        "workers",
        "seed",
        "shard",
        "longest",
        "tries",
        "listed",
        "evidence",
        "cluster",
        "job",
    )

    def __init__(
        self,
        ceiling: int | None = None,
        model: str = "async",
        workers: int | None = None,
        seed: int = 0,
        shard: Shard = WHOLE,
        longest: float = 1.0,
        tries: int | None = None,
        listed: Iterable[str] = (OPEN,),
        evidence: str = "auto",
        cluster: Callable[[], Any] | None = None,
        job: str | None = None,
    ) -> None:
        self.ceiling = _at_least(1, ceiling, "the ceiling on conversations in flight (-n)")
        self.workers = _at_least(1, workers, "the number of workers")
        self.tries = _at_least(1, tries, "the number of tries")
        if longest <= 0:
            raise UsageError(f"a time-out must be above 0 seconds, not {longest:g}")
        if evidence not in EVIDENCE:
            raise UsageError(f"there is no kind of ping {evidence!r}", evidence, hint=" or ".join(EVIDENCE))
        self.model = model
        self.seed = seed
        self.shard = shard
        self.longest = longest
        self.listed = tuple(listed)
        self.evidence = evidence
        self.cluster = cluster
        self.job = job


class Plan:
    """One run, decided. `command` is "scan" or "ping"; `ports` is None for a ping."""

    __slots__ = ("command", "gathered", "ports", "options")

    def __init__(self, command: str, gathered: Gathered, ports: PortSet | None, options: Options) -> None:
        self.command = command
        self.gathered = gathered
        self.ports = ports
        self.options = options

    @property
    def job(self) -> Job:
        """The whole job (of this machine's shard), before it is shared among workers."""
        options = self.options
        return Job(
            self.gathered.targets,
            tuple(self.ports or ()),
            options.seed,
            options.shard,
            options.ceiling,
            options.longest,
            options.tries,
            options.evidence,
        )

    @property
    def workers(self) -> int:
        """How many workers carry it: as many as asked for or as there are cores, but each needs a conversation."""
        if self.options.model == "async":
            return 1
        wanted = self.options.workers or os.cpu_count() or 1
        return min(wanted, self.options.ceiling or wanted)

    def run(self, argv: Iterable[str] = (), started: str = "", targets: Iterable[str] = ()) -> Run:
        """The frame of the results."""
        from shoal import __version__

        options, gathered = self.options, self.gathered
        run = Run(
            self.command,
            argv,
            __version__,
            targets or gathered.targets.ranges(),
            gathered.excluded,
            gathered.targets.size,
            self.ports.text() if self.ports else "",
            len(self.ports) if self.ports else 0,
            f"{options.shard.index + 1}/{options.shard.count}" if options.shard.count > 1 else None,
            options.seed,
            options.model,
            options.ceiling,
            started,
        )
        run.probes_planned = self.job.probes
        run.problems = list(gathered.problems)
        return run


def parse_shard(text: str) -> Shard:
    """The meaning of `--shard i/n`, counted from 1: "2/3" is the second of three. Raises UsageError."""
    index, slash, count = text.partition("/")
    if not (slash and index.isdecimal() and count.isdecimal()):
        raise UsageError("a shard is written as its number and how many there are", text, hint="1/2")
    if not 1 <= int(index) <= int(count):
        raise UsageError(f"there is no shard {index} of {count}", text, hint=f"1/{max(1, int(count))}")
    return Shard(int(index) - 1, int(count))


def _at_least(least: int, number: int | None, what: str) -> int | None:
    if number is not None and number < least:
        raise UsageError(f"{what} must be {least} or more, not {number}")
    return number
