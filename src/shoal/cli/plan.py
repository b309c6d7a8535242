"""`shoal plan`: what a scan or ping would do, without doing it."""

from __future__ import annotations

import sys

from shoal.cli import options
from shoal.pace.timing import FIRST_WINDOW
from shoal.scanner.plan import Plan
from shoal.scanner.probes import blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from shoal.scanner.probes import Job

SUMMARY = "Say what a scan (or with --ping, a sweep) would do. Nothing is sent; names are resolved."

EXAMPLES = """\
examples:
  shoal plan 10.0.0.0/8
  shoal plan 10.0.0.0/24 -p top:100 -n 500 -m proc --shard 1/4
"""

SYN_BYTES = 74
"""An Ethernet frame that carries a SYN with Linux's options."""

SAMPLE = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    options.add_targets(parser)
    options.add_ports(parser)
    parser.add_argument("--ping", action="store_true", help="plan a sweep instead of a port scan")
    options.add_pace(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the plan; returns the exit status."""
    ports = None if arguments.ping else options.ports(arguments)
    plan = Plan("ping" if arguments.ping else "scan", options.gathered(arguments), ports, options.options(arguments))
    sys.stdout.write("".join(f"{name + ':':12}{value}\n" for name, value in described(plan)))
    return 3 if plan.gathered.problems else 0


def described(plan: Plan) -> Iterator[tuple[str, str]]:
    """The lines of a plan as (name, value)."""
    job, how, gathered = plan.job, plan.options, plan.gathered
    yield (
        "addresses",
        f"{gathered.targets.size:,}"
        + (f" ({gathered.duplicates:,} named more than once, probed once)" if gathered.duplicates else ""),
    )
    for problem in gathered.problems:
        yield "not scanned", f"{problem.target} ({problem.reason})"
    if plan.ports:
        yield "ports", f"{plan.ports.text()} ({len(plan.ports):,} each)"
    shard = f" in shard {how.shard.index + 1} of {how.shard.count}" if how.shard.count > 1 else ""
    yield "probes", f"{job.probes:,}{shard}, each sent once or, unanswered, 2 to 8 times"
    yield "carried by", f"{plan.workers} {WORKERS[how.model][plan.workers > 1]}"
    yield "in flight", f"at most {how.ceiling:,}" if how.ceiling else f"from {FIRST_WINDOW:.0f} up, as answers come"
    yield "traffic", f"at least {_size(job.probes * SYN_BYTES)} sent"
    yield "time", _times(job)
    yield "order", f"seed {how.seed}; begins with {', '.join(_first(job))}"


WORKERS = {"async": ("loop", "loops"), "thread": ("thread", "threads"), "proc": ("process", "processes")}


def _first(job: Job) -> Iterator[str]:
    """The first probes, as they would be sent."""
    for block in blocks(job):
        for ports, order in block.waves:
            for number in list(_some(order.walk(job.shard))):
                address = block.addresses[number // len(ports)]
                port = ports[number % len(ports)]
                yield (f"[{address}]" if ":" in address else address) + (f":{port}" if port else "")
            return


def _some(numbers: Iterator[int]) -> Iterator[int]:
    for _, number in zip(range(SAMPLE), numbers, strict=False):
        yield number


def _times(job: Job) -> str:
    """How long it takes if everything answers near, far, and not at all (measured rates; seconds per probe)."""
    window = job.ceiling or 4096
    near, far = max(5e-6, 50e-6 / window), max(12e-6, 0.02 / window)
    silent = 3 * 0.5 / window
    texts = [_duration(job.probes * each) for each in (near, far, silent)]
    return f"about {texts[0]} if all answer at once, {texts[1]} at 20 ms, {texts[2]} if nothing answers"


def _duration(seconds: float) -> str:
    for name, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {name}"
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{max(seconds, 0.01):.2f} s"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.0f} PB"
