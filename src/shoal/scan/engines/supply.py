"""Which probe is sent next: given back ones first, then held ones, then fresh ones, and retries in rounds.

The one rule: a probe is in exactly one place (waiting here, in flight, or settled) until its block is complete.
Silent probes are asked again only when no fresh one may be taken, so that a retry comes a round later and is decided
with the loss measured over the whole round. Pure: opens nothing and knows no time.
"""

from __future__ import annotations

from collections import deque

from shoal.scan.engines.peers import Peer
from shoal.scan.probes import blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoal.scan.engines.peers import Probe
    from shoal.scan.probes import Block, Job

OPEN_BLOCKS = 3
"""Blocks under way at once: the next begins while the last silent probes of the one before are asked again."""

HELD_PROBES = 1_024
"""Probes set aside because their address has its window full, before no fresh ones are taken."""


class Supply:
    """The probes of a job that are not in flight."""

    def __init__(self, job: Job, ceiling: float) -> None:
        self._job = job
        self._ceiling = ceiling
        self._returned: list[Probe] = []
        self._ready: list[Peer] = []
        self._parked: deque[Probe] = deque()
        self._held = 0
        self._open_blocks = 0
        self._drained = False
        self._fresh = self._all_fresh()
        self.take = self._choose().__next__
        """The next probe that may be sent now, or None when something must end first."""

    @property
    def empty(self) -> bool:
        """Whether nothing is left to send, now or later."""
        return self._drained and not (self._returned or self._parked or self._held)

    def give_back(self, probe: Probe) -> None:
        """It could not be sent; it comes first."""
        self._returned.append(probe)

    def retry(self, probe: Probe) -> None:
        """It stayed silent; it is asked again in a later round."""
        self._parked.append(probe)

    def released(self, peer: Peer) -> None:
        """One conversation with this peer has ended: what is held for it may go."""
        if peer.held and not peer.listed:
            peer.listed = True
            self._ready.append(peer)

    def block_finished(self) -> None:
        """Every probe of a block is settled: another may begin."""
        self._open_blocks -= 1

    def stop(self) -> None:
        """Nothing more is to be sent: forget all that waits."""
        self._drained = True
        self._fresh = iter(())
        self._returned.clear()
        self._ready.clear()
        self._parked.clear()
        self._held = 0

    def _all_fresh(self) -> Iterator[Probe | None]:
        """Every probe of the job once; None while the next block must wait for one to finish."""
        shard = self._job.shard
        for block in blocks(self._job):
            while self._open_blocks >= OPEN_BLOCKS:
                yield None
            self._open_blocks += 1
            peers = self._peers(block)
            for ports, order in block.waves:
                width = len(ports)
                for number in order.walk(shard):
                    yield peers[number // width], ports[number % width], 0
        self._drained = True

    def _peers(self, block: Block) -> list[Peer]:
        return [Peer(address, block, self._ceiling, self._job.longest) for address in block.addresses]

    def _choose(self) -> Iterator[Probe | None]:
        while True:
            if self._returned:
                yield self._returned.pop()
            elif self._ready:
                probe = self._from_held()
                if probe:
                    yield probe
            elif self._held >= HELD_PROBES:
                yield None
            else:
                probe = next(self._fresh, None) or self._from_parked()
                if probe is None or probe[0].in_flight < probe[0].window.size:
                    yield probe
                else:
                    self._hold(probe)

    def _hold(self, probe: Probe) -> None:
        probe[0].held.append(probe)
        self._held += 1

    def _from_held(self) -> Probe | None:
        peer = self._ready[-1]
        if peer.held and peer.in_flight < peer.window.size:
            self._held -= 1
            return peer.held.pop()
        peer.listed = False
        self._ready.pop()
        return None

    def _from_parked(self) -> Probe | None:
        return self._parked.popleft() if self._parked else None
