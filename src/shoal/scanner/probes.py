"""Which probe comes next: the addresses of a job cut into blocks, each block's probes in a permuted order.

The one rule: memory follows the block, never the job. Addresses are taken in a permuted order and cut into blocks;
inside a block every (address, port) pair has a number and the numbers are permuted again, so that a burst of probes
falls on all addresses of the block alike. A block's per-address state lives only while one of its probes does.

Every worker and every machine that has the same targets, ports and seed sees the same blocks, and takes its shard of
the positions in each: shards are disjoint and together complete.
"""

from __future__ import annotations

from itertools import islice

from shoal.pace.order import WHOLE, Order, Shard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from shoal.net.targets import TargetSet

BLOCK_PROBES = 131_072
BLOCK_ADDRESSES = 4_096

SCOUTS = frozenset((22, 23, 53, 80, 135, 443, 445, 3389))
"""Ports of remote log-in, web and file sharing: on a host with a firewall these are the ones let through."""

SCOUTED = 64
"""With no more ports than this all are asked at once anyway."""


class Job:
    """What one worker is to probe, and within which bounds. Times in seconds.

    `ports` is empty for a ping sweep. `ceiling` is how many conversations may be in flight (None: as many as the
    machine allows), `longest` the longest time-out, `tries` the most times one probe is sent (None: from measured
    loss), `evidence` which kind of ping is wanted ("auto", "icmp", "tcp"), `sockets` how many sockets it may own
    (None: as many as the process may), `span` the first block that is its own and the first that is not (None: all).
    """

    __slots__ = ("targets", "ports", "seed", "shard", "ceiling", "longest", "tries", "evidence", "sockets", "span")

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
        sockets: int | None = None,
        span: tuple[int, int] | None = None,
    ) -> None:
        self.span = span
        self.targets = targets
        self.ports = ports
        self.seed = seed
        self.shard = shard
        self.ceiling = ceiling
        self.longest = longest
        self.tries = tries
        self.evidence = evidence
        self.sockets = sockets

    @property
    def probes(self) -> int:
        """How many probes the job has, retries not counted (of this shard)."""
        per_block = self.block_addresses
        first, last = self.span or (0, self.block_count)
        whole, rest = divmod(min(last * per_block, self.targets.size) - first * per_block, per_block)
        return sum(
            whole * self.shard.size(per_block * len(wave)) + self.shard.size(rest * len(wave)) for wave in self.waves
        )

    @property
    def waves(self) -> list[Sequence[int]]:
        """The ports in the waves they are asked in; a ping sweep is one wave of one nameless probe."""
        ports = self.ports
        if not ports:
            return [(0,)]
        scouts = [port for port in ports if port in SCOUTS] if len(ports) > SCOUTED else []
        return [scouts, [port for port in ports if port not in SCOUTS]] if scouts else [ports]

    @property
    def block_addresses(self) -> int:
        """How many addresses make a block."""
        return max(1, min(BLOCK_ADDRESSES, BLOCK_PROBES // max(1, len(self.ports))))

    @property
    def block_count(self) -> int:
        """How many blocks all the targets make."""
        return -(-self.targets.size // self.block_addresses)

    def share(self, index: int, count: int) -> Job:
        """The part of the job that worker `index` of `count` does: its shard, and its share of the ceiling."""
        ceiling = self.ceiling
        if ceiling is not None:
            ceiling = ceiling // count + (1 if index < ceiling % count else 0)
        shard = self.shard.split(index, count)
        return Job(
            self.targets, self.ports, self.seed, shard, ceiling, self.longest, self.tries, self.evidence, span=self.span
        )  # fmt: skip


class Batch:
    """What an engine says each time it has something to say: results, and the blocks that are now complete."""

    __slots__ = ("finished", "results")

    def __init__(self, results: list[Any], finished: list[Block]) -> None:
        self.results = results
        self.finished = finished

    @property
    def settled(self) -> int:
        """How many probes it settles."""
        return len(self.results)


class Block:
    """Addresses that are probed together. `left` counts the probes that are not settled yet.

    `waves` are (ports, order) pairs: number n of an order stands for address n // len(ports), port n % len(ports).
    """

    __slots__ = ("addresses", "index", "left", "waves")

    def __init__(self, index: int, addresses: list[str], waves: list[tuple[Sequence[int], Order]], left: int) -> None:
        self.index = index
        self.addresses = addresses
        self.waves = waves
        self.left = left

    def __reduce__(self) -> tuple[object, ...]:
        """A finished block travels between processes as its addresses."""
        return Block, (self.index, self.addresses, [], 0)

    @property
    def order(self) -> Order:
        """The order of a block that has one wave, as in a ping sweep."""
        return self.waves[-1][1]


def blocks(job: Job) -> Iterator[Block]:
    """The job's blocks, made one by one as they are wanted; a block of which the shard has nothing is left out."""
    targets, waves, size = job.targets, job.waves, job.block_addresses
    begin, end = job.span or (0, job.block_count)
    hosts = Order(targets.size, job.seed).walk(skip=begin * size)
    for index in range(begin, end):
        count = min(size, targets.size - index * size)
        left = sum(job.shard.size(count * len(wave)) for wave in waves)
        addresses = targets.addresses(islice(hosts, count))
        if left:
            ordered = [(wave, Order(count * len(wave), job.seed + index)) for wave in waves]
            yield Block(index, addresses, ordered, left)
