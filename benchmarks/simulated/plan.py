"""What a simulated crawl is, what came of it, and what can be reckoned of it by hand.

The one rule: values only; times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.simulated.costs import FIXED, Costs


@dataclass(frozen=True)
class Crawl:
    """What is simulated; times in seconds.

    machines, slots        how many, and the requests that each has under way at most
    pages, hosts, zipf     how many, and how unequal the hosts are; `most_per_host` pages are crawled of one at most
    seeds                  pages of each host that are known at the beginning; the others are found by `links`
    delay, fetch           between two requests to a host, and what one takes
    per_host               requests to a host at a time, where there is no delay
    shared                 a host's batches may be with several machines; only without a delay
    batch, window          pages in a lease, and pages that a machine has in hand
    partitions             of the frontier, each a server of its own
    links, unknown         on a page, and the share of those that are already known which a machine has not sent before
    fresh                  of the links on a page, those that nobody has found before, at most
    ramp                   within which the machines begin, one after another
    beat, latency          between two messages of a machine, and of one on its way
    work                   processor time of a machine's one core for each page
    ttl, renewed           how long a lease stands without a sign of life; False: it ends by then in any case
    *_life, *_rest         mean time between failures (0: none), and until it is back
    until                  the simulation ends by then (0: when all is done)
    """

    machines: int = 2
    slots: int = 16
    pages: int = 10_000
    hosts: int = 100
    zipf: float = 0.0
    most_per_host: int = 0
    seeds: int = 100
    delay: float = 0.0
    fetch: float = 0.1
    per_host: int = 1
    shared: bool = False
    batch: int = 8
    window: int = 512
    partitions: int = 1
    links: int = 10
    unknown: float = 0.1
    fresh: int = 2
    ramp: float = 0.0
    beat: float = 0.005
    latency: float = 0.0005
    work: float = 0.0
    ttl: float = 60.0
    renewed: bool = True
    machine_life: float = 0.0
    machine_rest: float = 60.0
    partition_life: float = 0.0
    partition_rest: float = 30.0
    until: float = 0.0
    seed: int = 1
    costs: Costs = FIXED

    @property
    def gap(self) -> float:
        """Seconds between two requests to a host, on average."""
        return max(self.delay, self.fetch / self.per_host)


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    `rate` is pages a second (of a run with `until`: in its second half, without those that were in vain), and
    `acknowledged` those that the partitions heard of in that time; `busy` is the share of time in which the busiest
    partition worked, `queue` the longest that a message waited, `marks` when half, 90 % and 99 % were done.
    """

    pages: int
    done: int
    seconds: float
    rate: float
    acknowledged: float
    busy: float
    queue: float
    marks: tuple[float, ...]
    returned: int
    stale: int
    events: int


def bounds(crawl: Crawl) -> dict[str, float]:
    """What can be had at most, in pages a second, by what there is least of. Closed forms: no simulation."""
    costs = crawl.costs
    links = crawl.links * crawl.unknown
    found = max(0.0, 1 - crawl.seeds * crawl.hosts / crawl.pages)
    page = costs.page + costs.lease / crawl.batch + links * costs.known + found * costs.new
    return {
        "slots": crawl.machines / max(crawl.fetch / crawl.slots, crawl.work, 1e-12),
        "hosts": crawl.hosts / max(crawl.gap, 1e-12),
        "partitions": crawl.partitions / page,
    }
