"""Real runs beside the same runs simulated, and the report of both.

The one rule: what is put into a simulation is measured before and apart from the run it is compared with; the two that
are not, the pages in a lease and the links that workers sent, are named, for they say what the work was.
"""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.leases import HOSTS, PAGES
from benchmarks.simulated import empty_work, real_crawl
from benchmarks.simulated.costs import Costs
from benchmarks.simulated.crawl import simulate
from benchmarks.simulated.plan import Crawl, Outcome

RESULTS = Path(__file__).parents[1] / "results" / "scaling.md"
GOOD = 0.1
"""A simulated crawl whose bound is no processor must come so close to the real one."""
POLITE = Crawl(machines=real_crawl.WORKERS, hosts=20, pages=1_600, slots=32, delay=0.1, batch=1)
BUSY = Crawl(machines=real_crawl.WORKERS, hosts=20, pages=640, slots=8, fetch=0.2, per_host=8, batch=1, shared=True)


class Pair(NamedTuple):
    """One figure twice. `bound`: no processor is what it depends on, so that a loaded machine is no excuse."""

    what: str
    real: float
    simulated: float
    bound: bool

    @property
    def deviation(self) -> float:
        """Of the simulated one, as a share of the real one."""
        return self.simulated / self.real - 1

    def line(self) -> str:
        """Of the table."""
        return f"| {self.what} | {self.real:,.4g} | {self.simulated:,.4g} | {self.deviation:+.1%} |"


def compared(memory: Costs, durable: Costs) -> tuple[bool, list[str]]:
    """Whether the simulation is good enough, and the table. Takes half a minute."""
    pairs = [*_crawls(memory), *_coordinators(memory, durable)]
    good = all(abs(pair.deviation) <= GOOD for pair in pairs if pair.bound)
    return good, [
        "\n## Simulated and real\n",
        "The first two are real crawls: `shoal.crawl` with two processes, their coordinator, HTTP, and the lab's maze; "
        "the time of a fetch is measured with one request after another. The others are "
        f"{PAGES:,} pages of {HOSTS} hosts that cost nothing, by real processes through the real coordinator, "
        "as fast as it can: its processor time is what decides where it saturates, and "
        f"does not depend on what else the machine does; the rate does, and is shown for two processes on "
        f"{os.cpu_count()} cores. Must: the first two within {GOOD:.0%}: {'yes' if good else '**no**'}.\n",
        "| | real | simulated | deviation |",
        "|---|--:|--:|--:|",
        *(pair.line() for pair in pairs),
    ]


def _crawls(costs: Costs) -> list[Pair]:
    pairs = []
    for what, crawl, latency in (
        ("crawl, 20 hosts, 0.1 s apart: pages/s", POLITE, 0.0),
        ("crawl, 16 requests at a time, 0.2 s each: pages/s", BUSY, 0.2),
    ):
        fetch = real_crawl.fetch_seconds(latency)
        real = real_crawl.rate(crawl.pages, crawl.hosts, crawl.delay, crawl.slots, latency)
        simulated = simulate(crawl, fetch=fetch, costs=costs, seeds=crawl.pages)
        pairs.append(Pair(what, real, simulated.rate, bound=True))
    return pairs


def _coordinators(memory: Costs, durable: Costs) -> list[Pair]:
    pairs = []
    for name, costs in (("in memory", memory), ("in a file", durable)):
        for workers in (1, 2):
            real = empty_work.measure(workers, durable=costs is durable)
            simulated = empty_run(real, workers, costs)
            who = f"frontier {name}, {workers} worker{'s' if workers > 1 else ''}"
            microseconds = simulated.busy * simulated.seconds / simulated.done * 1e6
            pairs.append(Pair(f"{who}: coordinator, CPU µs/page", real.coordinator * 1e6, microseconds, bound=False))
            if workers == 1:  # a core for each process, here too
                pairs.append(Pair(f"{who}: pages/s", real.rate, simulated.rate, bound=False))
    return pairs


def empty_run(real: empty_work.Measured, workers: int, costs: Costs) -> Outcome:
    """The run of `empty_work`, with the pages in a lease and the links that were sent as they were there."""
    again = max(0.0, real.sent - 1)
    batch = max(1, round(1 / real.leases))
    crawl = Crawl(
        machines=workers, slots=1_000, pages=PAGES, hosts=HOSTS, seeds=workers * empty_work.SLOTS, fetch=1e-6,
        batch=batch, window=512, links=1, unknown=again, fresh=2, beat=1e-4, latency=1e-4, costs=costs,
        work=empty_work.cost_of_answers(),
    )  # fmt: skip
    return simulate(crawl)


def write(lines: list[str], compared_lines: list[str]) -> Path:
    """The report."""
    machine = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S%z}; {os.cpu_count()} cores, Linux {platform.release()}, "
    text = [
        "# Many machines, simulated\n",
        "Written by `python -m benchmarks.simulation --calibrate`. What it means: docs/scaling.md.\n",
        *compared_lines,
        "",
        *lines,
        "",
        f"{machine}Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}",
        "",
    ]
    RESULTS.write_text("\n".join(text).replace("\n\n\n", "\n\n"), encoding="utf-8")
    return RESULTS
