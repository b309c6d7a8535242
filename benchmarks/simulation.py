"""`python -m benchmarks.simulation [--seed N] [--calibrate]`: what many machines would do, in virtual time.

First the costs of the real lease frontiers are measured here (seconds); then each row is simulated with them. With
--calibrate, real runs come first, each beside the same run simulated (half a minute); results/scaling.md is written.
The one rule: a row says what it assumes, and every figure that is not measured here is named as an assumption.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from time import perf_counter

from benchmarks.simulated import scaling
from benchmarks.simulated.costs import Costs, measured
from benchmarks.simulated.crawl import simulate
from benchmarks.simulated.plan import Crawl, Outcome, bounds
from benchmarks.simulated.scan import Scan
from benchmarks.simulated.scan import simulate as simulate_scan

PLENTY = 10_000_000_000
# 1,000 machines of 100 requests at a time, 1 s each, hosts asked once a second: 100,000 pages/s at best.
FLEET = Crawl(
    machines=1_000, slots=100, pages=20_000_000, hosts=200_000, seeds=40, delay=1.0, fetch=1.0, batch=20, window=2_000,
    beat=1.0, until=60.0, partitions=8, ttl=10.0,
    fresh=1, ramp=20.0,
)  # fmt: skip
FAILING = {"machine_life": 600.0, "machine_rest": 20.0, "partition_life": 60.0, "partition_rest": 5.0, "until": 60.0}
TAIL = Crawl(
    machines=100, slots=100, pages=400_000, hosts=20_000, zipf=1.0, most_per_host=1_000, seeds=20, delay=1.0,
    fetch=0.5, batch=20, window=2_000, beat=1.0, partitions=4,
)  # fmt: skip
SMALL = replace(FLEET, machines=20, hosts=4_000, pages=400_000, partitions=1, ttl=10.0)

CRAWLS: list[tuple[str, Crawl]] = [
    ("8 partitions", FLEET),
    ("1 partition", replace(FLEET, partitions=1)),
    ("1 partition, machines send every link", replace(FLEET, partitions=1, unknown=1.0)),
    ("8 partitions; machines die, partitions fall", replace(FLEET, **FAILING)),
    ("8 partitions, 50,000 hosts", replace(FLEET, hosts=50_000)),
    ("20 machines, 4,000 hosts, leases renewed", SMALL),
    ("the same, leases of 10 s not renewed", replace(SMALL, renewed=False)),
    ("100 machines, hosts by Zipf up to 1,000 pages", TAIL),
]
# 2^32 addresses x 10 ports, 2^18 probes a piece.
SPACE = Scan(addresses=1 << 32, ports=10, workers=200, rate=25_000.0, handling=5e-3)
SCANS: list[tuple[str, Scan]] = [
    ("100 machines x 2 workers", SPACE),
    ("each worker dies once in 2 hours", replace(SPACE, worker_life=7_200.0)),
    ("1 machine x 2 workers, a /16 and 100 ports", replace(SPACE, addresses=1 << 16, ports=100, workers=2)),
]


def main() -> int:
    """Measure, simulate, print; 1 if a simulated run is further from its real one than is said to be good."""
    options = _options()
    begin = perf_counter()
    memory, durable = measured(durable=False), measured(durable=True)
    lines = [*_costs(memory, durable), *_crawls(durable, options.seed), *_scans(options.seed)]
    print("\n".join(lines))
    good = True
    if options.calibrate:
        good, more = scaling.compared(memory, durable)
        print("\n".join(more))
        print(f"\nwritten: {scaling.write(lines, more)}")
    print(f"\n{perf_counter() - begin:.0f} s", file=sys.stderr)
    return 0 if good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulation", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of all that is drawn (default 1)")
    parser.add_argument("--calibrate", action="store_true", help="real runs, too; writes results/scaling.md")
    return parser.parse_args()


def _costs(memory: Costs, durable: Costs) -> list[str]:
    return [
        "## Service times\n",
        "Microseconds of one core, measured at the beginning of this run on the real lease frontiers.\n",
        "| frontier | message | lease | page | new link | known link |",
        "|---|--:|--:|--:|--:|--:|",
        *(
            f"| {name} | " + " | ".join(f"{seconds * 1e6:.1f}" for seconds in _values(costs)) + " |"
            for name, costs in (("in memory", memory), ("in a file", durable))
        ),
    ]


def _values(costs: Costs) -> tuple[float, ...]:
    return costs.message, costs.lease, costs.page, costs.new, costs.known


def _crawls(costs: Costs, seed: int) -> list[str]:
    lines = [
        "\n## Crawls\n",
        "Partitions are lease frontiers in files. Unless a row says otherwise: 1,000 machines with 100 requests at a "
        "time each, 1 s a fetch, 1 s between two requests to a host, 200,000 hosts, 20 pages a lease, 10 links a page "
        "of which a machine sends a tenth, a message a second, 2,000 pages in hand. Pages a second are those of the "
        "second half of the first minute; machines begin within 20 s. In the "
        "fourth row a machine dies once in 600 s on average for 20 s, a partition once in 60 s for 5 s.\n",
        "| case | pages/s | acknowledged/s | bound by | busiest partition | longest queue, s | fetched again | |",
        "|---|--:|--:|---|--:|--:|--:|---|",
    ]
    for name, crawl in CRAWLS:
        asked = replace(crawl, costs=costs, seed=seed)
        outcome = simulate(asked)
        lines.append(_crawl_line(name, asked, outcome))
    return lines


def _crawl_line(name: str, crawl: Crawl, outcome: Outcome) -> str:
    what, bound = min(bounds(crawl).items(), key=lambda one: one[1])
    marks = zip(("50 %", "90 %", "99 %"), outcome.marks, strict=False)
    cells = (
        name,
        f"{outcome.rate:,.0f}",
        f"{outcome.acknowledged:,.0f}",
        f"{what}: {bound:,.0f}",
        f"{outcome.busy:.0%}",
        f"{outcome.queue:.2f}",
        f"{outcome.returned:,}",
        ", ".join(f"{share} after {seconds:,.0f} s" for share, seconds in marks)
        if not crawl.until
        else "no lease was ever done"
        if not outcome.done
        else "",
    )
    return f"| {' | '.join(cells)} |"


def _scans(seed: int) -> list[str]:
    lines = [
        "\n## Scans\n",
        "Pieces of 262,144 probes; assumed: 25,000 probes a second and worker (what a loop settles here when all "
        "answer is some 75,000), 5 ms of the scheduler for a piece (results/cluster.md), 15 s until a "
        "silent worker is given up. Unless "
        "a row says otherwise 2^32 addresses and 10 ports.\n",
        "| case | pieces | hours | without losses | begun in vain | scheduler busy |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, scan in SCANS:
        outcome = simulate_scan(scan, seed=seed)
        lines.append(
            f"| {name} | {outcome.pieces:,} | {outcome.seconds / 3600:.2f} | {outcome.ideal / 3600:.2f} "
            f"| {outcome.repeated:,} | {outcome.busy:.2%} |"
        )
    return lines


if __name__ == "__main__":
    sys.exit(main())
