"""`python -m benchmarks.cluster [--rounds N] [--addresses N] [--pieces N]`: what a cluster costs beside one process.

On loopback, without root: a scheduler with one worker and another with two, whose processor time counts. The same scan
here, in two processes, and on both; then pieces without content; then the coordinator of a crawl with empty work.
Writes results/cluster.md. The one rule: all who can do a job take turns, and every answer must be the same.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.empty_jobs import Nothing
from benchmarks.simulated import empty_work
from shoal.cluster.connect import connect
from shoal.cluster.crew import Crew
from shoal.cluster.member import Member
from shoal.lab.maze import Maze
from shoal.lab.ports import OpenPorts
from shoal.workers import carrier

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "cluster.md"
DAY = 86_400
Cluster = tuple[str, list[int]]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Way:
    """One way to carry the same job: options of the command line, the cluster's processes, and what was measured."""

    name: str
    options: tuple[str, ...]
    members: Sequence[int] = ()
    walls: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    answers: set[frozenset[str]] = field(default_factory=set)
    job: Sequence[str] = ()

    def run(self, job: Sequence[str], of: Callable[[str], frozenset[str]]) -> None:
        """Once; `of` finds the answer in what is printed."""
        before, begin = _cpu(self.members), time.perf_counter()
        command = [sys.executable, "-m", "shoal", *job, *self.options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            answer = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.walls.append(time.perf_counter() - begin)
        if process.returncode:
            raise RuntimeError(f"{self.name}: exit status {process.returncode}")
        self.own.append(usage.ru_utime + usage.ru_stime)
        self.theirs.append(_cpu(self.members) - before)
        self.answers.add(of(answer))

    def line(self, first: Way) -> str:
        """Of the table; `first` is what it is compared with."""
        wall, own, theirs = map(statistics.median, (self.walls, self.own, self.theirs))
        whole = statistics.median(map(sum, zip(first.own, first.theirs, strict=True)))
        return f"| {self.name} | {wall:.2f} | {own:.2f} | {theirs:.2f} | {(own + theirs) / whole:.2f} |"


def main() -> int:
    """Measure and write; 1 when an answer is wrong."""
    options = _options()
    with _cluster(1) as one, _cluster(2) as two:
        scans, found = _scans(one, two, options)
        crawls, fetched = _crawls(one, two, options)
        pieces = [_pieces(address, members, options.pieces) for address, members in (one, two)]
    lines = [
        *_report(options.rounds),
        *_table("The same scan", scans, found),
        *_table("The same crawl", crawls, fetched),
    ]
    text = "\n".join([*lines, *_piece_report(pieces), *_coordinator_report()])
    print(text)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(f"\nwritten: {RESULTS}", file=sys.stderr)
    return 0 if found and fetched else 1


def _ways(one: Cluster, two: Cluster, processes: tuple[str, ...]) -> list[Way]:
    return [
        Way("here, one process", ()),
        Way("here, two processes (`-m proc`)", ("-m", "proc", *processes)),
        Way("cluster, 1 worker", ("--cluster", one[0]), one[1]),
        Way("cluster, 2 workers", ("--cluster", two[0]), two[1]),
    ]


def _scans(one: Cluster, two: Cluster, options: argparse.Namespace) -> tuple[list[Way], bool]:
    """All ports of some addresses; whether every run found those that are open."""
    ways = _ways(one, two, ("--workers", "2"))
    with OpenPorts("127.0.9.1", 5) as ports:
        more = [f"127.0.9.2-127.0.9.{options.addresses}"] if options.addresses > 1 else []
        wanted = f"1-32767,{','.join(map(str, ports.ports))}"
        job = ("scan", "127.0.9.1", *more, "-p", wanted, "-q", "--yes")
        ours = frozenset(f"127.0.9.1:{port}" for port in ports.ports)
        # Others' ports come and go on this machine.
        _take_turns(
            ways, job, options.rounds, lambda said: frozenset(line.split()[0] for line in said.splitlines()) & ours
        )
    return ways, all(way.answers == {ours} for way in ways)


def _crawls(one: Cluster, two: Cluster, options: argparse.Namespace) -> tuple[list[Way], bool]:
    """Some pages of the lab's maze, which is one host that workers share; whether every run had each of them once."""
    ways = _ways(one, two, ("-j", "2"))
    with Maze() as maze:
        job = (
            "runspider", str(ROOT / "benchmarks" / "crawl_pages.py"), "-a", f"site={maze.url}",
            "-a", f"pages={options.pages_to_crawl}", "-s", "SHARE_HOSTS=1", "-s", "COOKIES_ENABLED=0", "-L", "ERROR",
            "-o", "-:jsonlines",
        )  # fmt: skip
        _take_turns(ways, job, options.rounds, lambda said: frozenset(said.splitlines()))
    return ways, all(len(answer) == options.pages_to_crawl for way in ways for answer in way.answers)


def _take_turns(ways: Sequence[Way], job: Sequence[str], rounds: int, of: Callable[[str], frozenset[str]]) -> None:
    for _ in range(rounds):
        for way in ways:
            way.run(job, of)
    ways[0].job = job


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often (default 5)")
    parser.add_argument("--addresses", type=int, default=16, metavar="N", help="of 65,535 ports each (default 16)")
    parser.add_argument("--pages", type=int, default=3_000, metavar="N", dest="pages_to_crawl", help="(default 3,000)")
    parser.add_argument("--pieces", type=int, default=2_000, metavar="N", help="without content (default 2,000)")
    return parser.parse_args()


@contextmanager
def _cluster(workers: int) -> Iterator[Cluster]:
    """A scheduler's address, and the processes of the cluster."""
    os.environ["PYTHONPATH"] = str(ROOT)  # the workers find what they are to carry
    with Crew() as crew:
        address = crew.add(Member("scheduler", "127.0.0.1"))
        for number in range(workers):
            crew.add(Member("worker", "127.0.0.1", 0, address, name=f"worker-{number}"))
        yield address, [process for _, process in crew.processes()]


def _cpu(processes: Sequence[int]) -> float:
    """Seconds of processor time that they have used so far, user and system, with those of children that have ended."""
    fields = [Path(f"/proc/{one}/stat").read_text("utf-8").rpartition(")")[2].split() for one in processes]
    return sum(sum(map(int, each[11:15])) for each in fields) / TICKS


def _pieces(address: str, members: Sequence[int], count: int) -> tuple[int, float, float, float]:
    """Workers; then seconds a piece: by the clock, of this process, of the cluster's."""
    with connect(address) as client:
        workers = len(members) - 1
        client.wait_for_workers(workers, timeout=60)
        list(carrier("cluster", Nothing, range(20), client=client).run())
        before, own, begin = _cpu(members), time.process_time(), time.perf_counter()
        said = list(carrier("cluster", Nothing, range(count), client=client).run())
        wall = time.perf_counter() - begin
        own, theirs = time.process_time() - own, _cpu(members) - before
    if sorted(said) != list(range(count)):
        raise RuntimeError(f"{len(said)} of {count} pieces came back")
    return workers, wall / count, own / count, theirs / count


def _report(rounds: int) -> list[str]:
    machine = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S%z}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return [
        "# What a cluster costs\n",
        f"Written by `python -m benchmarks.cluster`; {machine}. Medians of {rounds} rounds, taking turns; seconds.",
    ]


def _table(title: str, ways: Sequence[Way], right: bool) -> list[str]:
    job = " ".join(ways[0].job).replace(f"{ROOT}/", "")
    return [
        f"\n## {title}\n",
        f"`shoal {job}`. The right answer in every run: {'yes' if right else '**no**'}.\n",
        "| | wall | CPU, the command | CPU, the cluster | CPU, times the first |",
        "|---|--:|--:|--:|--:|",
        *(way.line(ways[0]) for way in ways),
    ]


def _piece_report(pieces: Sequence[tuple[int, float, float, float]]) -> list[str]:
    return [
        "\n## A piece of work without content\n",
        "Milliseconds for each: what a piece costs besides what is in it. A scan's piece has 262,144 probes.\n",
        "| workers | wall | CPU, the command | CPU, scheduler and workers |",
        "|--:|--:|--:|--:|",
        *(
            f"| {workers} | {wall * 1e3:.2f} | {own * 1e3:.2f} | {theirs * 1e3:.2f} |"
            for workers, wall, own, theirs in pieces
        ),
    ]


def _coordinator_report() -> list[str]:
    lines = [
        "\n## The coordinator of a crawl, with empty work\n",
        "Real processes, messages and frontier, pages that cost nothing, 10 links each. A coordinator is one process: "
        "with one core for itself it carries so many pages a day at most.\n",
        "| frontier | workers | pages/s here | coordinator, CPU µs/page | pages/s with a core | pages a day, 10^9 |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for durable in (False, True):
        for workers in (1, 2):
            measured = max(empty_work.measure(workers, durable) for _ in range(3))
            most = 1 / measured.coordinator
            lines.append(
                f"| {'in a file' if durable else 'in memory'} | {workers} | {measured.rate:,.0f} "
                f"| {measured.coordinator * 1e6:.1f} | {most:,.0f} | {most * DAY / 1e9:.1f} |"
            )
    return lines


if __name__ == "__main__":
    sys.exit(main())
