"""Which probe comes next: the addresses of a job cut into blocks, each block's probes in a permuted order.

The one rule: memory follows the block, never the job. Addresses are taken in a permuted order and cut into blocks;
inside a block every (address, port) pair has a number and the numbers are permuted again, so that a burst of probes
falls on all addresses of the block alike. A block's per-address state lives only while one of its probes does.

Every worker and every machine that has the same targets, ports and seed sees the same blocks, and takes its shard of
the positions in each: shards are disjoint and together complete.
"""

from __future__ import annotations

from shoal.pace.order import WHOLE, Order, Shard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shoal.net.targets import TargetSet

BLOCK_PROBES = 131_072
BLOCK_ADDRESSES = 4_096


class Job:
    """What one worker is to probe, and within which bounds. Times in seconds.

    `ports` is empty for a ping sweep. `ceiling` is how many conversations may be in flight (None: as many as the
    machine allows), `longest` the longest time-out, `tries` the most times one probe is sent (None: from measured
    loss), `evidence` which kind of ping is wanted ("auto", "icmp", "tcp").
    """

    __slots__ = ("targets", "ports", "seed", "shard", "ceiling", "longest", "tries", "evidence")

    def __init__(
        self,
        targets: TargetSet,
        ports: Sequence[int] = (),
        seed: int = 0,
        shard: Shard = WHOLE,
        ceiling: int | None = None,
        longest: float = 1.0,
        tries: int | None = None,
        evidence: str = "auto",
    ) -> None:
        self.targets = targets
        self.ports = ports
        self.seed = seed
        self.shard = shard
        self.ceiling = ceiling
        self.longest = longest
        self.tries = tries
        self.evidence = evidence

    @property
    def probes(self) -> int:
        """How many probes the job has, retries not counted (of this shard)."""
        width = max(1, len(self.ports))
        per_block = block_addresses(width)
        whole, rest = divmod(self.targets.size, per_block)
        return whole * self.shard.size(per_block * width) + self.shard.size(rest * width)

    def share(self, index: int, count: int) -> Job:
        """The part of the job that worker `index` of `count` does: its shard, and its share of the ceiling."""
        ceiling = self.ceiling
        if ceiling is not None:
            ceiling = ceiling // count + (1 if index < ceiling % count else 0)
        shard = self.shard.split(index, count)
        return Job(
            self.targets, self.ports, self.seed, shard, ceiling, self.longest, self.tries, self.evidence
        )  # fmt: skip


class Batch:
    """What an engine says each time it has something to say: results, and the blocks that are now complete."""

    __slots__ = ("finished", "results")

    def __init__(self, results: list[object], finished: list[int]) -> None:
        self.results = results
        self.finished = finished


class Block:
    """A run of addresses that are probed together. `left` counts the probes that are not settled yet."""

    __slots__ = ("addresses", "index", "left", "order")

    def __init__(self, index: int, addresses: list[str], order: Order, left: int) -> None:
        self.index = index
        self.addresses = addresses
        self.order = order
        self.left = left


def block_addresses(width: int) -> int:
    """How many addresses make a block when each has `width` probes."""
    return max(1, min(BLOCK_ADDRESSES, BLOCK_PROBES // max(1, width)))


def blocks(job: Job) -> Iterator[Block]:
    """The job's blocks, made one by one as they are wanted; a block of which the shard has nothing is left out."""
    targets = job.targets
    width = max(1, len(job.ports))
    size = block_addresses(width)
    hosts = Order(targets.size, job.seed)
    for index, first in enumerate(range(0, targets.size, size)):
        count = min(size, targets.size - first)
        left = job.shard.size(count * width)
        if left:
            addresses = [targets.address(hosts[position]) for position in range(first, first + count)]
            yield Block(index, addresses, Order(count * width, job.seed + index), left)
